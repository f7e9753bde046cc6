"""Periods instead of pages, and the stream."""

import tracemalloc
from datetime import date

import pytest

from billing_mock.books import Books
from billing_mock.dataset import Dataset
from billing_mock.options import Options
from billing_mock.vendors.copaco import presenter
from billing_mock.vendors.copaco.paging import CHUNK, Calendar, Period, PeriodError, disturbed, lost, period, streamed
from billing_mock.xml_text import Writer

EVER = Period(start=date(2019, 1, 1), end=date(2027, 12, 31))


@pytest.mark.parametrize(
    ("start", "end", "read"),
    [
        ("2024-02-29", "2024-03-01", Period(start=date(2024, 2, 29), end=date(2024, 3, 1))),
        ("20240229", "20240229", Period(start=date(2024, 2, 29), end=date(2024, 2, 29))),
        ("2024-02-29", "20240301", Period(start=date(2024, 2, 29), end=date(2024, 3, 1))),
    ],
)
def test_a_period_is_read_in_both_spellings(start, end, read):
    assert period({"startDate": start, "endDate": end}) == read


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("", "2024-01-01", "startDate is missing"),
        ("2024-01-01", "", "endDate is missing"),
        ("2024-02-30", "2024-03-01", "startDate is missing or is not a date"),
        ("01-02-2024", "2024-03-01", "startDate"),
        ("2024-0101", "2024-03-01", "startDate"),
        ("2024-01-01T00:00:00", "2024-03-01", "startDate"),
        ("2024-03-02", "2024-03-01", "endDate is before startDate"),
    ],
)
def test_a_period_that_cannot_be_read_is_refused(start, end, told):
    with pytest.raises(PeriodError, match=told):
        period({"startDate": start, "endDate": end})


def test_the_days_of_a_period_are_both_included_and_no_other():
    books = Books(Dataset(size=800, bad=8))
    calendar = Calendar(books)
    day = date(2024, 2, 29)
    for paper in calendar.papers(Period(start=day, end=day), is_sold=False):
        assert paper.made == day
    everything = [paper.number for paper in calendar.papers(EVER, is_sold=False)]
    halves = [
        paper.number
        for half in (Period(start=EVER.start, end=date(2023, 6, 30)), Period(start=date(2023, 7, 1), end=EVER.end))
        for paper in calendar.papers(half, is_sold=False)
    ]
    assert sorted(halves) == sorted(everything)
    assert len(set(everything)) == len(everything) > 808


def test_what_changes_in_the_books_changes_the_calendar():
    books = Books(Dataset(size=20))
    calendar = Calendar(books)
    before = len(list(calendar.papers(EVER, is_sold=False)))
    books.remove("7UDSYBJPGQU93N7M")
    assert len(list(calendar.papers(EVER, is_sold=False))) == before - 1


@pytest.mark.parametrize("size", [300, 3000])
def test_once_the_days_are_known_a_period_makes_its_own_documents_and_no_other(size, drawn):
    books = Books(Dataset(size=size))
    calendar = Calendar(books)
    books.prepare()
    drawn.clear()
    papers = list(calendar.papers(Period(start=date(2024, 2, 29), end=date(2024, 3, 31)), is_sold=False))
    assert papers
    assert drawn == [paper.document.invoice.position for paper in papers]


def test_a_period_s_papers_come_in_the_order_of_the_books_each_credit_after_its_document():
    books = Books(Dataset(size=300, bad=3))
    papers = [(paper.document.invoice.position, paper.credit) for paper in Calendar(books).papers(EVER, is_sold=False)]
    expected = [
        (document.invoice.position, credit)
        for document in books.documents()
        for credit in ((False, True) if document.credit else (False,))
    ]
    assert papers == expected


@pytest.mark.parametrize("count", [0, 1, 2, 5000])
def test_the_stream_is_head_elements_and_tail(count):
    texts = [f"<{number:0100d}>" for number in range(count)]
    chunks = list(streamed(texts, head="[", tail="]", between=","))
    assert b"".join(chunks).decode() == "[" + ",".join(texts) + "]"
    assert max(map(len, chunks)) < 2 * CHUNK


def test_any_number_of_invoices_is_streamed_in_the_same_memory():
    options, writer = Options(), Writer(presenter.ITEMS)

    def needed(size):
        calendar = Calendar(Books(Dataset(size=size)))
        papers = calendar.papers(EVER, is_sold=False)
        texts = (writer.element("Invoice", presenter.invoice(paper, options)) for paper in papers)
        tracemalloc.start()
        sent = sum(map(len, streamed(texts, head="", tail="", between="")))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak, sent

    (little, few), (much, many) = needed(100), needed(800)
    assert many > 7 * few
    assert much < little + 300_000  # the calendar itself has 32 bytes for each


def test_a_disturbance_touches_the_first_subscription_only():
    told = {"Customers": [{"Subscriptions": [{"PriceLines": [{"a": 1}, {"a": 2}]}, {"PriceLines": [{"a": 3}]}]}]}
    [customer] = disturbed(told, lost)["Customers"]
    assert [len(one["PriceLines"]) for one in customer["Subscriptions"]] == [1, 1]
    assert disturbed("no record", lost) == "no record"
