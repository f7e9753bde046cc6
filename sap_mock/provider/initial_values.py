"""ABAP's initial values: what a property holds that nobody has set.

There is no null in an ABAP structure: text is empty, a number is zero. An initial date is shown as ``null`` where the
property is nullable and cannot be shown at all where it is not (docs/fidelity.md "Initial values").
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sap_mock.edm.model import ComplexType, Property, StructuredType

_INITIAL: dict[str, Any] = {
    "Edm.String": "",
    "Edm.Boolean": False,
    "Edm.Byte": 0,
    "Edm.SByte": 0,
    "Edm.Int16": 0,
    "Edm.Int32": 0,
    "Edm.Int64": 0,
    "Edm.Decimal": Decimal(0),
    "Edm.Double": 0.0,
    "Edm.Single": 0.0,
    "Edm.Binary": b"",
}
_NULLABLE_INITIAL: dict[str, Any] = {"Edm.Guid": UUID(int=0), "Edm.Time": timedelta()}


def initial(prop: Property) -> Any:
    """The initial value of a property; None for dates, and for times and GUIDs that may be null."""
    if isinstance(prop.type, ComplexType):
        return {inner.name: initial(inner) for inner in prop.type.properties}
    if prop.type.name in _NULLABLE_INITIAL:
        return None if prop.facets.nullable else _NULLABLE_INITIAL[prop.type.name]
    return _INITIAL.get(prop.type.name)


def completed(structure: StructuredType, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Every property in model order: what was sent, or the initial value; a null text is an empty one."""
    values = {}
    for prop in structure.properties:
        value = sent.get(prop.name)
        if value is None:
            value = initial(prop)
        elif isinstance(prop.type, ComplexType):
            value = completed(prop.type, value)
        values[prop.name] = value
    return values
