"""How many requests all workers together have in flight to the SAP system: as many locks in the ledger as it grants.

A slot is a lock of the database that its connection holds, so the slot of a process that was killed is free at once. A
tick keeps its slot from the first request to the last, log-on and looks included. The number in use is learned as
within one process (`delivery.capacity`), kept in the ledger for everybody, and never above what is granted. All targets
share the slots, since they are services of one SAP system and occupy the same dialog work processes.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from pipeline.clock import Clock
from pipeline.delivery.capacity import Limit
from pipeline.delivery.stop import Stop
from pipeline.ledger.ledger import Ledger

SYSTEM = "SAP"
"""Under this name the ledger keeps what the system as a whole bears."""
_POLL, _FRESH = 100, 1_000


class Slots:
    """The slot of one process, for one thread; an implementation of `delivery.capacity.Capacity`."""

    def __init__(self, ledger: Ledger, clock: Clock, *, most: int) -> None:
        self._ledger = ledger
        self._clock = clock
        self._limit = Limit(most)
        self._learnt: int | None = None
        self._kept = ExitStack()
        self._number: int | None = None

    @contextmanager
    def slot(self, target: str, stop: Stop) -> Iterator[None]:
        """Wait until a slot is free and keep it until `close`; give a slot back that is above what SAP bears by now."""
        self._learn()
        if self._number is not None and self._number >= self._limit.now:
            self.close()
        while self._number is None and not stop.is_set and not self._take():
            stop.wait(_POLL + self._clock.chance(_POLL))
            self._learn()
        yield

    def observe(self, target: str, *, milliseconds: int, documents: int, busy: bool) -> None:
        """Take note of one exchange; what it changes is written down for all workers."""
        self._learn(now=busy)
        before = self._limit.now
        self._limit.observe(milliseconds=milliseconds, documents=documents, busy=busy)
        if self._limit.now != before:
            self._ledger.set_capacity(SYSTEM, self._limit.now)

    def close(self) -> None:
        """Give the slot back."""
        self._number = None
        self._kept.close()

    def _learn(self, *, now: bool = False) -> None:
        """What all workers together have learnt; asked once a second, so that it is no part of each exchange."""
        instant = self._clock.monotonic()
        if now or self._learnt is None or instant - self._learnt >= _FRESH:
            self._learnt = instant
            known = self._ledger.target(SYSTEM).capacity
            self._limit.now = self._limit.most if known is None else min(max(known, 1), self._limit.most)

    def _take(self) -> bool:
        first = self._clock.chance(self._limit.now - 1)
        for offset in range(self._limit.now):
            number = (first + offset) % self._limit.now
            attempt = ExitStack()
            if attempt.enter_context(self._ledger.lock(f"slot:{SYSTEM}:{number}")):
                self._kept, self._number = attempt, number
                return True
            attempt.close()
        return False
