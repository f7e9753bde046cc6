"""Fynn's posting records → postings, or every reason why not.

An amount is a money object in minor units, unless the tenant's are major ones; without `precision` the currency's own
decimals count, and an empty one is set aside, never zero. A date is an instant; the day it means is the day in Berlin,
where the books are kept. Source of the shape: Fynn's API reference, get-postings, whose sample ids are no sound UUIDs:
any text will do.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, fields
from marshmallow.fields import Field

from pipeline.model.money import Money, minor_units, objections
from pipeline.model.posting import Account, Posting
from pipeline.model.rejection import Rejection
from pipeline.model.units import MAJOR, MINOR
from pipeline.schemas.amount import Amount
from pipeline.schemas.pieces import MISSING, Messages, Tolerant, Unfit, identity, nested, optional_text, read, text
from pipeline.schemas.pieces import unknown as unknown_in

SOURCE = "fynn"
BOOKS = ZoneInfo("Europe/Berlin")
LARGEST_PRECISION = 6
_MINOR = re.compile(r"-?[0-9]{1,21}", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2})", re.ASCII)
_SIDE = {"id", "amount", "date", "account", "dimensions"}
_ACCOUNT = {"id", "name", "number", "type"}
_MONEY = {"amount", "currencyCode", "precision"}
_DIMENSIONS = {
    *("costCentre1", "costCentre2", "product", "productFamily", "invoiceNumber", "lineItemDescription", "taxRate"),
    *("subscription", "subscriptionId", "paymentGateway", "paymentMethodType", "paymentProviderReference"),
    *("customerNumber", "customerId", "invoiceId", "paymentId", "paymentNumber", "serviceDateFrom", "serviceDateTo"),
    *("reversalPostingId", "cancelInvoiceId", "cancelInvoiceNumber"),
}
KNOWN = {
    "": {"id", "debit", "credit", "createdAt", "updatedAt", "type", "committed"},
    **dict.fromkeys(("debit", "credit"), _SIDE),
    **{f"{side}.account": _ACCOUNT for side in ("debit", "credit")},
    **{f"{side}.amount": _MONEY for side in ("debit", "credit")},
    **{f"{side}.dimensions": _DIMENSIONS for side in ("debit", "credit")},
}


class BerlinDay(Field[date]):
    """An instant with its zone → the day it is in Berlin."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        del attr, data, kwargs
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise ValidationError("is not an instant of the form YYYY-MM-DDThh:mm:ssZ")
        try:
            return datetime.fromisoformat(value).astimezone(BOOKS).date()
        except (ValueError, OverflowError):
            raise ValidationError(f"{value} is not an instant of the calendar") from None


class MoneyObject(Field[Money]):
    """`{"amount": 1000, "currencyCode": "EUR", "precision": 2}` → 10.00 EUR, or 1,000.00 EUR where units are major."""

    def __init__(self, *, unit: str, **more: Any) -> None:
        super().__init__(**more)
        self._is_minor = unit == MINOR

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Money:
        del attr, data, kwargs
        if not isinstance(value, dict):
            raise ValidationError("is not an object")
        if not value:
            raise ValidationError("is empty: it says neither how much nor in which currency")
        units, currency, precision = value.get("amount"), value.get("currencyCode"), value.get("precision")
        wrong = {
            "amount is not a whole number of minor units": self._is_minor and not _is_whole(units),
            "currencyCode is missing": not isinstance(currency, str) or not currency,
            "precision is not a number of decimals": precision is not None and not _is_precision(precision),
        }
        found = [reason for reason, applies in wrong.items() if applies]
        if found:
            raise ValidationError(found)
        if not self._is_minor:
            return _money(_MAJOR.deserialize(units) or Decimal(0), str(currency))
        decimals = minor_units(str(currency)) if precision is None else precision
        return _money(Decimal(str(units)).scaleb(-(decimals or 0)), str(currency))


_MAJOR = Amount(allow_none=False, error_messages={"null": "amount is missing"})


def _money(amount: Decimal, currency: str) -> Money:
    found = objections(amount, currency)
    if found:
        raise ValidationError(list(found))
    return Money(amount=amount, currency=currency)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool) and bool(_MINOR.fullmatch(str(value)))


def _is_precision(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_PRECISION


class AccountRecord(Tolerant):
    """`{"name": "Bankkonto", "number": "1200", "type": "bankAccount"}`."""

    number = text()
    type = text()


class Loose(Field[str]):
    """A dimension: a text or a number as text; anything else says nothing."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        del attr, data, kwargs
        return str(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""


class Dimensions(Tolerant):
    """What we use of the dimensions; none is promised."""

    invoiceNumber = Loose(load_default="", allow_none=True)  # noqa: N815 - the vendor's name
    customerNumber = Loose(load_default="", allow_none=True)  # noqa: N815 - the vendor's name
    costCentre1 = Loose(load_default="", allow_none=True)  # noqa: N815 - the vendor's name
    costCentre2 = Loose(load_default="", allow_none=True)  # noqa: N815 - the vendor's name
    lineItemDescription = Loose(load_default="", allow_none=True)  # noqa: N815 - the vendor's name
    taxRate = Loose(load_default="", allow_none=True)  # noqa: N815 - the vendor's name
    reversalPostingId = optional_text()  # noqa: N815 - the vendor's name


_NAMES = tuple(Dimensions().fields)


class SideRecord(Tolerant):
    """The debit or the credit side."""

    amount = MoneyObject(unit=MINOR, required=True, error_messages=MISSING)
    date = BerlinDay(required=True, error_messages=MISSING)
    account = nested(AccountRecord, required=True)
    dimensions = nested(Dimensions, required=False)


_TRUTH: Messages = {**MISSING, "invalid": "is neither true nor false"}


class PostingRecord(Tolerant):
    """One element of `data`."""

    id = text()
    type = text()
    committed = fields.Boolean(truthy={True}, falsy={False}, required=True, error_messages=_TRUTH)
    debit = nested(SideRecord, required=True)
    credit = nested(SideRecord, required=True)


class MajorSideRecord(SideRecord):
    """The same with its amount in major units."""

    amount = MoneyObject(unit=MAJOR, required=True, error_messages=MISSING)


class MajorPostingRecord(PostingRecord):
    """The same with amounts in major units."""

    debit = nested(MajorSideRecord, required=True)
    credit = nested(MajorSideRecord, required=True)


_RECORDS = {MINOR: PostingRecord(), MAJOR: MajorPostingRecord()}


def load(record: Any, *, unit: str = MINOR) -> Posting | Rejection:
    """A raw record → the posting it tells of, or a rejection with all reasons together; `unit` is that of amounts."""
    return read(record, _RECORDS[unit], _posting, source=SOURCE, source_id=identity(record))


def unknown_fields(record: Any) -> list[str]:
    """The fields of a record that this schema does not know, as dotted paths: the vendor's drift, to be counted."""
    return unknown_in(record, KNOWN)


def _posting(values: dict[str, Any]) -> Posting:
    debit, credit = values["debit"], values["credit"]
    total: Money = debit["amount"]
    reasons = []
    if total != credit["amount"]:
        reasons.append(f"amount: debit {total} and credit {credit['amount']} are not the same")
    if debit["date"] != credit["date"]:
        reasons.append(f"date: debit {debit['date']} and credit {credit['date']} are not the same day")
    if total.amount <= 0:
        reasons.append(f"amount: {total} is not greater than zero")
    if reasons:
        raise Unfit(*reasons)
    said = _together(debit.get("dimensions") or {}, credit.get("dimensions") or {})
    return Posting(
        source=SOURCE,
        id=values["id"],
        kind=values["type"],
        day=debit["date"],
        total=total,
        debit=Account(**debit["account"]),
        credit=Account(**credit["account"]),
        committed=values["committed"],
        invoice_number=said["invoiceNumber"],
        customer_number=said["customerNumber"],
        cost_centre=said["costCentre1"] or said["costCentre2"],
        text=said["lineItemDescription"],
        tax_rate=Decimal(said["taxRate"]) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", said["taxRate"]) else None,
        reverses=said["reversalPostingId"],
    )


def _together(debit: dict[str, Any], credit: dict[str, Any]) -> dict[str, str]:
    """Each dimension from the side that tells it; the debit side first."""
    return {name: debit.get(name) or credit.get(name) or "" for name in _NAMES}
