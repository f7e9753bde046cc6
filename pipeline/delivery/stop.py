"""Somebody wants us to end: finish what is under way, begin nothing new."""

import threading


class Stop:
    """Set once, by a signal or by a thread that found no use in going on; never reset."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Ask everybody to end."""
        self._event.set()

    @property
    def is_set(self) -> bool:
        """Whether somebody asked."""
        return self._event.is_set()

    def wait(self, milliseconds: int) -> bool:
        """Wait for so long or until somebody asks; whether somebody did."""
        return self._event.wait(max(milliseconds, 0) / 1000)
