"""A plan's JSON → :class:`sap_mock.faults.plan.FaultPlan`: everything is checked when the plan is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sap_mock import identifiers
from sap_mock.faults.fault import Fault, Parameter
from sap_mock.faults.plan import FaultPlan


class PlanRefused(Exception):
    """A plan that cannot be carried out; the message names the field and what is allowed."""


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _whole(lowest: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= lowest


def _or_none(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _number(lowest: float, highest: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and lowest <= value <= highest


_ANY_WHOLE, _ANY_TEXT = "it must be a whole number, 0 or more", "it must be text"
_SCOPE: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "id": (
        lambda value: _text(value) and bool(re.fullmatch(r"[A-Za-z0-9._-]{0,64}", value)),
        "it must be up to 64 letters, digits, dots, hyphens or underscores",
    ),
    "service": (_text, _ANY_TEXT),
    "entity_set": (_text, _ANY_TEXT),
    "method": (_text, _ANY_TEXT),
    "key": (_text, _ANY_TEXT),
    "header": (_text, "it must be text: 'name: value'"),
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
        raise PlanRefused(f"'fault' is {name!r}; allowed are {', '.join(sorted(faults))}")
    allowed = {"fault", *_SCOPE, *fault.parameters}
    unknown = sorted(set(document) - allowed)
    if unknown:
        raise PlanRefused(f"{', '.join(unknown)}: unknown; {fault.name} allows {', '.join(sorted(allowed))}")
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


def id_of(plan: FaultPlan, taken: Callable[[str], bool]) -> str:
    """The id that a plan is put in force with: its own or a new one; raises :class:`PlanRefused` where it is taken."""
    if plan.id and taken(plan.id):
        raise PlanRefused(f"'id' is {plan.id!r}; a plan with this id is in force already")
    return plan.id or identifiers.transaction_id()[:12].lower()


def _setting(key: str, value: Any, parameter: Parameter) -> Any:
    if not isinstance(value, parameter.type) or isinstance(value, bool) is not (parameter.type is bool):
        raise PlanRefused(f"'{key}' is {value!r}; it must be {parameter.type.__name__}: {parameter.meaning}")
    if isinstance(value, int) and value not in parameter.between:
        lowest, highest = parameter.between[0], parameter.between[-1]
        raise PlanRefused(f"'{key}' is {value!r}; it must be from {lowest} to {highest}")
    if parameter.choices and value not in parameter.choices:
        raise PlanRefused(f"'{key}' is {value!r}; it must be one of {', '.join(parameter.choices)}")
    return value
