"""How much a target bears: requests in flight, documents in one request. Learned, and never above what is granted.

Additive increase, multiplicative decrease, as TCP does (Chiu and Jain 1989): a sign of trouble halves the limit, a row
of good exchanges raises it by a step. Trouble is what SAP says (429, 503), silence, and an answer that took far longer
than the quickest of late for as many documents, since a dialog work process that is waited for shows as latency before
it shows as a refusal.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from pipeline.delivery.stop import Stop

GOOD_IN_A_ROW = 10
REMEMBERED = 50
FAR = 4
MARGIN = 2_000
_POLL = 100


class Limit:
    """A whole number from 1 to `most` that follows what it is told. Not for several threads at once."""

    def __init__(self, most: int, *, step: int = 1) -> None:
        self.most = most
        self.now = most
        self._step = step
        self._good = 0
        self._latencies: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)

    def observe(self, *, milliseconds: int, documents: int, busy: bool) -> None:
        """Take note of one exchange: how long it took, for how many documents, and whether it met trouble."""
        as_many = [took * max(documents, of) // of for took, of in self._latencies]
        slow = bool(as_many) and milliseconds > FAR * min(as_many) + MARGIN
        self._latencies.append((milliseconds, documents))
        if busy or slow:
            self._good = 0
            self.now = max(self.now // 2, 1)
            return
        self._good += 1
        if self._good >= GOOD_IN_A_ROW:
            self._good = 0
            self.now = min(self.now + self._step, self.most)


class Capacity(Protocol):
    """Who may send to a target now. One implementation for one process, one for all workers of a ledger."""

    def slot(self, target: str, stop: Stop) -> AbstractContextManager[None]:
        """Wait until one of the slots is free, and hold it; once somebody asks to stop, wait no longer.

        Who enters looks at `stop` again before sending.
        """

    def observe(self, target: str, *, milliseconds: int, documents: int, busy: bool) -> None:
        """Take note of one exchange: how long it took, for how many documents, and whether it met trouble."""


class InProcess:
    """The slots of one process, so many for each target at most."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._changed = threading.Condition()
        self._limits: dict[str, Limit] = {}
        self._held: dict[str, int] = {}

    @contextmanager
    def slot(self, target: str, stop: Stop) -> Iterator[None]:
        """See Capacity."""
        with self._changed:
            while self._held.get(target, 0) >= self._limit(target).now and not stop.is_set:
                self._changed.wait(_POLL / 1000)
            self._held[target] = self._held.get(target, 0) + 1
        try:
            yield
        finally:
            with self._changed:
                self._held[target] -= 1
                self._changed.notify_all()

    def observe(self, target: str, *, milliseconds: int, documents: int, busy: bool) -> None:
        """See Capacity."""
        with self._changed:
            self._limit(target).observe(milliseconds=milliseconds, documents=documents, busy=busy)
            self._changed.notify_all()

    def limit(self, target: str) -> int:
        """How many may be in flight to a target at present."""
        with self._changed:
            return self._limit(target).now

    def _limit(self, target: str) -> Limit:
        return self._limits.setdefault(target, Limit(self._slots))
