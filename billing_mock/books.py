"""The data set as it stands now: the generated invoices, less what was removed, with what was changed.

The only state about invoices in this program; one lock, because the server answers from several threads. What the
vendors work out from it is Kept until something changes; what a list is ordered and counted by stands in Columns.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Generic, TypeVar

from billing_mock.dataset import CURRENCIES, Dataset, Invoice
from billing_mock.documents import Document

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


class BooksError(Exception):
    """A change that the books cannot take."""


class UnknownInvoiceError(BooksError):
    """There is no such invoice, or it was removed."""


class AmountError(BooksError):
    """The amount cannot be said in the invoice's currency."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a vendor's list should lead to in SAP: counts, and the sum of what is delivered per currency."""

    delivered: int
    held: int
    quarantined: int
    sums: dict[str, Decimal]


@dataclass(frozen=True, kw_only=True)
class _Change:
    total: Decimal
    at: datetime


class Books:
    """The invoices that the vendors list; safe to use from several threads."""

    def __init__(self, dataset: Dataset, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._dataset = dataset
        self._now = now
        self._lock = threading.Lock()
        self._changes: dict[int, _Change] = {}
        self._removed: frozenset[int] = frozenset()
        self._columns: list[Columns] = []
        self._listing = Kept[None, "array[int]"](self, most=1)
        self.revision = 0
        """Grows with every change, so that whoever counted can know that the count is stale."""

    def __iter__(self) -> Iterator[Invoice]:
        """Every record listed now; changes made during the walk are not seen by it."""
        with self._lock:
            changes, removed = dict(self._changes), self._removed
        return (self._changed(position, changes) for position in self._dataset.positions() if position not in removed)

    @property
    def seed(self) -> int:
        """The seed of the data set, from which everything else about an invoice is drawn."""
        return self._dataset.seed

    def columns(self, names: Sequence[str], numbers: Callable[[Document], Sequence[int]]) -> Columns:
        """A few whole numbers about each record, drawn when they are first asked for, or by :meth:`prepare`."""
        columns = Columns(self, names, numbers)
        self._columns.append(columns)
        return columns

    def prepare(self) -> None:
        """Draw all columns in one walk, so that each record is made once and nobody waits for it later."""
        _draw(self, self._columns)

    def documents(self) -> Iterator[Document]:
        """Every record listed now, with all that is known of it."""
        return (Document(invoice=invoice, seed=self.seed) for invoice in self)

    def document(self, position: int) -> Document:
        """The record at `position`, listed or not."""
        return Document(invoice=self._changed(position, self._changes), seed=self.seed)

    def find(self, number: str) -> Document | None:
        """The listed record with this number; None if there is none."""
        position = self._dataset.position_of(number)
        return None if position is None or position in self._removed else self.document(position)

    def positions(self) -> array[int]:
        """Where the listed records stand, in their order; the same array until something changes. Not to be changed."""
        return self._listing.get(None, self._listed_positions)

    def generated(self) -> Iterator[Document]:
        """Every record as the seed has it, by its position, whatever was changed or removed since."""
        invoices = map(self._dataset.invoice, range(self._dataset.size + self._dataset.bad))
        return (Document(invoice=invoice, seed=self.seed) for invoice in invoices)

    def altered(self) -> frozenset[int]:
        """Where the records stand that are not as they were generated."""
        with self._lock:
            return frozenset(self._changes)

    def change_total(self, number: str, total: Decimal) -> None:
        """Give the invoice another total; UnknownInvoiceError, or AmountError if its currency cannot express it."""
        with self._lock:
            position = self._listed(number)
            decimals = CURRENCIES[self._dataset.invoice(position).currency]
            if not total.is_finite() or total != round(total, decimals):
                raise AmountError(f"{total} has more than the {decimals} decimals of the invoice's currency.")
            self._changes[position] = _Change(total=total, at=self._now())
            self.revision += 1

    def remove(self, number: str) -> None:
        """List the invoice no longer; UnknownInvoiceError if it is not listed now."""
        with self._lock:
            self._removed |= {self._listed(number)}
            self.revision += 1

    def touch(self) -> None:
        """Make earlier counts stale: a vendor's own records have changed."""
        with self._lock:
            self.revision += 1

    def reset(self) -> None:
        """Forget every change."""
        with self._lock:
            self._changes, self._removed = {}, frozenset()
            self.revision += 1

    def _changed(self, position: int, changes: dict[int, _Change]) -> Invoice:
        invoice, change = self._dataset.invoice(position), changes.get(position)
        return invoice if change is None else replace(invoice, total=change.total, changed=change.at)

    def _listed_positions(self) -> array[int]:
        removed = self._removed
        return array("q", (position for position in self._dataset.positions() if position not in removed))

    def _listed(self, number: str) -> int:
        position = self._dataset.position_of(number)
        if position is None or position in self._removed:
            raise UnknownInvoiceError(f"No invoice {number!r} is listed.")
        return position


class Kept(Generic[Key, Made]):
    """The last few things that were worked out from the books as they stand, each made once until something changes."""

    def __init__(self, books: Books, *, most: int) -> None:
        self._books = books
        self._most = most
        self._lock = threading.Lock()
        self._made: dict[tuple[int, Key], Made] = {}

    def get(self, key: Key, make: Callable[[], Made]) -> Made:
        """What is kept under this key; made now if nothing is, and the oldest let go."""
        with self._lock:
            kept_as = self._books.revision, key
            if kept_as not in self._made:
                made = make()
                for outdated in list(self._made)[: max(0, len(self._made) - self._most + 1)]:
                    del self._made[outdated]
                self._made[kept_as] = made
            return self._made[kept_as]


class Columns:
    """A few whole numbers about each record, by position, so that a page need not ask all documents for them.

    They follow from the seed and are drawn once, for all records; what was changed in the books is drawn anew.
    """

    def __init__(self, books: Books, names: Sequence[str], numbers: Callable[[Document], Sequence[int]]) -> None:
        self.names = names
        self.numbers = numbers
        self.drawn: Mapping[str, array[int]] = {}
        self._books = books
        self._kept = Kept[None, Mapping[str, "array[int]"]](books, most=1)

    def now(self) -> Mapping[str, array[int]]:
        """Name → the numbers as the books stand now. Not to be changed."""
        return self._kept.get(None, self._as_altered)

    def _as_altered(self) -> Mapping[str, array[int]]:
        if not self.drawn:
            _draw(self._books, [self])
        altered = self._books.altered()
        if not altered:
            return self.drawn
        columns = {name: column[:] for name, column in self.drawn.items()}
        for position in altered:
            for column, number in zip(columns.values(), self.numbers(self._books.document(position)), strict=True):
                column[position] = number
        return columns


def _draw(books: Books, several: Sequence[Columns]) -> None:
    drawn = [{name: array("q") for name in columns.names} for columns in several]
    for document in books.generated():
        for columns, numbers in zip(several, drawn, strict=True):
            for column, number in zip(numbers.values(), columns.numbers(document), strict=True):
                column.append(number)
    for columns, numbers in zip(several, drawn, strict=True):
        columns.drawn = numbers
