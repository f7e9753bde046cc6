"""What one kind of SAP document looks like to us: where it lives, how it is found again, what it may hold.

The work itself (send, look up, reconcile, check) knows forms only; which source fills which form is put together in
`assembly`. What SAP would cut, round or refuse is an objection here, before anything is sent, never shortened in
silence. MaxLength counts UTF-16 code units, as ABAP strings do.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from pipeline.model.money import decimals_of

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property of an entity type: its Edm type and its facets."""

    name: str
    type: str
    max_length: int | None = None
    precision: int | None = None
    scale: int | None = None


@dataclass(frozen=True, kw_only=True)
class FrozenEntity:
    """The bytes that will be sent, whenever that is, and the digest that tells one content from another."""

    key: str
    payload: bytes
    digest: str


Types = Mapping[str, Any]
"""Property → Edm type; navigation property → the types of its entities."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """One kind of document. `key` is the property under which we find it; it is SAP's own key unless `by_filter`."""

    service: str
    entity_set: str
    key: str
    properties: Mapping[str, tuple[Property, ...]]
    duplicate_codes: frozenset[str]
    differences: Callable[[bytes, Mapping[str, Any]], tuple[str, ...]]
    worth: Callable[[Mapping[str, Any]], tuple[str, Decimal]]
    by_filter: bool = False
    items: str = ""
    sap_key: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """How the ledger calls it."""
        return f"{self.service}/{self.entity_set}"

    @property
    def types(self) -> Types:
        """The types of everything we send, items included."""
        header, *inner = ({one.name: one.type for one in properties} for properties in self.properties.values())
        return {**header, self.items: inner[0]} if self.items else header


def objections(prop: Property, value: Any, *, is_key: bool = False) -> list[str]:
    """Every reason why the property cannot hold the value."""
    if isinstance(value, Decimal):
        return _decimal_objections(prop, value)
    if prop.type == "Edm.String" and isinstance(value, str):
        return _text_objections(prop, value, is_key=is_key)
    return []


def padded(number: str) -> str:
    """The number of a master (account, customer, supplier, cost center) as SAP keeps it: conversion exit ALPHA.

    Ten digits with leading zeros; what is not a number stays.
    """
    return number.zfill(10) if number.isascii() and number.isdigit() else number


def differences(properties: Iterable[Property], sent: Mapping[str, Any], seen: Mapping[str, Any]) -> list[str]:
    """What of the sent values SAP shows otherwise: amounts as numbers, days as days.

    `seen` holds SAP's values already typed: str, Decimal, datetime or None.
    """
    found = []
    for prop in properties:
        ours, theirs = _meaning(prop.type, sent.get(prop.name)), _meaning(prop.type, seen.get(prop.name))
        if ours != theirs:
            found.append(f"{prop.name}: sent '{ours}', SAP shows '{theirs}'")
    return found


def _decimal_objections(prop: Property, value: Decimal) -> list[str]:
    found = []
    whole_digits = max(0, value.adjusted() + 1)
    if decimals_of(value) > (prop.scale or 0):
        found.append(f"{prop.name}: {value} has {decimals_of(value)} decimals, SAP's property has {prop.scale}")
    if whole_digits > (prop.precision or 0) - (prop.scale or 0):
        found.append(
            f"{prop.name}: {value} has more digits than precision {prop.precision}, scale {prop.scale} can hold"
        )
    return found


def _text_objections(prop: Property, value: str, *, is_key: bool) -> list[str]:
    found = []
    try:
        length = len(value.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        return [f"{prop.name}: is not sound Unicode"]
    if length > (prop.max_length or 0):
        found.append(f"{prop.name}: {length} characters, SAP's property holds {prop.max_length}")
    if _CONTROL.search(value) or (is_key and not value.isprintable()):
        found.append(f"{prop.name}: contains control characters")
    if value != value.strip():
        found.append(f"{prop.name}: begins or ends with blanks, which SAP does not keep")
    return found


def _meaning(edm_type: str, value: Any) -> Any:
    if edm_type == "Edm.Decimal":
        return None if value is None else Decimal(value)
    if edm_type == "Edm.DateTime" and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value or "" if edm_type == "Edm.String" else value
