"""The data set as it stands now: the generated invoices, less what was removed, with what was changed.

The only state about invoices in this program; one lock, because the server answers from several threads.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from billing_mock.dataset import CURRENCIES, Dataset, Invoice


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


class Books:
    """The invoices that the vendors list; safe to use from several threads."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._lock = threading.Lock()
        self._totals: dict[int, Decimal] = {}
        self._removed: frozenset[int] = frozenset()
        self.revision = 0
        """Grows with every change, so that whoever counted can know that the count is stale."""

    def __iter__(self) -> Iterator[Invoice]:
        """Every record listed now; changes made during the walk are not seen by it."""
        with self._lock:
            totals, removed = dict(self._totals), self._removed
        for invoice in self._dataset:
            if invoice.position in removed:
                continue
            changed = totals.get(invoice.position)
            yield invoice if changed is None else replace(invoice, total=changed)

    def change_total(self, number: str, total: Decimal) -> None:
        """Give the invoice another total; UnknownInvoiceError, or AmountError if its currency cannot express it."""
        with self._lock:
            position = self._listed(number)
            decimals = CURRENCIES[self._dataset.invoice(position).currency]
            if not total.is_finite() or total != round(total, decimals):
                raise AmountError(f"{total} has more than the {decimals} decimals of the invoice's currency.")
            self._totals[position] = total
            self.revision += 1

    def remove(self, number: str) -> None:
        """List the invoice no longer; UnknownInvoiceError if it is not listed now."""
        with self._lock:
            self._removed |= {self._listed(number)}
            self.revision += 1

    def reset(self) -> None:
        """Forget every change."""
        with self._lock:
            self._totals, self._removed = {}, frozenset()
            self.revision += 1

    def _listed(self, number: str) -> int:
        position = self._dataset.position_of(number)
        if position is None or position in self._removed:
            raise UnknownInvoiceError(f"No invoice {number!r} is listed.")
        return position
