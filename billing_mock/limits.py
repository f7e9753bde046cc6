"""How many requests a caller may make in a window of time, and at once. Counts; knows neither HTTP nor any vendor."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """The answer to one request: whether it is granted, and what is left."""

    granted: bool
    limit: int
    remaining: int
    window: int
    resets_in: int
    resets_at: int
    taken_in_all: int


class FixedWindow:
    """`limit` requests per `window` seconds for each caller, counted from the caller's first request."""

    def __init__(self, *, limit: int, window: int = 60, now: Callable[[], float] = time.time) -> None:
        self._limit = limit
        self._window = window
        self._now = now
        self._lock = threading.Lock()
        self._opened: dict[str, tuple[float, int]] = {}
        self._in_all: dict[str, int] = {}

    def take(self, caller: str) -> Allowance:
        """Count one request of `caller`; a refused one counts only towards the total."""
        with self._lock:
            now = self._now()
            opened, taken = self._opened.get(caller, (now, 0))
            if now >= opened + self._window:
                opened, taken = now, 0
            granted = taken < self._limit
            taken += granted
            self._opened[caller] = (opened, taken)
            self._in_all[caller] = self._in_all.get(caller, 0) + 1
            return Allowance(
                granted=granted,
                limit=self._limit,
                remaining=self._limit - taken,
                window=self._window,
                resets_in=max(1, math.ceil(opened + self._window - now)),
                resets_at=math.ceil(opened + self._window),
                taken_in_all=self._in_all[caller],
            )

    def reset(self) -> None:
        """Forget every caller."""
        with self._lock:
            self._opened.clear()
            self._in_all.clear()


class Gauge:
    """How many requests of one caller run at the same time; at most `limit`."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._running: dict[str, int] = {}

    def enter(self, caller: str) -> bool:
        """Begin a request, if there is room; whoever was let in has to leave."""
        with self._lock:
            running = self._running.get(caller, 0)
            if running >= self._limit:
                return False
            self._running[caller] = running + 1
            return True

    def leave(self, caller: str) -> None:
        """End a request that was let in."""
        with self._lock:
            self._running[caller] -= 1
