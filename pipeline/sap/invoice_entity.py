"""The neutral invoice in SAP's names and types, and back. The only file that knows both.

What SAP would cut, round or refuse is found here, before anything is sent: a value too long for its property is an
objection, never shortened. MaxLength counts UTF-16 code units, as ABAP strings do.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pipeline.model.invoice import Invoice
from pipeline.model.money import decimals_of
from pipeline.model.record import digest

SERVICE = "ZINVOICE_SRV"
ENTITY_SET = "Invoices"
ENTITY_TYPE = "Invoice"
KEY = "ID"
CURRENCY = "Currency"
VALUE = "Value"
DUPLICATE_CODES = frozenset({"ZINVOICE/001"})
UNPREFIXED = frozenset({"postman", "bill"})
"""Sources whose own ids are the keys in SAP: Postman's begin with inv_, BILL's with 00e (its schema sees to that).

Every other source's name stands before its ids, whose form nobody has promised us.
"""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property of the entity type: its Edm type, its facets, and what of an invoice goes there."""

    name: str
    type: str
    of: Callable[[Invoice], Any]
    max_length: int | None = None
    precision: int | None = None
    scale: int | None = None


def key_of(invoice: Invoice) -> str:
    """The invoice's key in SAP: never the same for two sources, always the same for one document."""
    return invoice.id if invoice.source in UNPREFIXED else f"{invoice.source}:{invoice.id}"


PROPERTIES = (
    Property(name="ID", type="Edm.String", max_length=40, of=key_of),
    Property(name="Status", type="Edm.String", max_length=20, of=lambda invoice: invoice.status),
    Property(name="IssuedAt", type="Edm.DateTime", of=lambda invoice: invoice.issued_on),
    Property(name="Value", type="Edm.Decimal", precision=16, scale=3, of=lambda invoice: invoice.total.amount),
    Property(name="Currency", type="Edm.String", max_length=5, of=lambda invoice: invoice.total.currency),
    Property(name="Link", type="Edm.String", max_length=1024, of=lambda invoice: invoice.link),
)
TYPES = {prop.name: prop.type for prop in PROPERTIES}


@dataclass(frozen=True, kw_only=True)
class FrozenEntity:
    """The bytes that will be sent, whenever that is, and the digest that tells one content from another."""

    key: str
    payload: bytes
    digest: str


def build(invoice: Invoice) -> FrozenEntity | tuple[str, ...]:
    """An invoice → its frozen entity, or every reason why SAP's entity type cannot hold it."""
    objections = tuple(reason for prop in PROPERTIES for reason in _objections(prop, prop.of(invoice)))
    if objections:
        return objections
    values = {prop.name: _spell(prop.of(invoice), invoice) for prop in PROPERTIES}
    payload = _bytes(values)
    content = _bytes({**values, "Status": invoice.standing}) if invoice.standing else payload
    return FrozenEntity(key=key_of(invoice), payload=payload, digest=digest(content))


def _bytes(values: Mapping[str, str]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def differences(payload: bytes, seen: Mapping[str, Any]) -> tuple[str, ...]:
    """What of the sent payload SAP shows otherwise: amounts as numbers, days as days.

    Empty when it is the same document. `seen` holds SAP's values already typed: str, Decimal, datetime or None.
    """
    sent = json.loads(payload)
    found = []
    for prop in PROPERTIES:
        ours, theirs = _meaning(prop.type, sent[prop.name]), _meaning(prop.type, seen.get(prop.name))
        if ours != theirs:
            found.append(f"{prop.name}: sent '{ours}', SAP shows '{theirs}'")
    return tuple(found)


def _objections(prop: Property, value: Any) -> list[str]:
    if isinstance(value, Decimal):
        return _decimal_objections(prop, value)
    if isinstance(value, str):
        return _text_objections(prop, value)
    return []


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


def _text_objections(prop: Property, value: str) -> list[str]:
    found = []
    try:
        length = len(value.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        return [f"{prop.name}: is not sound Unicode"]
    if length > (prop.max_length or 0):
        found.append(f"{prop.name}: {length} characters, SAP's property holds {prop.max_length}")
    if _CONTROL.search(value) or (prop.name == KEY and not value.isprintable()):
        found.append(f"{prop.name}: contains control characters")
    if value != value.strip():
        found.append(f"{prop.name}: begins or ends with blanks, which SAP does not keep")
    return found


def _spell(value: Any, invoice: Invoice) -> str:
    match value:
        case Decimal():
            return invoice.total.text
        case date():
            return f"{value.isoformat()}T00:00:00"
    return str(value)


def _meaning(edm_type: str, value: Any) -> Any:
    if edm_type == "Edm.Decimal":
        return None if value is None else Decimal(value)
    if edm_type == "Edm.DateTime" and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value or "" if edm_type == "Edm.String" else value
