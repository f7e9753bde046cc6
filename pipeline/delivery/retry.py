"""When something is tried again, and how often at all.

Waits are spread over their whole length ("full jitter"), so that many who failed together do not come back together.
A budget keeps retries a small part of the traffic: a system in trouble is not to be loaded with repeats (Google SRE
book, "Handling Overload": a per-client retry ratio).
"""

import threading
from collections.abc import Callable

from pipeline.clock import Clock
from pipeline.model.outcome import Ambiguous, NotTaken

FIRST = 500
LONGEST = 300_000
LONGEST_ASKED = 3_600_000
LOOK_AGAIN = 5_000
PATIENCE = 20_000
LOOK_ROUND = 500
FAILURES_IN_A_ROW = 8
LOOKS_IN_A_ROW = 3
RETRIES_IN_RESERVE = 20
FIRST_TRIES_FOR_A_RETRY = 5
MILLISECONDS_FOR_A_RETRY = 1_000


def pause(asked: int | None, attempt: int, chance: Callable[[int], int]) -> int:
    """How long to wait before the next attempt: what SAP asked for (bounded), else up to twice as long each time."""
    if asked is not None:
        return min(asked, LONGEST_ASKED)
    return chance(min(FIRST * 2 ** min(attempt - 1, 20), LONGEST))


def wait(outcome: NotTaken, attempt: int, chance: Callable[[int], int]) -> int:
    """How long a document waits that was not taken at its n-th attempt."""
    return pause(outcome.wait, attempt, chance)


def asked(outcome: Ambiguous) -> int:
    """How long the target wants to be left alone before anybody looks: what it asked for (bounded), or not at all."""
    return min(outcome.wait or 0, LONGEST_ASKED)


class Budget:
    """How many exchanges may be repeats: one for five first tries, one for each second, and some in reserve."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._most = RETRIES_IN_RESERVE * MILLISECONDS_FOR_A_RETRY
        self._saved = self._most
        self._seen = clock.monotonic()

    def earn(self) -> None:
        """An exchange without any repeat was begun."""
        with self._lock:
            self._add(MILLISECONDS_FOR_A_RETRY // FIRST_TRIES_FOR_A_RETRY)

    @property
    def allows(self) -> bool:
        """Whether there is something left for an exchange that repeats something."""
        with self._lock:
            now = self._clock.monotonic()
            self._add(now - self._seen)
            self._seen = now
            return self._saved >= MILLISECONDS_FOR_A_RETRY

    def spend(self) -> None:
        """An exchange that repeats something was begun."""
        with self._lock:
            self._add(-MILLISECONDS_FOR_A_RETRY)

    def _add(self, milliseconds: int) -> None:
        self._saved = min(self._saved + milliseconds, self._most)
