"""The only source of time. Moments are in UTC; nothing here knows a local zone."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def elapsed() -> float:
    """Seconds on a clock that only goes forward; differences of it are durations."""
    return time.perf_counter()
