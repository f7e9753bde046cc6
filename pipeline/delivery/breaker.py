"""When a target is left alone: the circuit breaker. Closed, then open for a while, then one probe decides.

Whoever finds it open waits. When the time is over, exactly one may try; if SAP takes something, all may go on. Where
SAP named a time (Retry-After), that time counts, else it doubles with each failure, with full jitter.
"""

import threading
from collections.abc import Callable

from pipeline.clock import Clock
from pipeline.delivery import retry

_PROBED = 100


class Breaker:
    """The breaker of one target, shared by all who send to it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0
        self._probing = False

    @property
    def failures(self) -> int:
        """How many exchanges in a row came to nothing."""
        return self._failures

    @property
    def rest(self) -> int:
        """For how many milliseconds nobody should try."""
        with self._lock:
            return max(self._open_until - self._clock.monotonic(), 0) if self._failures else 0

    def admit(self) -> int:
        """0: go. Otherwise ask again after so many milliseconds. After a failure only one goes at a time."""
        with self._lock:
            if not self._failures:
                return 0
            left = self._open_until - self._clock.monotonic()
            if left > 0:
                return left
            if self._probing:
                return _PROBED
            self._probing = True
            return 0

    def close(self) -> None:
        """SAP took something."""
        with self._lock:
            self._failures = 0
            self._probing = False

    def open(self, asked: int | None, chance: Callable[[int], int]) -> None:
        """SAP took nothing; `asked` is how long it wants to be left alone, if it said so."""
        with self._lock:
            self._failures += 1
            self._probing = False
            pause = retry.pause(asked, self._failures, chance)
            if asked is None:
                pause = min(pause, retry.PATIENCE)
            self._open_until = max(self._open_until, self._clock.monotonic() + pause)

    def withdraw(self) -> None:
        """Whoever was admitted did not send after all."""
        with self._lock:
            self._probing = False
