"""The books: what a test may change about the invoices, and what it may not."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from billing_mock.books import AmountError, Books, Kept, UnknownInvoiceError
from billing_mock.dataset import SEED_DOCUMENT_INVOICE, Dataset

SEED = SEED_DOCUMENT_INVOICE.number


@pytest.fixture
def books():
    return Books(Dataset(size=20))


def test_a_changed_total_is_listed_and_everything_else_stays(books):
    before = list(books)
    books.change_total(SEED, Decimal("440.50"))
    after = list(books)
    assert after[0].total == Decimal("440.50")
    assert after[1:] == before[1:]


def test_a_removed_invoice_is_listed_no_longer_and_cannot_be_removed_twice(books):
    books.remove(SEED)
    assert SEED not in [invoice.number for invoice in books]
    with pytest.raises(UnknownInvoiceError, match=SEED):
        books.remove(SEED)
    with pytest.raises(UnknownInvoiceError):
        books.change_total(SEED, Decimal(1))


@pytest.mark.parametrize("amount", ["0.001", "12.345", "NaN", "Infinity"])
def test_an_amount_that_the_currency_cannot_express_is_refused(books, amount):
    with pytest.raises(AmountError, match="2 decimals"):
        books.change_total(SEED, Decimal(amount))


def test_reset_forgets_every_change(books):
    before = list(books)
    books.change_total(SEED, Decimal(1))
    books.remove(before[3].number)
    books.reset()
    assert list(books) == before


def test_each_change_makes_earlier_counts_stale(books):
    revisions = [books.revision]
    for change in (lambda: books.change_total(SEED, Decimal(1)), lambda: books.remove(SEED), books.reset):
        change()
        revisions.append(books.revision)
    assert revisions == sorted(set(revisions))


def test_a_walk_through_the_books_is_not_disturbed_by_a_change(books):
    walk = iter(books)
    first = next(walk)
    books.remove(list(books)[5].number)
    assert len([first, *walk]) == 20


def test_what_is_listed_is_also_told_by_its_positions(books):
    books.remove(list(books)[5].number)
    assert [books.document(position).invoice for position in books.positions()] == list(books)
    assert [document.invoice for document in books.documents()] == list(books)


def test_the_moment_of_a_change_is_remembered_with_it():
    changed = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    books = Books(Dataset(size=3), now=lambda: changed)
    books.change_total(SEED, Decimal(1))
    assert [document.updated == changed for document in books.documents()] == [True, False, False]


def test_a_listed_record_is_found_by_its_number_and_a_removed_one_is_not(books):
    assert books.find(SEED).invoice == SEED_DOCUMENT_INVOICE
    books.remove(SEED)
    assert books.find(SEED) is None
    assert books.find("nonsense") is None


def test_what_was_generated_stays_as_the_seed_has_it(books):
    before = [document.invoice for document in books.generated()]
    books.change_total(SEED, Decimal(1))
    books.remove(before[3].number)
    assert [document.invoice for document in books.generated()] == before
    assert books.altered() == {0}


def test_something_is_kept_until_the_books_change_or_others_take_its_place(books):
    made = []
    kept = Kept(books, most=2)

    def get(key):
        return kept.get(key, lambda: made.append(key) or len(made))

    assert [get("a"), get("b"), get("a")] == [1, 2, 1]
    assert [get("c"), get("b"), get("a")] == [3, 2, 4]
    books.touch()
    assert [get("a"), get("a")] == [5, 5]


def test_columns_are_drawn_once_and_then_only_for_what_was_changed(books, drawn):
    columns = books.columns(("total",), lambda document: (int(document.invoice.total),))
    before = columns.now()["total"]
    assert list(before) == [int(document.invoice.total) for document in books.generated()]
    drawn.clear()
    books.change_total(SEED, Decimal(7))
    assert columns.now()["total"][0] == 7
    assert columns.now()["total"][1:] == before[1:]
    assert set(drawn) == {0}
    books.reset()
    assert columns.now()["total"] == before


def test_columns_that_are_prepared_make_each_record_once_for_all_of_them_and_none_later(books, drawn):
    first = books.columns(("total",), lambda document: (int(document.invoice.total),))
    second = books.columns(("place", "day"), lambda document: (document.invoice.position, document.invoice.issued.day))
    books.prepare()
    assert drawn == list(range(20))
    assert list(second.now()["place"]) == list(range(20))
    assert len(first.now()["total"]) == len(second.now()["day"]) == 20
    assert drawn == list(range(20))
