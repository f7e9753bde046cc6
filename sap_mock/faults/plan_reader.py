"""A plan's JSON → :class:`sap_mock.faults.plan.FaultPlan`: everything is checked when the plan is made."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol

from sap_mock import identifiers
from sap_mock.edm.model import Model
from sap_mock.faults.fault import Fault, Parameter
from sap_mock.faults.plan import FaultPlan


class PlanRefused(Exception):
    """A plan that cannot be carried out; the message names the field and what is allowed."""


class Served(Protocol):
    """A service as far as a plan's scope can name it; ``segments`` are what may stand first behind its root."""

    @property
    def name(self) -> str: ...
    @property
    def segments(self) -> Collection[str]: ...
    @property
    def model(self) -> Model: ...


def _text(value: Any) -> bool:
    """Texts go into header fields, JSON and XML, none of which takes a control character or half a character."""
    return isinstance(value, str) and not any(unicodedata.category(character) in ("Cc", "Cs") for character in value)


def _matching(pattern: str) -> Callable[[Any], bool]:
    return lambda value: _text(value) and re.fullmatch(pattern, value, re.IGNORECASE) is not None


def _whole(lowest: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= lowest


def _or_none(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _number(lowest: float, highest: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and lowest <= value <= highest


_ANY_WHOLE, _ANY_TEXT = "it must be a whole number, 0 or more", "it must be text without control characters"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "MERGE", "DELETE", "OPTIONS")
_WORDS = {int: "a whole number", float: "a number", str: "text without control characters", bool: "true or false"}
_SCOPE: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "id": (
        _matching(r"[a-z0-9._-]{0,64}"),
        "it must be up to 64 letters, digits, dots, hyphens or underscores",
    ),
    "service": (_text, _ANY_TEXT),
    "entity_set": (_text, _ANY_TEXT),
    "method": (_matching("|".join(("", *_METHODS))), f"it must be one of {', '.join(_METHODS)}"),
    "key": (_text, _ANY_TEXT),
    "header": (_matching(r"|[^\s:]+\s*:.*"), "it must be text: 'name: value'"),
    "operation": (_or_none(_whole(1)), "it must be a whole number, 1 or more: the operation's place in its $batch"),
    "content_id": (_text, _ANY_TEXT),
    "times": (_or_none(_whole(0)), _ANY_WHOLE),
    "skip": (_whole(0), _ANY_WHOLE),
    "every": (_whole(1), "it must be a whole number, 1 or more"),
    "probability": (_number(0, 1), "it must be between 0 and 1"),
    "seed": (_or_none(_whole(0)), _ANY_WHOLE),
    "seconds": (_or_none(_number(0.001, 1e9)), "it must be a number above 0: how long the plan lasts"),
    "begun": (_number(0, 1e11), "it must be a moment in seconds since 1970"),
}
"""Field → whether a value may stand in it, and what may."""


def read(document: Mapping[str, Any], faults: Mapping[str, Fault]) -> FaultPlan:
    """A plan from its JSON; raises :class:`PlanRefused` for unknown names, naming what is allowed."""
    name = document.get("fault")
    fault = faults.get(str(name))
    if fault is None:
        given = f"is {name!r}" if "fault" in document else "is missing"
        raise PlanRefused(f"'fault' {given}; allowed are {', '.join(sorted(faults))}")
    allowed = {"fault", *_SCOPE, *fault.parameters}
    unknown = sorted(set(document) - allowed)
    if unknown:
        told = sorted(allowed - {"begun"})  # which the stand-in notes down by itself
        raise PlanRefused(f"{', '.join(unknown)}: unknown; {fault.name} allows {', '.join(told)}")
    scope = {key: document[key] for key in _SCOPE if key in document}
    for key, value in scope.items():
        fits, wanted = _SCOPE[key]
        if not fits(value):
            raise PlanRefused(f"'{key}' is {value!r}; {wanted}")
    settings = {
        key: _setting(key, document.get(key, parameter.default), parameter)
        for key, parameter in fault.parameters.items()
    }
    return FaultPlan(fault=fault.name, **scope, settings=settings)


def check_names(plan: FaultPlan, services: Iterable[Served]) -> None:
    """Raises :class:`PlanRefused` for a plan that can strike nobody, since nothing of that name is served."""
    served = {service.name.upper(): service for service in services}
    if plan.service and plan.service.upper() not in served:
        known = ", ".join(service.name for service in served.values())
        raise PlanRefused(f"'service' is {plan.service!r}; served are {known}")
    asked = [served[plan.service.upper()]] if plan.service else list(served.values())
    if plan.entity_set:
        _check_served("entity_set", plan.entity_set, {segment for service in asked for segment in service.segments})
    if plan.settings.get("property"):
        properties = {name for service in asked for name in _properties(service)}
        _check_served("property", plan.settings["property"], properties)


def id_of(plan: FaultPlan, taken: Callable[[str], bool]) -> str:
    """The id that a plan is put in force with: its own or a new one; raises :class:`PlanRefused` where it is taken."""
    if plan.id and taken(plan.id):
        raise PlanRefused(f"'id' is {plan.id!r}; a plan with this id is in force already")
    return plan.id or identifiers.transaction_id()[:12].lower()


def _check_served(key: str, value: str, served: Collection[str]) -> None:
    if value not in served:
        raise PlanRefused(f"'{key}' is {value!r}; allowed are {', '.join(sorted(served))}")


def _properties(service: Served) -> Iterator[str]:
    for structured in (*service.model.entity_types.values(), *service.model.complex_types.values()):
        yield from structured.by_name


def _setting(key: str, value: Any, parameter: Parameter) -> Any:
    fits = _text(value) if parameter.type is str else isinstance(value, parameter.type)
    if not fits or isinstance(value, bool) is not (parameter.type is bool):
        raise PlanRefused(f"'{key}' is {value!r}; it must be {_WORDS[parameter.type]}: {parameter.meaning}")
    if isinstance(value, int) and value not in parameter.between:
        lowest, highest = parameter.between[0], parameter.between[-1]
        raise PlanRefused(f"'{key}' is {value!r}; it must be from {lowest} to {highest}")
    if parameter.choices and value not in parameter.choices:
        raise PlanRefused(f"'{key}' is {value!r}; it must be one of {', '.join(parameter.choices)}")
    return value
