"""BILL's invoice records, with their customer's currency beside them → invoices, or every reason why not.

The total is checked against the lines: price times quantity, plus the sales tax, rounded on the sum or line by line.
Only such a total may be rounded to its currency's decimals. Archived is BILL's only way to cancel: the status stays
OPEN then. Payments move the status and are no change of the document. Source of the shape: BILL's v3 collection.
"""

from typing import Any

from marshmallow import fields

from pipeline.model.invoice import Invoice
from pipeline.model.money import Money, objections
from pipeline.model.rejection import Rejection
from pipeline.model.rounding import product, rounded, sums
from pipeline.schemas.amount import Amount
from pipeline.schemas.pieces import MISSING, Day, Tolerant, Unfit, identity, nested, optional_text, read, text, unknown

SOURCE = "bill"
CUSTOMER = "$customer"
DECIMALS = 20
CANCELLED = "CANCELLED"
STANDS = "STANDS"
KNOWN = {
    "": {
        *("id", "archived", "recordStatus", "invoiceNumber", "invoiceDate", "dueDate", "customerId", "totalAmount"),
        *("dueAmount", "scheduledAmount", "creditAmount", "status", "exchangeRate", "createdTime", "updatedTime"),
        *("invoiceLineItems", "payToChartOfAccountId", "payments", "classifications", "salesTaxItemId"),
        *("salesTaxTotal", "salesTaxPercentage", "enableCardPayment", "convenienceFee", "createdBy", "paymentTermId"),
        *("invoicePdfId", CUSTOMER),
    },
    "invoiceLineItems": {
        *("id", "description", "price", "quantity", "amount", "ratePercent", "taxable", "classifications"),
    },
}


class Customer(Tolerant):
    """What the source keeps of a customer."""

    invoiceCurrency = optional_text()  # noqa: N815 - the vendor's name


class Line(Tolerant):
    """One element of `invoiceLineItems`."""

    price = Amount(decimals=DECIMALS, load_default=None, allow_none=True)
    quantity = Amount(decimals=DECIMALS, load_default=None, allow_none=True)
    amount = Amount(decimals=DECIMALS, load_default=None, allow_none=True)


class InvoiceRecord(Tolerant):
    """One element of `results`."""

    id = text()
    status = text()
    archived = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
    invoiceDate = Day(required=True, error_messages=MISSING)  # noqa: N815 - the vendor's name
    customerId = text()  # noqa: N815 - the vendor's name
    totalAmount = Amount(decimals=DECIMALS, required=True, error_messages=MISSING)  # noqa: N815 - the vendor's name
    salesTaxTotal = Amount(decimals=DECIMALS, load_default=None, allow_none=True)  # noqa: N815 - the vendor's name
    invoiceLineItems = nested(Line, required=False, many=True)  # noqa: N815 - the vendor's name
    customer = fields.Nested(Customer, data_key=CUSTOMER, load_default=None, allow_none=True)


_RECORD = InvoiceRecord()


def load(record: Any, *, home_currency: str = "") -> Invoice | Rejection:
    """A raw record → the invoice it tells of, or a rejection with all reasons together.

    `home_currency` is the organisation's, for customers that have none of their own.
    """
    return read(
        record, _RECORD, lambda values: _invoice(values, home_currency), source=SOURCE, source_id=identity(record)
    )


def unknown_fields(record: Any) -> list[str]:
    """The fields of a record that this schema does not know, as dotted paths: the vendor's drift, to be counted."""
    return unknown(record, KNOWN)


def _invoice(values: dict[str, Any], home_currency: str) -> Invoice:
    customer = values["customer"]
    if customer is None:
        raise Unfit("customerId: BILL knows no customer of this id, so the currency is not known")
    currency: str = customer["invoiceCurrency"] or home_currency
    if not currency:
        raise Unfit("currency: the customer has none; set B2S_BILL_HOME_CURRENCY to the organisation's")
    total = _total(values, currency)
    return Invoice(
        source=SOURCE,
        id=values["id"],
        status=CANCELLED if values["archived"] else values["status"],
        issued_on=values["invoiceDate"],
        total=total,
        standing=CANCELLED if values["archived"] else STANDS,
    )


def _total(values: dict[str, Any], currency: str) -> Money:
    told = values["totalAmount"]
    lines = values.get("invoiceLineItems") or []
    amount = rounded(told, currency) if lines else told
    reasons = [f"totalAmount: {reason}" for reason in objections(amount, currency)]
    if lines and not reasons:
        tax = values["salesTaxTotal"]
        parts = [_worth(line) for line in lines] + ([] if tax is None else [tax])
        ways = sums(parts, currency)
        if amount not in ways:
            shown = " or ".join(format(way, "f") for way in dict.fromkeys(ways))
            reasons.append(f"totalAmount: {told} is not what lines and sales tax add up to ({shown})")
    if reasons:
        raise Unfit(*reasons)
    return Money(amount=amount, currency=currency)


def _worth(line: dict[str, Any]) -> Any:
    if line["price"] is None:
        if line["amount"] is None:
            raise Unfit("invoiceLineItems: a line has neither a price nor an amount")
        return line["amount"]
    return product(line["price"], *([] if line["quantity"] is None else [line["quantity"]]))
