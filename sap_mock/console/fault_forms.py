"""A fault's form and what was written into it: a field for each thing that a plan may say, found in the classes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from sap_mock.faults.fault import Fault
from sap_mock.faults.plan import FaultPlan

_NO_FIELDS = ("fault", "settings", "begun")
_READERS: Mapping[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "bool": lambda text: {"true": True, "false": False}[text],
    "str": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: its name, kind (a key of the readers), what holds without it, and what it means."""

    name: str
    kind: str
    default: Any
    meaning: str = ""


def meaning(fault: Fault) -> str:
    """What a fault does, in the words at the head of its module."""
    module = inspect.getmodule(type(fault))
    first = (inspect.getdoc(module) or "").partition("\n\n")[0]
    return first.replace("\n", " ").replace("``", "")


def parameters(fault: Fault) -> list[Field]:
    """The fields of what this fault can be told."""
    return [
        Field(name=name, kind=one.type.__name__, default=one.default, meaning=one.meaning)
        for name, one in fault.parameters.items()
    ]


def scope() -> list[Field]:
    """The fields of every plan: for whom and how often."""
    return [
        Field(
            name=one.name, kind=str(one.type).partition(" ")[0], default=None if one.default is MISSING else one.default
        )
        for one in fields(FaultPlan)
        if one.name not in _NO_FIELDS
    ]


def document(fault: Fault, form: Mapping[str, str]) -> dict[str, Any]:
    """The plan that was written into the form. What is no value of its kind stays text, for its reader to refuse."""
    plan: dict[str, Any] = {"fault": fault.name}
    for field in (*parameters(fault), *scope()):
        text = form.get(field.name, "").strip()
        if text:
            plan[field.name] = _read(field.kind, text)
    return plan


def _read(kind: str, text: str) -> Any:
    try:
        return _READERS.get(kind, str)(text)
    except (ValueError, KeyError):
        return text
