"""BILL's records: the currency from the customer, the total from the lines, cancelled where archived."""

from datetime import date
from decimal import Decimal

import pytest

from pipeline.model.invoice import Invoice
from pipeline.model.money import Money
from pipeline.model.record import read_json
from pipeline.model.rejection import Rejection
from pipeline.sap.invoice_entity import build
from pipeline.schemas.bill import load, unknown_fields

GOLDEN = {
    # the create body of BILL's own collection, as a read shows it: 2 x 14.99 and 1 x 50
    "id": "00e01ABCDEFGHIJKLMNO",
    "archived": False,
    "invoiceNumber": "202502",
    "invoiceDate": "2025-12-31",
    "dueDate": "2026-01-30",
    "customerId": "0cu01ABCDEFGHIJKLMNO",
    "totalAmount": Decimal("79.98"),
    "dueAmount": 0,
    "status": "OPEN",
    "createdTime": "2026-01-01T00:30:00.000Z",
    "updatedTime": "2026-01-01T00:30:00.000Z",
    "invoiceLineItems": [
        {"id": "00l1", "description": "a", "price": Decimal("14.99"), "quantity": 2},
        {"id": "00l2", "description": "b", "price": 50, "quantity": 1},
    ],
    "$customer": {"id": "0cu01ABCDEFGHIJKLMNO", "invoiceCurrency": "USD"},
}


def changed(**members):
    record = {**GOLDEN, **members}
    return {name: value for name, value in record.items() if value is not ...}


def reasons(record, **more):
    found = load(record, **more)
    assert isinstance(found, Rejection)
    return found.reasons


def test_the_golden_example_field_by_field():
    assert load(GOLDEN) == Invoice(
        source="bill",
        id="00e01ABCDEFGHIJKLMNO",
        status="OPEN",
        issued_on=date(2025, 12, 31),
        total=Money(amount=Decimal("79.98"), currency="USD"),
        link="",
        standing="STANDS",
    )


def test_what_is_due_is_not_what_was_billed():
    assert load(changed(dueAmount=Decimal("10.00"))).total.text == "79.98"


def test_an_archived_invoice_is_cancelled_though_its_status_stays_open():
    assert load(changed(archived=True)).status == "CANCELLED"


@pytest.mark.parametrize("status", ["PARTIAL_PAYMENT", "PAID_IN_FULL", "SCHEDULED", "SOMETHING_NEW"])
def test_a_payment_is_no_change_of_the_document(status):
    paid, unpaid = build(load(changed(status=status))), build(load(GOLDEN))
    assert paid.digest == unpaid.digest
    assert f'"Status":"{status}"'.encode() in paid.payload


@pytest.mark.parametrize("change", [{"archived": True}, {"invoiceDate": "2026-01-01"}])
def test_a_cancellation_or_another_day_is_a_change(change):
    assert build(load(changed(**change))).digest != build(load(GOLDEN)).digest


def lines(*pairs):
    return [{"price": Decimal(price), "quantity": Decimal(quantity)} for price, quantity in pairs]


TOTALS = [
    # lines, tax, total, currency, amount that is booked
    (lines(("0.335", "1"), ("0.335", "1")), None, "0.67", "USD", "0.67"),  # on the sum
    (lines(("0.335", "1"), ("0.335", "1")), None, "0.68", "USD", "0.68"),  # line by line
    (lines(("84.03", "1")), "15.96", "99.99", "USD", "99.99"),
    (lines(("1.005", "100")), None, "100.5", "USD", "100.5"),
    (lines(("39.99000000000001", "2")), None, "79.98000000000002", "USD", "79.98"),
    (lines(("39.995", "1")), None, "39.995", "USD", "40"),
    (lines(("1000.4", "1")), None, "1000.4", "JPY", "1000"),
    (lines(("1.2345", "1")), None, "1.2345", "KWD", "1.235"),
    ([], None, "12.34", "USD", "12.34"),
]


@pytest.mark.parametrize(("items", "tax", "total", "currency", "amount"), TOTALS)
def test_a_total_that_its_lines_give_is_booked_rounded_half_up(items, tax, total, currency, amount):
    record = changed(
        invoiceLineItems=items,
        salesTaxTotal=... if tax is None else Decimal(tax),
        totalAmount=Decimal(total),
    )
    record["$customer"] = {"invoiceCurrency": currency}
    assert load(record).total.amount == Decimal(amount)


@pytest.mark.parametrize("total", ["79.97", "79.99", "-79.98", "0"])
def test_a_total_that_its_lines_do_not_give_is_set_aside(total):
    (reason,) = reasons(changed(totalAmount=Decimal(total)))
    assert "is not what lines and sales tax add up to (79.98)" in reason


def test_without_lines_nothing_is_rounded():
    (reason,) = reasons(changed(invoiceLineItems=..., totalAmount=Decimal("12.345")))
    assert "has 3 decimals, USD has 2" in reason


def test_a_customer_without_a_currency_is_billed_in_the_organizations_where_that_is_set():
    record = changed()
    record["$customer"] = {"invoiceCurrency": None}
    assert load(record, home_currency="EUR").total.currency == "EUR"
    (reason,) = reasons(record)
    assert "B2S_BILL_HOME_CURRENCY" in reason


def test_a_customer_nobody_knows_leaves_the_invoice_without_a_currency():
    record = changed()
    record["$customer"] = None
    assert "no customer of this id" in reasons(record)[0]


def test_all_that_is_wrong_is_told_together():
    told = reasons(changed(id=..., status=None, invoiceDate="31.12.2025", totalAmount="1.234,56", archived="no"))
    assert [one.partition(":")[0] for one in told] == ["id", "status", "archived", "invoiceDate", "totalAmount"]


def test_the_key_in_sap_says_whose_invoice_it_is():
    assert build(load(GOLDEN)).key == "bill:00e01ABCDEFGHIJKLMNO"


def test_an_amount_in_exponents_is_read_exactly():
    record = read_json(b'{"totalAmount": 7.998E1}')
    assert load(changed(**record)).total.text == "79.98"


def test_what_is_not_known_is_counted_in_every_line():
    record = changed(colour="red", invoiceLineItems=[{"price": 1, "weight": 2}, {"price": 1}])
    assert unknown_fields(record) == ["colour", "invoiceLineItems.weight"]
