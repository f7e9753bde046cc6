"""What should arrive in SAP, told by the side that made the invoices up, so that no test need believe the pipeline."""

import threading
from collections.abc import Callable, Mapping
from datetime import date

from billing_mock.app.parts import Vendor
from billing_mock.books import Books, Expected
from billing_mock.dataset import CURRENCIES


class Truth:
    """What each vendor's list should lead to, counted once per state of the books and day."""

    def __init__(self, books: Books, vendors: Mapping[str, Vendor], today: Callable[[], date]) -> None:
        self._books = books
        self._vendors = vendors
        self._today = today
        self._lock = threading.Lock()
        self._counted: dict[str, tuple[tuple[int, date], Expected]] = {}

    def tell(self) -> dict[str, object]:
        """The body of /_mock/truth: per source the counts, and sums with the decimals of their currency."""
        with self._lock:
            return {"sources": {name: _told(self._expected(name)) for name in self._vendors}}

    def _expected(self, name: str) -> Expected:
        state = self._books.revision, self._today()
        counted, expected = self._counted.get(name, (None, None))
        if expected is None or counted != state:
            expected = self._vendors[name].expected()
            self._counted[name] = state, expected
        return expected


def _told(expected: Expected) -> dict[str, object]:
    return {
        "delivered": expected.delivered,
        "held": expected.held,
        "quarantined": expected.quarantined,
        "sums": {
            currency: f"{total:.{CURRENCIES.get(currency, 2)}f}" for currency, total in sorted(expected.sums.items())
        },
    }
