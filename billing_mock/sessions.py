"""Sessions that end when nobody uses them for a while. Knows neither HTTP nor any vendor."""

import secrets
import threading
import time
from collections.abc import Callable


class Sessions:
    """Who is logged on; each use starts the `idle` seconds anew."""

    def __init__(self, *, idle: float, now: Callable[[], float] = time.monotonic) -> None:
        self._idle = idle
        self._now = now
        self._lock = threading.Lock()
        self._open: dict[str, tuple[str, float]] = {}

    def open(self, holder: str) -> str:
        """Log `holder` on; returns the new session's name, which nobody can guess."""
        name = secrets.token_hex(16).upper()
        with self._lock:
            self._open[name] = holder, self._now()
        return name

    def use(self, name: str) -> str | None:
        """Whose session it is, and start its time anew; None if there is none, or none any longer."""
        with self._lock:
            holder, used = self._open.get(name, ("", 0.0))
            now = self._now()
            if not holder or now - used >= self._idle:
                self._open.pop(name, None)
                return None
            self._open[name] = holder, now
            return holder

    def close(self, name: str) -> None:
        """Log off; a session that is not open stays so."""
        with self._lock:
            self._open.pop(name, None)

    def reset(self) -> None:
        """Log everybody off."""
        with self._lock:
            self._open.clear()
