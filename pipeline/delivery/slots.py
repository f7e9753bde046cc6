"""How many requests are in flight to the SAP system: as many locks in the ledger as it grants work processes.

A slot is a lock by name, so all that work on one ledger share the slots: threads, commands, and workers on however many
machines; the slot of a process that was killed is free at once. All targets share them too, since they are services of
one SAP system and occupy the same dialog work processes. How many SAP bears at present is learned (`capacity`), kept in
the ledger for everybody, and never above what is granted.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from pipeline.clock import Clock
from pipeline.delivery.capacity import Limit
from pipeline.delivery.stop import Stop
from pipeline.ledger.ledger import Ledger
from pipeline.model.stops import Unavailable

SYSTEM = "SAP"
"""Under this name the ledger keeps what the system as a whole bears."""
ENDING = "asked to end while others had all of SAP's slots; nothing was sent meanwhile"
_POLL, _FRESH = 100, 1_000


class _Thread(threading.local):
    holds = False


class Slots:
    """The slots of a ledger as one program sees them, all its threads together. Once `stop` is set nobody waits."""

    def __init__(self, ledger: Ledger, clock: Clock, *, most: int, stop: Stop) -> None:
        self._ledger = ledger
        self._clock = clock
        self._stop = stop
        self._limit = Limit(most)
        self._learnt: int | None = None
        self._lock = threading.Lock()
        self._thread = _Thread()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait until a slot is free and hold it; a thread that holds one goes on with that.

        Raises Unavailable when somebody asks to stop before one is free, or, as Misconfigured, for a ledger in trouble.
        """
        if self._thread.holds:
            yield
            return
        while not (free := self._take()):
            if self._stop.wait(_POLL + self._clock.chance(_POLL)):
                raise Unavailable(ENDING)
        with free:
            self._thread.holds = True
            try:
                yield
            finally:
                self._thread.holds = False

    def observe(self, *, milliseconds: int, documents: int, busy: bool) -> None:
        """Take note of one exchange: how long it took, for how many documents, and whether it met trouble.

        What it changes is written down for everybody; nothing is written down once SAP bears all that is granted.
        """
        with self._lock:
            self._learn(now=busy)
            before = self._limit.now
            self._limit.observe(milliseconds=milliseconds, documents=documents, busy=busy)
            if self._limit.now != before:
                self._ledger.set_capacity(SYSTEM, None if self._limit.now == self._limit.most else self._limit.now)

    @property
    def now(self) -> int:
        """How many requests SAP bears at present."""
        with self._lock:
            self._learn()
            return self._limit.now

    def _learn(self, *, now: bool = False) -> None:
        """What all have learnt together; asked once a second, so that it is no part of each exchange."""
        instant = self._clock.monotonic()
        if now or self._learnt is None or instant - self._learnt >= _FRESH:
            self._learnt = instant
            known = self._ledger.target(SYSTEM).capacity
            self._limit.now = self._limit.most if known is None else min(max(known, 1), self._limit.most)

    def _take(self) -> ExitStack | None:
        """A slot that was free, to be closed; none if all are taken."""
        now = self.now
        first = self._clock.chance(now - 1)
        for offset in range(now):
            slot = ExitStack()
            if slot.enter_context(self._ledger.lock(f"slot-{(first + offset) % now}")):
                return slot
            slot.close()
        return None
