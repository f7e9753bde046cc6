"""How long a tick may work, and how every process of a worker learns that it is to end.

The main process holds the one end of a pipe, every child the other. When the main process is asked to stop it closes
its end; when it is killed, the kernel does. Either way each child sees the end of the pipe, at once and without a lock
that somebody killed could have left taken.
"""

import os
import select

from pipeline.clock import Clock
from pipeline.delivery.stop import Stop


class Rope:
    """The pipe. Made by the main process before it starts any other."""

    def __init__(self) -> None:
        self._held, self._kept = os.pipe()

    def cut(self) -> None:
        """The main process stops: everybody is to end."""
        if self._kept >= 0:
            os.close(self._kept)
            self._kept = -1

    def hold(self) -> None:
        """A child has been started: only the main process may keep the rope up."""
        self.cut()

    def is_cut(self, milliseconds: int = 0) -> bool:
        """Whether the main process is gone or stops, now or within so long."""
        return bool(select.select([self._held], [], [], max(milliseconds, 0) / 1000)[0])


class Roped(Stop):
    """Set once the rope is cut."""

    def __init__(self, rope: Rope) -> None:
        super().__init__()
        self._rope = rope

    @property
    def is_set(self) -> bool:
        """Whether to end."""
        return super().is_set or self._rope.is_cut()

    def wait(self, milliseconds: int) -> bool:
        """Wait for so long or until it is time to end; whether it is."""
        return self._rope.is_cut(milliseconds) or self.is_set


class Turn(Roped):
    """Set once the rope is cut or the time is over, whichever comes first."""

    def __init__(self, rope: Rope, clock: Clock, milliseconds: int) -> None:
        super().__init__(rope)
        self._clock = clock
        self._end = clock.monotonic() + milliseconds

    @property
    def is_over(self) -> bool:
        """Whether the time is up, and somebody else should have a turn."""
        return self._clock.monotonic() >= self._end

    @property
    def is_set(self) -> bool:
        """Whether to end."""
        return self.is_over or super().is_set

    def wait(self, milliseconds: int) -> bool:
        """Wait for so long or until it is time to end; whether it is."""
        return super().wait(min(milliseconds, max(self._end - self._clock.monotonic(), 0)))
