"""How fast one target is sent to: breaker, budget of retries, size of a request. One for each target and process."""

import threading
from collections.abc import Callable

from pipeline.clock import Clock
from pipeline.delivery import retry
from pipeline.delivery.breaker import Breaker
from pipeline.delivery.capacity import Limit
from pipeline.delivery.stop import Stop

FIRST = 10
LONGEST = 10_000
_STEPS = 10


class Size(Limit):
    """How many documents a request may hold: few at first, then twice as many each time, until there is trouble.

    A request that takes over LONGEST milliseconds is trouble, too: one that takes three times that is given up, and all
    of it is in doubt.
    """

    def __init__(self, most: int) -> None:
        super().__init__(most, step=max(most // _STEPS, 1))
        self.now = min(FIRST, most)
        self._doubles = True

    def observe(self, *, milliseconds: int, documents: int, busy: bool) -> None:
        """See Limit. What holds fewer documents than it may says nothing about larger ones."""
        before = self.now
        super().observe(milliseconds=milliseconds, documents=documents, busy=busy or milliseconds > LONGEST)
        if self.now < before:
            self._doubles = False
        elif milliseconds * 2 > LONGEST:
            self.now = before
        elif self._doubles and documents >= before:
            self.now = min(before * 2, self.most)


class Pace:
    """Shared by all slots that send to one target."""

    def __init__(self, clock: Clock, batch_size: int) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._size = Size(batch_size)
        self.breaker = Breaker(clock)
        self.budget = retry.Budget(clock)

    @property
    def size(self) -> int:
        """How many documents a request may hold at present; one while it is not known whether SAP takes anything."""
        return 1 if self.breaker.failures else self._size.now

    def admit(self, *, stop: Stop, goes_on: Callable[[], bool]) -> bool:
        """Wait until a request may go. Whether it may.

        It may not where there is no going on, or where SAP is to be left alone for longer than a run waits. Whoever is
        admitted calls `observe` or `withdraw` afterwards.
        """
        while goes_on() and self.breaker.rest <= retry.PATIENCE:
            delay = self.breaker.admit()
            if not delay:
                return True
            stop.wait(min(delay, retry.LOOK_ROUND))
        return False

    def observe(self, *, milliseconds: int, documents: int, busy: bool, nothing_taken: bool, asked: int | None) -> None:
        """What came of a request: how long so many documents took, whether it met trouble, or came to nothing."""
        with self._lock:
            self._size.observe(milliseconds=milliseconds, documents=documents, busy=busy)
        if nothing_taken:
            self.breaker.open(asked, self._clock.chance)
        else:
            self.breaker.close()

    def withdraw(self) -> None:
        """The request that was admitted was not sent after all."""
        self.breaker.withdraw()


class Paces:
    """The pace of each target, from its first use on."""

    def __init__(self, clock: Clock, batch_size: int) -> None:
        self._clock = clock
        self._batch_size = batch_size
        self._lock = threading.Lock()
        self._paces: dict[str, Pace] = {}

    def of(self, target: str) -> Pace:
        """The pace of this target."""
        with self._lock:
            if target not in self._paces:
                self._paces[target] = Pace(self._clock, self._batch_size)
            return self._paces[target]
