"""How far a command has come, on stderr, if that is a terminal that draws over a line; silence otherwise."""

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from threading import RLock
from typing import TextIO

from pipeline.delivery.sync import Watcher

COLUMNS = 80
WIDEST = 30
NARROWEST = 5


@contextmanager
def watching(*, quiet: bool) -> Iterator[Watcher]:
    """A watcher that draws, or one that does nothing."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Watcher()
        return
    line = _Line(sys.stderr)
    logs = [one for one in logging.getLogger().handlers if isinstance(one, logging.StreamHandler)]
    before = [(one, one.setStream(line)) for one in logs]
    try:
        with redirect_stderr(line):
            yield Watcher(begin=line.begin, advance=line.advance)
    finally:
        for handler, stream in before:
            handler.setStream(stream or sys.stderr)
        line.end()


class _Line(io.TextIOBase):
    """The last line of a terminal, drawn over without any escape sequence; what is written there stands above it."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal
        self._lock = RLock()
        self._what = ""
        self._total: int | None = None
        self._done = 0
        self._shown = ""

    def begin(self, what: str, total: int | None) -> None:
        """A new piece of work, on a line of its own."""
        with self._lock:
            self.end()
            self._what, self._total, self._done = what, total, 0
            self._draw()

    def advance(self, count: int) -> None:
        """So much more of it is done; told by several threads."""
        with self._lock:
            self._done += count
            self._draw()

    def end(self) -> None:
        """What is shown stays as it is."""
        with self._lock:
            if self._shown:
                self._put("\n")
            self._what = self._shown = ""

    def write(self, text: str) -> int:
        with self._lock:
            if self._shown:
                self._put(f"\r{' ' * len(self._shown)}\r")
            self._shown = ""
            self._put(text)
            if text.endswith("\n"):
                self._draw()
        return len(text)

    def flush(self) -> None:
        self._terminal.flush()

    def _draw(self) -> None:
        text = self._text() if self._what else ""
        if text != self._shown:
            self._put(f"\r{text.ljust(len(self._shown))}")
            self._shown = text

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._terminal.fileno()).columns or COLUMNS
        except OSError:
            return COLUMNS

    def _text(self) -> str:
        room = self._columns() - 1
        count = str(self._done) if self._total is None else f"{self._done}/{self._total}"
        bar = min(room - len(f"{self._what}  []  {count}"), WIDEST)
        if self._total is None or bar < NARROWEST:
            return f"{self._what[: max(room - len(count) - 2, 0)]}  {count}"[:room]
        full = bar * self._done // max(self._total, 1)
        return f"{self._what}  [{'#' * full}{'-' * (bar - full)}]  {count}"

    def _put(self, text: str) -> None:
        """Write at once; a terminal that went away is no reason to stop what is under way."""
        with suppress(OSError):
            self._terminal.write(text)
            self._terminal.flush()
