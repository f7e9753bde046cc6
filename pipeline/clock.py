"""The only source of time and chance. Nothing else asks the machine for the hour or for a random number.

Instants are whole milliseconds since 1970-01-01 UTC: no float, no local time zone, and they compare as numbers in any
database.
"""

import random
import time
import uuid
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Time and chance as the machine gives them. Tests hand in their own."""

    def now(self) -> int:
        """The instant in milliseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> int:
        """Milliseconds that never run backwards, for deadlines and durations."""
        return time.monotonic_ns() // 1_000_000

    def sleep(self, milliseconds: int) -> None:
        """Wait for so many milliseconds."""
        time.sleep(max(milliseconds, 0) / 1000)

    def chance(self, upper: int) -> int:
        """A whole number from 0 up to and including `upper`, to spread retries; never a secret."""
        return random.randint(0, upper)  # noqa: S311 - spreads retries, guards nothing

    def guid(self) -> str:
        """Thirty-two hexadecimal digits in upper case, as SAP writes its GUIDs."""
        return uuid.uuid4().hex.upper()


class Deadline:
    """A point on the monotonic clock after which nobody waits any longer."""

    def __init__(self, clock: Clock, milliseconds: int) -> None:
        self._clock = clock
        self._end = clock.monotonic() + milliseconds

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return self._clock.monotonic() >= self._end


def readable(instant: int) -> str:
    """An instant for people: `2026-01-31T12:00:00Z`."""
    moment = _EPOCH + timedelta(milliseconds=instant)
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
