"""The data set as it stands now: the generated invoices, less what was removed, with what was changed.

The only state about invoices in this program; one lock, because the server answers from several threads.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from billing_mock.dataset import CURRENCIES, Dataset, Invoice
from billing_mock.documents import Document


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
        self._listing: tuple[int, array[int]] | None = None
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
        with self._lock:
            if self._listing is None or self._listing[0] != self.revision:
                listed = (position for position in self._dataset.positions() if position not in self._removed)
                self._listing = self.revision, array("q", listed)
            return self._listing[1]

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

    def _listed(self, number: str) -> int:
        position = self._dataset.position_of(number)
        if position is None or position in self._removed:
            raise UnknownInvoiceError(f"No invoice {number!r} is listed.")
        return position
