"""The only source of time and chance. Nothing else asks the machine for the hour or for a random number.

Instants are whole milliseconds since 1970-01-01 UTC: no float, no local time zone, and they compare as numbers in any
database.
"""

import os
import random
import time
from datetime import UTC, datetime, timedelta

_GUID_CHANCE = 0x0FFF << 64 | 0x3FFFFFFFFFFFFFFF
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Time and chance as the machine gives them. Tests hand in their own."""

    def now(self) -> int:
        """The instant in milliseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000_000

    def shared(self, told: int) -> int:
        """The instant that several machines share: what their server has told. Tests put their own in its place."""
        return told

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
        """Thirty-two hexadecimal digits in upper case, as SAP writes its GUIDs.

        A UUID of version 7 (RFC 9562, section 5.7): it begins with the instant, so that an index of many of them grows
        at its end only.
        """
        chance = int.from_bytes(os.urandom(10))
        version, variant = 0x7 << 76, 0b10 << 62
        return f"{self.now() << 80 | version | (chance & _GUID_CHANCE) | variant:032X}"


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
