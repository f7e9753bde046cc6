"""Copaco's invoice records, as read from XML → invoices, or every reason why not.

The documented formulas are checked: ((Quantity * UnitPrice) - Discount) * Duration = ExtendedPrice for each line; the
lines add up to TotalExcludingVAT and TotalVAT, and these two to TotalIncludingVAT. Types' literals are not published:
the English and Dutch words and the usual codes (380 invoice, 381 credit) are understood, and what a setting adds to
them. A credit is booked below zero, whichever sign
the document writes. Source of the shape and the formulas: the knowledge base of Copaco Cloud.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from pipeline.model.invoice import Invoice
from pipeline.model.money import Money, objections
from pipeline.model.rejection import Rejection
from pipeline.model.rounding import product, rounded, sums, total
from pipeline.schemas.amount import Amount
from pipeline.schemas.pieces import MISSING, Day, Tolerant, Unfit, identity, nested, optional_text, read, text
from pipeline.schemas.pieces import unknown as unknown_in

SOURCE = "copaco"
DECIMALS = 10
INVOICE, CREDIT = "INVOICE", "CREDIT"
TYPES = {
    **dict.fromkeys(("invoice", "factuur", "380"), INVOICE),
    **dict.fromkeys(("credit", "credit note", "creditnote", "creditnota", "creditfactuur", "381"), CREDIT),
}
_LINES = "Customers.Subscriptions.PriceLines"
KNOWN = {
    "": {"Header", "Customers", "Totals"},
    "Header": {
        *("InvoiceID", "Date", "ExpirationDate", "Currency", "Type", "TypeIdentifier", "TermsOfPaymentDays"),
        *("Description", "Language", "LanguageCode", "TaxZoneID", "TaxPercentage"),
    },
    "Totals": {"TotalExcludingVAT", "TotalVAT", "TotalIncludingVAT"},
    "Customers": {"AccountID", "CompanyName", "CustomerNumber", "CostCenter", "Subscriptions"},
    _LINES: {
        *("LineId", "UID", "SKU", "Description", "Quantity", "QuantityType", "UnitPrice", "Discount", "Duration"),
        *("DurationType", "ExtendedPrice", "StartDate", "EndDate", "TaxPercentage", "TaxZoneID", "VAT"),
        *("RatePeriodID", "SubPONumber", "ConsumerCompanyName", "ConsumerCompanyNumber", "ChargeType"),
        *("BillingFrequency", "VendorDetails", "SubscriptionDetails", "InvoiceRowHash"),
    },
}
_COMMA = re.compile(r"(-?[0-9]+),([0-9]+)", re.ASCII)
_MIDNIGHT = re.compile(r"T00:00:00(\.0+)?", re.ASCII)


class Figure(Amount):
    """An amount as XML writes it, by a Dutch system perhaps with a decimal comma: `12,34`, never `1.234,56`."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Decimal:
        if isinstance(value, str) and (found := _COMMA.fullmatch(value)):
            value = f"{found[1]}.{found[2]}"
        return super()._deserialize(value, attr, data, **kwargs)


class PlainDay(Day):
    """A day, or a day at midnight without a zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        if isinstance(value, str) and _MIDNIGHT.fullmatch(value[10:]):
            value = value[:10]
        return super()._deserialize(value, attr, data, **kwargs)


def _figure(*, required: bool = True) -> Figure:
    if required:
        return Figure(decimals=DECIMALS, required=True, error_messages=MISSING)
    return Figure(decimals=DECIMALS, load_default=None, allow_none=True)


class Line(Tolerant):
    """One PriceLine."""

    Quantity = _figure()
    UnitPrice = _figure()
    Discount = _figure(required=False)
    Duration = _figure(required=False)
    ExtendedPrice = _figure()
    VAT = _figure(required=False)


class Subscription(Tolerant):
    """One Subscription."""

    PriceLines = nested(Line, required=False, many=True)


class Customer(Tolerant):
    """One Customer."""

    Subscriptions = nested(Subscription, required=False, many=True)


class Header(Tolerant):
    """The document's head."""

    InvoiceID = text()
    Date = PlainDay(required=True, error_messages=MISSING)
    Currency = text()
    Type = optional_text()
    TypeIdentifier = optional_text()


class Totals(Tolerant):
    """The document's foot."""

    TotalExcludingVAT = _figure()
    TotalVAT = _figure()
    TotalIncludingVAT = _figure()


class InvoiceRecord(Tolerant):
    """One Invoice."""

    Header = nested(Header, required=True)
    Totals = nested(Totals, required=True)
    Customers = nested(Customer, required=False, many=True)


_RECORD = InvoiceRecord()


def load(record: Any, *, types: Mapping[str, str] = MappingProxyType({})) -> Invoice | Rejection:
    """A raw record → the invoice it tells of, or a rejection with all reasons together.

    `types` are more words, in small letters, for `INVOICE` and `CREDIT`.
    """
    header = record.get("Header") if isinstance(record, dict) else None
    known = {**TYPES, **types}
    return read(
        record, _RECORD, lambda values: _invoice(values, known), source=SOURCE, source_id=identity(header, "InvoiceID")
    )


def unknown_fields(record: Any) -> list[str]:
    """The fields of a record that this schema does not know, as dotted paths: the vendor's drift, to be counted."""
    return unknown_in(record, KNOWN)


def _invoice(values: dict[str, Any], types: Mapping[str, str]) -> Invoice:
    header, totals = values["Header"], values["Totals"]
    currency: str = header["Currency"]
    gross: Decimal = totals["TotalIncludingVAT"]
    words = [(header[name] or "").strip().lower() for name in ("Type", "TypeIdentifier")]
    kinds = {types[word] for word in words if word in types}
    reasons = [f"Totals.TotalIncludingVAT: {reason}" for reason in objections(gross, currency)]
    if len(kinds) != 1:
        told = " and ".join(f"'{header[name]}'" for name in ("Type", "TypeIdentifier") if header[name]) or "no type"
        reasons.append(f"Header.Type: {told} says neither invoice nor credit; B2S_COPACO_TYPES can say what it means")
    if not reasons:
        reasons += _disagreements(totals, list(_lines(values)), currency)
    if reasons:
        raise Unfit(*reasons)
    (kind,) = kinds
    return Invoice(
        source=SOURCE,
        id=header["InvoiceID"],
        status=kind,
        issued_on=header["Date"],
        total=Money(amount=-abs(gross) if kind == CREDIT else gross, currency=currency),
    )


def _lines(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for customer in values.get("Customers") or []:
        for subscription in customer.get("Subscriptions") or []:
            yield from subscription.get("PriceLines") or []


def _disagreements(totals: dict[str, Any], lines: list[dict[str, Any]], currency: str) -> list[str]:
    """Where the document does not keep its own formulas."""
    net, vat, gross = totals["TotalExcludingVAT"], totals["TotalVAT"], totals["TotalIncludingVAT"]
    found = []
    if total((net, vat)) != gross:
        found.append(f"Totals: {net} and {vat} are not {gross}")
    for number, line in enumerate(lines, start=1):
        worth = _worth(line)
        if rounded(worth, currency) != rounded(line["ExtendedPrice"], currency):
            found.append(f"line {number}: ExtendedPrice {line['ExtendedPrice']} is not {worth}")
    for name, of_lines, told in (("ExtendedPrice", net, "TotalExcludingVAT"), ("VAT", vat, "TotalVAT")):
        ways = sums([line[name] or Decimal(0) for line in lines], currency)
        if lines and rounded(of_lines, currency) not in ways:
            found.append(f"Totals.{told}: {of_lines} is not what the lines add up to ({ways[0]})")
    return found


def _worth(line: dict[str, Any]) -> Decimal:
    price = total((product(line["Quantity"], line["UnitPrice"]), -(line["Discount"] or Decimal(0))))
    return price if line["Duration"] is None else product(price, line["Duration"])
