"""BILL's invoices and credit memos, with their customer's currency beside them → invoices, or every reason why not.

The total is checked against the lines: price times quantity, or a rate of the lines above, plus the sales tax, rounded
on the sum or line by line. Only such a total may be rounded to its currency's decimals. Archived is BILL's only way to
cancel: the status stays OPEN then. A credit memo takes back what was invoiced, so it is booked below zero, under an id
that no invoice can have. Payments, and what a credit memo is used for, move the status and are no change of the
document. Source of the shape: BILL's v3 collection and its guides on invoices and credit memos.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from marshmallow import fields

from pipeline.model.invoice import CANCELLED, Invoice
from pipeline.model.money import Money, objections
from pipeline.model.rejection import Rejection
from pipeline.model.rounding import product, rounded, sums, total
from pipeline.schemas.amount import Amount
from pipeline.schemas.pieces import MISSING, Day, Tolerant, Unfit, identity, nested, optional_text, read, text, unknown

SOURCE = "bill"
CUSTOMER, KIND = "$customer", "$kind"
CREDIT_MEMO = "credit memo"
CREDIT_MEMO_IDS = "cm:"
"""How the ids of credit memos begin with us; BILL's own ids are letters and digits, and are not ours to trust in."""
DECIMALS = 20
CREDIT = "CREDIT"
STANDS = "STANDS"
_LINE = {"id", "description", "price", "quantity", "amount", "ratePercent", "taxable", "classifications"}
_OF_BOTH = {
    *("id", "archived", "recordStatus", "customerId", "status", "createdTime", "updatedTime", "classifications"),
    *("salesTaxItemId", "salesTaxTotal", "salesTaxPercentage", "payToChartOfAccountId", CUSTOMER),
}
KNOWN = {
    "": {
        *_OF_BOTH,
        *("invoiceNumber", "invoiceDate", "dueDate", "totalAmount", "dueAmount", "scheduledAmount", "creditAmount"),
        *("exchangeRate", "invoiceLineItems", "payments", "enableCardPayment", "convenienceFee", "createdBy"),
        *("paymentTermId", "invoicePdfId"),
    },
    "invoiceLineItems": _LINE,
}
KNOWN_OF_CREDIT_MEMOS = {
    "": {
        *_OF_BOTH,
        *("referenceNumber", "creditDate", "description", "amount", "appliedAmount", "creditMemoLineItems", "usage"),
        *("payToBankAccountId", KIND),
    },
    "creditMemoLineItems": _LINE,
}


class Customer(Tolerant):
    """What the source keeps of a customer."""

    invoiceCurrency = optional_text()  # noqa: N815 - the vendor's name


def _figure() -> Amount:
    return Amount(decimals=DECIMALS, load_default=None, allow_none=True)


class Line(Tolerant):
    """One element of `invoiceLineItems` or `creditMemoLineItems`."""

    price = _figure()
    quantity = _figure()
    amount = _figure()
    ratePercent = _figure()  # noqa: N815 - the vendor's name


class Common(Tolerant):
    """What invoices and credit memos have in common."""

    id = text()
    archived = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
    customerId = text()  # noqa: N815 - the vendor's name
    salesTaxTotal = _figure()  # noqa: N815 - the vendor's name
    customer = fields.Nested(Customer, data_key=CUSTOMER, load_default=None, allow_none=True)


class InvoiceRecord(Common):
    """One element of the `results` of the invoices."""

    status = text()
    invoiceDate = Day(required=True, error_messages=MISSING)  # noqa: N815 - the vendor's name
    totalAmount = Amount(decimals=DECIMALS, required=True, error_messages=MISSING)  # noqa: N815 - the vendor's name
    invoiceLineItems = nested(Line, required=False, many=True)  # noqa: N815 - the vendor's name


class CreditMemoRecord(Common):
    """One element of the `results` of the credit memos."""

    creditDate = Day(required=True, error_messages=MISSING)  # noqa: N815 - the vendor's name
    amount = Amount(decimals=DECIMALS, required=True, error_messages=MISSING)
    creditMemoLineItems = nested(Line, required=False, many=True)  # noqa: N815 - the vendor's name


@dataclass(frozen=True, kw_only=True)
class Names:
    """Where one of the two documents has its total and its lines."""

    total: str
    lines: str


_INVOICE, _MEMO = InvoiceRecord(), CreditMemoRecord()
_OF_INVOICE = Names(total="totalAmount", lines="invoiceLineItems")
_OF_MEMO = Names(total="amount", lines="creditMemoLineItems")


def load(record: Any, *, home_currency: str = "") -> Invoice | Rejection:
    """A raw record → the invoice it tells of, or a rejection with all reasons together.

    `home_currency` is the organisation's, for customers that have none of their own.
    """
    known_as = identity(record)
    if not _is_credit_memo(record):
        return read(record, _INVOICE, lambda values: _invoice(values, home_currency), source=SOURCE, source_id=known_as)
    known_as = known_as and CREDIT_MEMO_IDS + known_as
    return read(record, _MEMO, lambda values: _credit_memo(values, home_currency), source=SOURCE, source_id=known_as)


def unknown_fields(record: Any) -> list[str]:
    """The fields of a record that this schema does not know, as dotted paths: the vendor's drift, to be counted."""
    return unknown(record, KNOWN_OF_CREDIT_MEMOS if _is_credit_memo(record) else KNOWN)


def _is_credit_memo(record: Any) -> bool:
    return isinstance(record, dict) and record.get(KIND) == CREDIT_MEMO


def _invoice(values: dict[str, Any], home_currency: str) -> Invoice:
    if values["id"].startswith(CREDIT_MEMO_IDS):
        raise Unfit(f"id: begins with {CREDIT_MEMO_IDS}, as the credit memos' do in SAP")
    return Invoice(
        source=SOURCE,
        id=values["id"],
        status=CANCELLED if values["archived"] else values["status"],
        issued_on=values["invoiceDate"],
        total=_total(values, _OF_INVOICE, _currency(values, home_currency)),
        standing=CANCELLED if values["archived"] else STANDS,
    )


def _credit_memo(values: dict[str, Any], home_currency: str) -> Invoice:
    amount = _total(values, _OF_MEMO, _currency(values, home_currency))
    if amount.amount < 0:
        raise Unfit(f"amount: {amount} is below zero, so this credit memo would be no credit")
    return Invoice(
        source=SOURCE,
        id=CREDIT_MEMO_IDS + values["id"],
        status=CANCELLED if values["archived"] else CREDIT,
        issued_on=values["creditDate"],
        total=Money(amount=-amount.amount, currency=amount.currency),
    )


def _currency(values: dict[str, Any], home_currency: str) -> str:
    customer = values["customer"]
    if customer is None:
        raise Unfit("customerId: BILL knows no customer of this id, so the currency is not known")
    currency: str = customer["invoiceCurrency"] or home_currency
    if not currency:
        raise Unfit("currency: the customer has none; set B2S_BILL_HOME_CURRENCY to the organisation's")
    return currency


def _total(values: dict[str, Any], names: Names, currency: str) -> Money:
    told = values[names.total]
    lines = values.get(names.lines) or []
    amount = rounded(told, currency) if lines else told
    reasons = [f"{names.total}: {reason}" for reason in objections(amount, currency)]
    if lines and not reasons:
        tax = values["salesTaxTotal"]
        ways = sums(_worths(lines, names) + ([] if tax is None else [tax]), currency)
        if amount not in ways:
            shown = " or ".join(format(way, "f") for way in dict.fromkeys(ways))
            reasons.append(f"{names.total}: {told} is not what lines and sales tax add up to ({shown})")
    if reasons:
        raise Unfit(*reasons)
    return Money(amount=amount, currency=currency)


def _worths(lines: list[dict[str, Any]], names: Names) -> list[Decimal]:
    """What each line is worth: price times quantity, its amount, or its rate in per cent of all lines above it."""
    found: list[Decimal] = []
    for line in lines:
        if line["price"] is not None:
            found.append(product(line["price"], *([] if line["quantity"] is None else [line["quantity"]])))
        elif line["amount"] is not None:
            found.append(line["amount"])
        elif line["ratePercent"] is not None:
            found.append(product(total(found), line["ratePercent"], Decimal("0.01")))
        else:
            raise Unfit(f"{names.lines}: a line has neither a price, nor an amount, nor a rate")
    return found
