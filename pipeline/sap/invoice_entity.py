"""The neutral invoice in SAP's names and types, and back. The only file that knows both."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.model.invoice import Invoice
from pipeline.model.record import digest
from pipeline.sap import form
from pipeline.sap.form import Form, FrozenEntity, objections

SERVICE = "ZINVOICE_SRV"
ENTITY_SET = "Invoices"
KEY = "ID"
UNPREFIXED = frozenset({"postman"})
"""Sources whose own ids are the keys in SAP; every other source's name stands before its ids."""
LONGEST = 40
_TOLD_APART = 12


@dataclass(frozen=True, kw_only=True)
class Property(form.Property):
    """A property of the entity type, and what of an invoice goes there."""

    of: Callable[[Invoice], Any]


def key_of(invoice: Invoice) -> str:
    """The invoice's key in SAP: never the same for two sources, always the same for one document.

    Where source and id together are too long, the end of the id gives way to a digest of the whole of it.
    """
    if invoice.source in UNPREFIXED or len(invoice.id) > LONGEST:
        return invoice.id
    key = f"{invoice.source}:{invoice.id}"
    if len(key) <= LONGEST:
        return key
    return f"{key[: LONGEST - _TOLD_APART - 1]}~{digest(invoice.id.encode('utf-8', 'replace'))[:_TOLD_APART]}"


PROPERTIES = (
    Property(name="ID", type="Edm.String", max_length=LONGEST, of=key_of),
    Property(name="Status", type="Edm.String", max_length=20, of=lambda invoice: invoice.status),
    Property(name="IssuedAt", type="Edm.DateTime", of=lambda invoice: invoice.issued_on),
    Property(name="Value", type="Edm.Decimal", precision=16, scale=3, of=lambda invoice: invoice.total.amount),
    Property(name="Currency", type="Edm.String", max_length=5, of=lambda invoice: invoice.total.currency),
    Property(name="Link", type="Edm.String", max_length=1024, of=lambda invoice: invoice.link),
)


def build(invoice: Invoice) -> FrozenEntity | tuple[str, ...]:
    """An invoice → its frozen entity, or every reason why SAP's entity type cannot hold it."""
    found = [reason for prop in PROPERTIES for reason in objections(prop, prop.of(invoice), is_key=prop.name == KEY)]
    if found:
        return tuple(found)
    values = {prop.name: _spell(prop.of(invoice), invoice) for prop in PROPERTIES}
    payload = _bytes(values)
    content = _bytes({**values, "Status": invoice.standing}) if invoice.standing else payload
    return FrozenEntity(key=key_of(invoice), payload=payload, digest=digest(content))


def differences(payload: bytes, seen: Mapping[str, Any]) -> tuple[str, ...]:
    """What of the sent payload SAP shows otherwise. Empty when it is the same document."""
    return tuple(form.differences(PROPERTIES, json.loads(payload), seen))


def worth(seen: Mapping[str, Any]) -> tuple[str, Decimal]:
    """Currency and amount of an invoice as SAP shows it."""
    return str(seen["Currency"]), seen["Value"] or Decimal(0)


FORM = Form(
    service=SERVICE,
    entity_set=ENTITY_SET,
    key=KEY,
    sap_key=(KEY,),
    properties={ENTITY_SET: PROPERTIES},
    duplicate_codes=frozenset({"ZINVOICE/001"}),
    differences=differences,
    worth=worth,
)


def _bytes(values: Mapping[str, str]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _spell(value: Any, invoice: Invoice) -> str:
    match value:
        case Decimal():
            return invoice.total.text
        case date():
            return f"{value.isoformat()}T00:00:00"
    return str(value)
