"""What the app is made of: the vendors as they were opened, and everything of one running billing-mock.

The vendors know nothing of this; app/vendors.py fills it in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from flask import Blueprint, Response

from billing_mock.books import Books, Expected
from billing_mock.faults import FaultPlans
from billing_mock.options import ErrorShape, Options


class Throttled(Protocol):
    """Writes the vendor's 429."""

    def __call__(self, *, retry_after: int, month: bool, shape: ErrorShape) -> Response:
        """Say how long to wait, or that this month's quota is gone."""


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """One billing system: its addresses, its settings for the pipeline, its share of the truth, its errors."""

    pages: Blueprint
    settings: Callable[[str], dict[str, str]]
    expected: Callable[[], Expected]
    number_of: Callable[[str], str]
    throttled: Throttled
    server_error: Callable[[int, ErrorShape], Response]
    reset: Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """One running billing-mock; what it knows beyond its options is in here."""

    options: Options
    books: Books
    plans: FaultPlans
    vendors: Mapping[str, Vendor]

    def reset(self) -> None:
        """As if it had just been started."""
        self.books.reset()
        self.plans.reset()
        for vendor in self.vendors.values():
            vendor.reset()
