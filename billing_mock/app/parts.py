"""What the app is made of: the vendors as their packages give them, and everything of one running billing-mock.

The vendors know nothing of this; app/__init__.py fills it in.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from flask import Blueprint, Response

from billing_mock.books import Books, Expected
from billing_mock.dataset import Invoice
from billing_mock.faults import FaultPlans
from billing_mock.limits import FixedWindow
from billing_mock.options import ErrorShape, Options


class Throttled(Protocol):
    """Writes the vendor's 429."""

    def __call__(self, *, retry_after: int, month: bool, shape: ErrorShape) -> Response:
        """Say how long to wait, or that this month's quota is gone."""


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """One billing system: its addresses, its settings for the pipeline, its share of the truth, its errors."""

    routes: Callable[[Books, Options, FixedWindow], Blueprint]
    settings: Callable[[str], dict[str, str]]
    expected: Callable[[Iterable[Invoice]], Expected]
    number_of: Callable[[str], str]
    throttled: Throttled
    server_error: Callable[[int, ErrorShape], Response]
    requests_per_minute: Callable[[Options], int]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """One running billing-mock; what it knows beyond its options is in here."""

    options: Options
    books: Books
    plans: FaultPlans
    vendors: Mapping[str, Vendor]
    windows: Mapping[str, FixedWindow]

    def reset(self) -> None:
        """As if it had just been started."""
        self.books.reset()
        self.plans.reset()
        for window in self.windows.values():
            window.reset()
