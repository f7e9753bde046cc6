"""Postman's invoice records → invoices, or every reason why not.

Source of the shape: Postman API reference, GET /accounts/{accountId}/invoices, where every property of an invoice is
optional and an enum may grow. What we need to book must be there; the link may be absent; what we do not know is
tolerated and counted.
"""

from typing import Any

from marshmallow import fields

from pipeline.model.invoice import Invoice
from pipeline.model.money import Money, decimals_of, minor_units, objections
from pipeline.model.rejection import Rejection
from pipeline.model.units import MAJOR, MINOR
from pipeline.schemas.amount import Amount
from pipeline.schemas.pieces import MISSING, Day, Tolerant, Unfit, identity, nested, read, text, unknown

SOURCE = "postman"
KNOWN = {
    "": {"id", "status", "issuedAt", "totalAmount", "links"},
    "totalAmount": {"value", "currency"},
    "links": {"web"},
}


class TotalAmount(Tolerant):
    """`{"value": 440, "currency": "USD"}`."""

    value = Amount(required=True, error_messages=MISSING)
    currency = text()


class WebLink(Tolerant):
    """`{"href": "https://..."}`."""

    href = fields.String(load_default=None, allow_none=True, error_messages={"invalid": "is not a text"})


class Links(Tolerant):
    """`{"web": {"href": ...}}`."""

    web = nested(WebLink, required=False)


class InvoiceRecord(Tolerant):
    """One element of `data`."""

    id = text()
    status = text()
    issuedAt = Day(required=True, error_messages=MISSING)  # noqa: N815 - the vendor's name
    totalAmount = nested(TotalAmount, required=True)  # noqa: N815 - the vendor's name
    links = nested(Links, required=False)


_RECORD = InvoiceRecord()


def load(record: Any, *, unit: str = MAJOR) -> Invoice | Rejection:
    """A raw record → the invoice it tells of, or a rejection with all reasons together; `unit` is that of amounts."""
    return read(record, _RECORD, lambda values: _invoice(values, unit), source=SOURCE, source_id=identity(record))


def unknown_fields(record: Any) -> list[str]:
    """The fields of a record that this schema does not know, as dotted paths: the vendor's drift, to be counted."""
    return unknown(record, KNOWN)


def _invoice(values: dict[str, Any], unit: str) -> Invoice:
    total: dict[str, Any] = values["totalAmount"]
    amount, currency = total["value"], total["currency"]
    if unit == MINOR:
        if decimals_of(amount):
            raise Unfit(f"totalAmount.value: {amount} is not a whole number of minor units")
        amount = amount.scaleb(-(minor_units(currency) or 0))
    reasons = objections(amount, currency)
    if reasons:
        raise Unfit(*(f"totalAmount: {reason}" for reason in reasons))
    web = (values.get("links") or {}).get("web") or {}
    return Invoice(
        source=SOURCE,
        id=values["id"],
        status=values["status"],
        issued_on=values["issuedAt"],
        total=Money(amount=amount, currency=currency),
        link=web.get("href") or "",
    )
