"""BILL's records: the currency from the customer, the total from the lines, cancelled where archived."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.invoice import Invoice
from pipeline.model.money import Money
from pipeline.model.record import read_json
from pipeline.model.rejection import Rejection
from pipeline.sap.invoice_entity import build
from pipeline.sap.invoice_entity import key_of as key_of_invoice
from pipeline.sap.supplier_invoice import key_of as key_of_payable
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


MEMO = {
    # the example of BILL's guide on credit memos, as a read shows it: 2 x 14.99, 1 x 50, ten per cent off
    "id": "ccr01ABCDEFGHIJKLMNO",
    "archived": False,
    "customerId": "0cu01ABCDEFGHIJKLMNO",
    "referenceNumber": "202502-creditmemo",
    "creditDate": "2025-12-28",
    "amount": Decimal("71.98"),
    "appliedAmount": 0,
    "status": "NOT_APPLIED",
    "creditMemoLineItems": [
        {"id": "cci1", "price": Decimal("14.99"), "quantity": 2},
        {"id": "cci2", "price": 50, "quantity": 1},
        {"id": "cci3", "ratePercent": -10},
    ],
    "usage": [],
    "$customer": {"id": "0cu01ABCDEFGHIJKLMNO", "invoiceCurrency": "USD"},
    "$kind": "credit memo",
}


def memo(**members):
    record = {**MEMO, **members}
    return {name: value for name, value in record.items() if value is not ...}


def test_a_credit_memo_is_booked_below_zero():
    assert load(MEMO) == Invoice(
        source="bill",
        id="cm:ccr01ABCDEFGHIJKLMNO",
        status="CREDIT",
        issued_on=date(2025, 12, 28),
        total=Money(amount=Decimal("-71.98"), currency="USD"),
    )


def test_an_archived_credit_memo_is_cancelled_and_that_is_a_change():
    archived = load(memo(archived=True))
    assert (archived.status, archived.is_cancelled) == ("CANCELLED", True)
    assert build(archived).digest != build(load(MEMO)).digest


@pytest.mark.parametrize("status", ["PARTIALLY_APPLIED", "FULLY_APPLIED", "IN_PROCESS", "SOMETHING_NEW"])
def test_what_a_credit_memo_is_used_for_is_no_change_of_it(status):
    used = memo(status=status, appliedAmount=5, usage=[{"invoiceId": "00e1", "amount": 5}])
    assert build(load(used)) == build(load(MEMO))


@pytest.mark.parametrize("key_of", [key_of_invoice, key_of_payable])
@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_a_credit_memo_never_has_the_key_of_any_invoice(key_of, one, other):
    invoice, credit = load(changed(id=one)), load(memo(id=other))
    if not isinstance(invoice, Rejection):
        assert invoice.id != credit.id
        assert key_of(invoice) != key_of(credit)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"amount": Decimal("-71.98"), "creditMemoLineItems": ...}, "amount: -71.98 USD is below zero"),
        ({"amount": Decimal("71.97")}, "amount: 71.97 is not what lines and sales tax add up to (71.98)"),
        ({"creditMemoLineItems": [{"quantity": 1}]}, "creditMemoLineItems: a line has neither"),
        ({"creditDate": ...}, "creditDate: is missing"),
        ({"$customer": None}, "no customer of this id"),
    ],
)
def test_a_credit_memo_that_does_not_hold_is_set_aside_under_its_own_name(change, told):
    rejection = load(memo(**change))
    assert rejection.id == "cm:ccr01ABCDEFGHIJKLMNO"
    assert told in rejection.reasons[0]


def test_a_credit_memo_without_an_id_has_no_name():
    assert load(memo(id=...)).id == ""


def test_an_invoice_that_calls_itself_a_credit_memo_is_set_aside():
    (reason,) = reasons(changed(id="cm:ccr01"))
    assert reason.startswith("id: begins with cm:")


def test_a_rate_counts_of_the_lines_above_it():
    items = [{"price": 100, "quantity": 1}, {"ratePercent": Decimal("8.25")}, {"price": 10, "quantity": 1}]
    assert load(changed(invoiceLineItems=items, totalAmount=Decimal("118.25"))).total.text == "118.25"


def test_what_is_not_known_of_a_credit_memo_is_counted():
    assert unknown_fields(memo(totalAmount=1, creditMemoLineItems=[{"weight": 1}])) == [
        "creditMemoLineItems.weight",
        "totalAmount",
    ]
    assert unknown_fields(MEMO) == unknown_fields(GOLDEN) == []


def test_all_that_is_wrong_is_told_together():
    told = reasons(changed(id=..., status=None, invoiceDate="31.12.2025", totalAmount="1.234,56", archived="no"))
    assert [one.partition(":")[0] for one in told] == ["id", "archived", "status", "invoiceDate", "totalAmount"]


def test_the_key_in_sap_says_whose_invoice_it_is():
    assert build(load(GOLDEN)).key == "bill:00e01ABCDEFGHIJKLMNO"


def test_an_amount_in_exponents_is_read_exactly():
    record = read_json(b'{"totalAmount": 7.998E1}')
    assert load(changed(**record)).total.text == "79.98"


def test_what_is_not_known_is_counted_in_every_line():
    record = changed(colour="red", invoiceLineItems=[{"price": 1, "weight": 2}, {"price": 1}])
    assert unknown_fields(record) == ["colour", "invoiceLineItems.weight"]
