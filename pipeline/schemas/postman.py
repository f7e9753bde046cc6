"""Postman's invoice records → invoices, or every reason why not.

Source of the shape: Postman API reference, GET /accounts/{accountId}/invoices, where every property of an invoice is
optional and an enum may grow. What we need to book must be there; the link may be absent; what we do not know is
tolerated and counted.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from marshmallow.fields import Field

from pipeline.model.invoice import Invoice
from pipeline.model.money import Money, objections
from pipeline.model.record import kind_of, unsound_places
from pipeline.model.rejection import Rejection
from pipeline.schemas.amount import Amount

SOURCE = "postman"
KNOWN = {
    "": {"id", "status", "issuedAt", "totalAmount", "links"},
    "totalAmount": {"value", "currency"},
    "links": {"web"},
}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
Messages = dict[str, str | list[Any] | dict[Any, Any]]
_MISSING: Messages = {"required": "is missing", "null": "is null"}


class Day(Field[date]):
    """`YYYY-MM-DD` and nothing else → a calendar day."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        del attr, data, kwargs
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValidationError("is not a day of the form YYYY-MM-DD")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError(f"{value} is not a day of the calendar") from None


def _text(**more: Any) -> fields.String:
    messages: Messages = {**_MISSING, "invalid": "is not a text"}
    return fields.String(
        required=True, error_messages=messages, validate=validate.Length(min=1, error="is empty"), **more
    )


def _object(schema: type[Schema], *, required: bool) -> fields.Nested:
    messages: Messages = {**_MISSING, "type": "is not an object"}
    return fields.Nested(schema, required=required, allow_none=not required, error_messages=messages)


class Tolerant(Schema):
    """Knows what it needs; what a vendor adds does no harm."""

    class Meta:
        """marshmallow's place for it."""

        unknown = EXCLUDE

    error_messages = {"type": "is not an object"}  # noqa: RUF012 - marshmallow's own way to word its messages


class TotalAmount(Tolerant):
    """`{"value": 440, "currency": "USD"}`."""

    value = Amount(required=True, error_messages=_MISSING)
    currency = _text()


class WebLink(Tolerant):
    """`{"href": "https://..."}`."""

    href = fields.String(load_default=None, allow_none=True, error_messages={"invalid": "is not a text"})


class Links(Tolerant):
    """`{"web": {"href": ...}}`."""

    web = _object(WebLink, required=False)


class InvoiceRecord(Tolerant):
    """One element of `data`."""

    id = _text()
    status = _text()
    issuedAt = Day(required=True, error_messages=_MISSING)  # noqa: N815 - the vendor's name
    totalAmount = _object(TotalAmount, required=True)  # noqa: N815 - the vendor's name
    links = _object(Links, required=False)


_RECORD = InvoiceRecord()


def load(record: Any) -> Invoice | Rejection:
    """A raw record → the invoice it tells of, or a rejection with all reasons together."""
    source_id = identity(record)
    unsound = unsound_places(record)
    if unsound:
        return Rejection(source=SOURCE, id=source_id, reasons=tuple(unsound))
    if not isinstance(record, dict):
        return Rejection(source=SOURCE, id="", reasons=(f"the record is {kind_of(record)}, not an object",))
    try:
        values = _RECORD.load(record)
    except ValidationError as error:
        return Rejection(source=SOURCE, id=source_id, reasons=tuple(_reasons(error.messages)))
    return _invoice(values)


def identity(record: Any) -> str:
    """The record's own id, or nothing where it has none that can serve as one."""
    value = record.get("id") if isinstance(record, dict) else None
    return value if isinstance(value, str) else ""


def unknown_fields(record: Any) -> list[str]:
    """The fields of a record that this schema does not know, as dotted paths: the vendor's drift, to be counted."""
    if not isinstance(record, dict):
        return []
    found = []
    for place, known in KNOWN.items():
        inner = record.get(place) if place else record
        if isinstance(inner, dict):
            found += [f"{place}.{name}".lstrip(".") for name in inner.keys() - known]
    return sorted(found)


def _invoice(values: dict[str, Any]) -> Invoice | Rejection:
    total: dict[str, Any] = values["totalAmount"]
    amount, currency = total["value"], total["currency"]
    reasons = objections(amount, currency)
    if reasons:
        return Rejection(source=SOURCE, id=values["id"], reasons=tuple(f"totalAmount: {reason}" for reason in reasons))
    web = (values.get("links") or {}).get("web") or {}
    return Invoice(
        source=SOURCE,
        id=values["id"],
        status=values["status"],
        issued_on=values["issuedAt"],
        total=Money(amount=amount, currency=currency),
        link=web.get("href") or "",
    )


def _reasons(messages: Any, path: str = "") -> list[str]:
    match messages:
        case dict():
            return [reason for name, inner in messages.items() for reason in _reasons(inner, _join(path, str(name)))]
        case list():
            return [reason for inner in messages for reason in _reasons(inner, path)]
    return [f"{path}: {messages}" if path else str(messages)]


def _join(path: str, name: str) -> str:
    return path if name == "_schema" else f"{path}.{name}".lstrip(".")
