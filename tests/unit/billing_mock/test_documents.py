"""What stands on the invoices: sums that agree to the smallest unit, days that stay days, and everything that happens."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_mock.dataset import CURRENCIES, SEED_DOCUMENT_INVOICE, Dataset, Invoice
from billing_mock.documents import BERLIN, COST_CENTRES, RATES, Document, Payment, TaxCase, months_later


def documents(size, **choices):
    return [Document(invoice=invoice, seed=1) for invoice in Dataset(size=size, **choices)]


def document(position=1, total="100.00", currency="USD", seed=1):
    invoice = Invoice(
        position=position,
        number=f"{position:016d}",
        issued=date(2024, 1, 31),
        total=Decimal(total),
        currency=currency,
        customer="Taylor Lee Ltd",
        web_page=True,
    )
    return Document(invoice=invoice, seed=seed)


def agrees(told):
    unit = Decimal(1).scaleb(-told.decimals)
    assert told.net + told.tax == told.invoice.total
    assert sum(line.net for line in told.lines) == told.net
    assert sum(line.tax for line in told.lines) == told.tax
    assert abs(told.net * told.rate / 100 - told.tax) <= unit
    for line in told.lines:
        assert ((line.quantity * line.unit_price) - line.discount) * line.duration == line.net
        assert line.discount >= 0
        for amount in (line.unit_price, line.discount, line.net, line.tax):
            assert amount == round(amount, told.decimals)
    if told.credit:
        assert told.credit.total == told.credit.net + told.credit.tax <= told.invoice.total
        assert sum(line.net for line in told.credit.lines) == told.credit.net
        assert sum(line.tax for line in told.credit.lines) == told.credit.tax


def test_in_every_document_of_the_data_set_the_totals_are_the_sums_of_the_lines():
    for told in documents(6000, bad=50):
        agrees(told)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**15), st.sampled_from(sorted(CURRENCIES)), st.integers(0, 10**6), st.integers(0, 10**6))
def test_whatever_the_total_the_lines_and_the_tax_add_up_to_it(minor, currency, position, seed):
    agrees(document(position, str(Decimal(minor).scaleb(-CURRENCIES[currency])), currency, seed))


def test_a_thousand_documents_have_what_happens_to_real_ones():
    told = documents(1000)
    assert {document.case for document in told} == set(TaxCase)
    assert {document.payment for document in told} == set(Payment)
    assert {line.cost_centre for document in told for line in document.lines} == set(COST_CENTRES)
    happened = Counter(
        fact
        for document in told
        for fact, holds in {
            "cancelled": document.cancelled,
            "credited in part": document.credit and not document.cancelled,
            "corrected": any(line.correction for line in document.lines),
            "a year of service": document.months == 12,
            "not final": not document.final,
            "several lines": len(document.lines) > 1,
            "a discount": any(line.discount for line in document.lines),
            "another day in UTC": document.created.date() != document.invoice.issued,
        }.items()
        if holds
    )
    assert all(count >= 10 for count in happened.values()), happened
    assert len(happened) == 8


def test_a_document_was_made_on_its_day_in_berlin_whatever_the_day_is_in_utc():
    for told in documents(3000):
        assert told.created.astimezone(BERLIN).date() == told.invoice.issued
        assert told.updated >= told.created


def test_the_example_of_the_postman_blog_bears_no_tax_and_is_never_taken_back():
    told = Document(invoice=SEED_DOCUMENT_INVOICE, seed=7)
    assert (told.net, told.tax, told.credit) == (440, 0, None)


def test_tax_rates_are_german():
    assert sorted(RATES.values()) == [0, 0, 7, 19]


@pytest.mark.parametrize(
    ("day", "months", "first"),
    [
        (date(2024, 1, 31), 0, date(2024, 1, 1)),
        (date(2024, 1, 31), 1, date(2024, 2, 1)),
        (date(2024, 12, 31), 1, date(2025, 1, 1)),
        (date(2024, 1, 31), 11, date(2024, 12, 1)),
        (date(2023, 11, 5), 14, date(2025, 1, 1)),
    ],
)
def test_months_are_counted_from_first_to_first(day, months, first):
    assert months_later(day, months) == first


def test_a_period_of_service_begins_and_ends_with_a_month():
    for told in documents(500):
        assert told.service_from.day == 1
        assert months_later(told.service_to, 1) == months_later(told.service_from, told.months)
        assert (told.service_to - told.service_from).days in {27, 28, 29, 30, 364, 365}
