"""From a document to its postings: the documented rules, and books that balance."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billing_mock.dataset import Dataset, Invoice
from billing_mock.documents import BERLIN, Document, Share, TaxCase
from billing_mock.vendors.fynn.accounting.postings import ROOM, count, postings


class Example(Document):
    """A document whose facts are given instead of drawn."""

    def __init__(self, net, tax, months, case, issued):
        object.__setattr__(
            self,
            "invoice",
            Invoice(
                position=5,
                number="X" * 16,
                issued=issued,
                total=Decimal(net) + Decimal(tax),
                currency="EUR",
                customer="Taylor Lee Ltd",
                web_page=True,
            ),
        )
        object.__setattr__(self, "seed", 1)
        shares = (Share(1, Decimal(net), Decimal(tax)),)
        facts = {"case": case, "months": months, "shares": shares, "credit": None, "payment": None}
        self.__dict__.update(facts)


def told(document):
    return [(one.type, one.debit, one.credit, str(one.amount), one.day.isoformat()) for one in postings(document)]


def test_a_year_of_1200_billed_in_january_is_deferred_and_released_as_fynn_explains():
    document = Example("1200.00", "228.00", 12, TaxCase.STANDARD, date(2026, 1, 15))
    assert told(document)[:3] == [
        ("revenue", "debtor", "revenueGermany", "1200.00", "2026-01-15"),
        ("revenueTax", "debtor", "ledgerAccount 19", "228.00", "2026-01-15"),
        ("deferal", "revenueGermany", "passiveDeferral", "1100.00", "2026-01-15"),
    ]
    assert told(document)[3:] == [
        ("resolveDeferal", "passiveDeferral", "revenueGermany", "100.00", f"2026-{month:02d}-01")
        for month in range(2, 13)
    ]


def test_what_cannot_be_divided_by_twelve_leaves_its_cents_to_the_last_month():
    document = Example("1000.00", "0.00", 12, TaxCase.TAX_FREE, date(2026, 11, 30))
    amounts = [one.amount for one in postings(document) if one.type == "resolveDeferal"]
    assert amounts == [Decimal("83.33")] * 10 + [Decimal("83.37")]
    assert sum(amounts) == next(one.amount for one in postings(document) if one.type == "deferal")
    assert postings(document)[-1].day == date(2027, 10, 1)


def test_a_month_of_service_is_not_deferred():
    document = Example("100.00", "19.00", 1, TaxCase.STANDARD, date(2026, 1, 15))
    assert [row[0] for row in told(document)] == ["revenue", "revenueTax"]


@pytest.mark.parametrize(
    ("case", "account"),
    [
        (TaxCase.STANDARD, "revenueGermany"),
        (TaxCase.REDUCED, "revenueGermanyReduced"),
        (TaxCase.REVERSE_CHARGE, "revenueEurope"),
        (TaxCase.TAX_FREE, "revenueTaxFree"),
    ],
)
def test_the_tax_case_decides_on_the_revenue_account(case, account):
    assert told(Example("100.00", "0.00", 1, case, date(2026, 1, 15)))[0][2] == account


def test_what_a_debtor_owes_is_the_invoice_less_payments_and_credits():
    for document in (Document(invoice=invoice, seed=1) for invoice in Dataset(size=3000)):
        balance = Counter()
        for one in postings(document):
            assert one.amount > 0
            assert one.amount == round(one.amount, document.decimals)
            balance[one.debit] += one.amount
            balance[one.credit] -= one.amount
        credited = document.credit.total if document.credit else 0
        assert balance["debtor"] == document.invoice.total - credited - document.paid
        assert balance["passiveDeferral"] == 0


def test_a_cancellation_takes_every_posting_back_once_and_never_before_its_day():
    cancelled = [
        document
        for document in (Document(invoice=invoice, seed=1) for invoice in Dataset(size=1500))
        if document.cancelled
    ]
    assert any(document.months == 12 for document in cancelled)
    for document in cancelled:
        made = postings(document)
        forward = [one for one in made if one.reverses is None]
        back = [one for one in made if one.reverses is not None]
        assert [one.reverses for one in back] == [one.ordinal for one in forward]
        for one in back:
            original = next(other for other in made if other.ordinal == one.reverses)
            assert (one.debit, one.credit, one.amount) == (original.credit, original.debit, original.amount)
            assert one.day >= original.day


def test_every_type_and_account_occurs_in_a_thousand_documents():
    made = [one for invoice in Dataset(size=1000) for one in postings(Document(invoice=invoice, seed=1))]
    assert {one.type for one in made} == {"revenue", "expense", "resolveDeferal", "deferal", "payment", "revenueTax"}
    assert len({side for one in made for side in (one.debit, one.credit)}) == 15


def test_ordinals_never_repeat_and_a_bad_record_has_one_posting():
    for invoice in Dataset(size=300, bad=30):
        document = Document(invoice=invoice, seed=1)
        ordinals = [one.ordinal for one in postings(document)]
        assert len(set(ordinals)) == len(ordinals)
        assert all(0 <= ordinal < ROOM for ordinal in ordinals)
        assert not invoice.defect or len(ordinals) == 1
        assert all(document.moment("x", one.day).astimezone(BERLIN).date() == one.day for one in postings(document))


@pytest.mark.parametrize("total", ["0", "0.01", "0.05", "1", "99999"])
def test_another_amount_gives_no_posting_another_one_s_place(total):
    for invoice in Dataset(size=200, only_usd=True):
        before = {one.ordinal: (one.type, one.line) for one in _of(invoice)}
        after = {one.ordinal: (one.type, one.line) for one in _of(replace(invoice, total=Decimal(total)))}
        assert all(before[ordinal] == after[ordinal] for ordinal in before.keys() & after.keys())


def _of(invoice):
    return postings(Document(invoice=invoice, seed=1))


def test_gross_revenue_is_one_posting_and_what_customers_owe_stays_the_same():
    for position, invoice in enumerate(Dataset(size=300)):
        document = Document(invoice=invoice, seed=1)
        net, gross = postings(document), postings(document, gross=True)
        owed = [
            sum(
                (one.amount if one.debit == "debtor" else -one.amount) * (one.debit != one.credit)
                for one in made
                if "debtor" in {one.debit, one.credit}
            )
            for made in (net, gross)
        ]
        assert owed[0] == owed[1], position
        if document.case in {TaxCase.STANDARD, TaxCase.REDUCED} and not document.credit:
            assert "revenueTax" not in {one.type for one in gross}
        else:
            assert document.case in {TaxCase.STANDARD, TaxCase.REDUCED} or net == gross


@pytest.mark.parametrize("gross", [False, True])
@pytest.mark.parametrize("sign", [1, -1])
def test_counting_the_postings_of_a_document_comes_to_as_many_as_making_them(sign, gross):
    invoices = (replace(invoice, total=sign * invoice.total) for invoice in Dataset(size=3000, bad=20))
    documents = [Document(invoice=invoice, seed=1) for invoice in invoices]
    made = [len(postings(document, gross=gross)) for document in documents]
    assert [count(document, gross=gross) for document in documents] == made
