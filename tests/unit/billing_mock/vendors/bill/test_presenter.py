"""BILL's dialect: the published members, totals that agree with lines, and each way in which a record can be bad."""

from datetime import date
from decimal import Decimal

import pytest
from marshmallow import RAISE

from billing_mock.books import Books
from billing_mock.dataset import DEFECTS, SEED_DOCUMENT_INVOICE, Dataset
from billing_mock.documents import Document
from billing_mock.vendors.bill import presenter
from billing_mock.vendors.bill.contract import schemas
from billing_mock.written import Written


def documents(**choices):
    return list(Books(Dataset(**choices)).documents())


def test_the_first_invoice_is_the_one_that_all_vendors_have():
    told = presenter.invoice(Document(invoice=SEED_DOCUMENT_INVOICE, seed=1))
    assert told["id"] == "00e7UDSYBJPGQU93N7M"
    assert (told["totalAmount"], told["invoiceDate"], told["customerId"]) == (440, "2023-10-12", "0cu01USD000000000001")
    assert "salesTaxTotal" not in told


def test_every_invoice_has_only_published_members_and_adds_up():
    schema = schemas.InvoiceSchema(unknown=RAISE)
    for document in documents(size=2000):
        told = presenter.invoice(document)
        assert schema.validate({**told}) == {}
        assert {"currency", "link", "links"}.isdisjoint(told)
        lines = told["invoiceLineItems"]
        assert sum(line["price"] * line["quantity"] for line in lines) == sum(line["amount"] for line in lines)
        assert sum(line["amount"] for line in lines) + told.get("salesTaxTotal", 0) == told["totalAmount"]
        settled = told["creditAmount"] + told["scheduledAmount"] + sum(p["amount"] for p in told.get("payments", ()))
        assert told["dueAmount"] == told["totalAmount"] - settled
        assert date.fromisoformat(told["invoiceDate"]) == document.invoice.issued
        assert len(told["id"]) <= 40
        assert None not in told.values()


def test_an_archived_invoice_still_says_open():
    archived = [told for told in map(presenter.invoice, documents(size=500)) if told["archived"]]
    assert archived
    assert {(told["status"], told["recordStatus"]) for told in archived} == {("OPEN", "INACTIVE")}


def test_every_status_but_the_undefined_occurs_and_numbers_are_chosen_twice():
    told = [presenter.invoice(document) for document in documents(size=1000)]
    assert {one["status"] for one in told} == {"OPEN", "PARTIAL_PAYMENT", "PAID_IN_FULL", "SCHEDULED"}
    numbers = [one["invoiceNumber"] for one in told]
    assert len(set(numbers)) < len(numbers)


def test_credit_memos_and_payments_have_only_published_members_and_name_their_invoice():
    told = documents(size=1000)
    memos = [presenter.credit_memo(document) for document in told if presenter.has_credit_memo(document)]
    payments = [presenter.payment(document) for document in told if presenter.has_payment(document)]
    assert len(memos) > 20
    assert len(payments) > 300
    for memo in memos:
        assert schemas.CreditMemoSchema(unknown=RAISE).validate(memo) == {}
        lines = sum(line["amount"] for line in memo["creditMemoLineItems"])
        assert lines + memo.get("salesTaxTotal", 0) == memo["amount"] == memo["usage"][0]["amount"]
    for payment in payments:
        assert schemas.ReceivablePaymentSchema(unknown=RAISE).validate(payment) == {}
        assert payment["invoicePayments"][0]["amount"] == payment["amount"]


def test_each_customer_is_billed_in_one_currency():
    for customer in presenter.CUSTOMER_LIST:
        told = presenter.customer(customer)
        assert schemas.CustomerSchema(unknown=RAISE).validate(told) == {}
        assert told["invoiceCurrency"] == customer.currency
    assert len(presenter.CUSTOMER_IDS) == len(presenter.CUSTOMER_LIST)
    assert "invoiceCurrency" not in presenter.customer(None)


BAD = {
    "amount_missing": lambda told: "totalAmount" not in told,
    "date_malformed": lambda told: told["invoiceDate"] == "12/10/2023",
    "amount_too_fine": lambda told: told["totalAmount"] == Decimal("12.3456"),
    "number_too_long": lambda told: len(told["id"]) > 40,
    "amount_as_text": lambda told: told["totalAmount"] == "1.234,56",
    "currency_missing": lambda told: told["customerId"] == presenter.CUSTOMER_WITHOUT_CURRENCY,
    "not_a_record": lambda told: isinstance(told, str),
    "date_impossible": lambda told: told["invoiceDate"] == "2023-02-30",
    "number_missing": lambda told: "id" not in told,
    "amount_too_big": lambda told: told["totalAmount"] > 10**18,
}


def test_each_defect_can_be_seen():
    bad = documents(size=0, bad=len(DEFECTS))
    assert [document.invoice.defect for document in bad] == list(DEFECTS)
    for document in bad:
        assert BAD[document.invoice.defect](presenter.told(presenter.invoice(document))), document.invoice.defect


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_good_invoices_are_expected_in_their_customer_s_currency_and_credit_memos_below_zero(currency):
    books = Books(Dataset(size=500, bad=4))
    expected = presenter.expected(books, Written(books.touch))
    credited = [document for document in books.documents() if presenter.has_credit_memo(document)]
    assert credited
    assert (expected.delivered, expected.held, expected.quarantined) == (500 + len(credited), 0, 4)
    invoiced = sum(invoice.total for invoice in books if invoice.currency == currency and not invoice.defect)
    taken_back = sum(one.credit.total for one in credited if one.invoice.currency == currency)
    assert expected.sums[currency] == invoiced - taken_back
