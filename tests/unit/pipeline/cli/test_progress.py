"""A person at a terminal sees how far the work has come; a file and a pipe get nothing."""

import fcntl
import io
import logging
import os
import pty
import struct
import sys
import termios
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from pipeline.cli.progress import watching


@contextmanager
def terminal(monkeypatch, *, columns=80):
    """A terminal for stderr, and somebody who looks at it; gives what was drawn on it once it is closed."""
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with ThreadPoolExecutor(1) as somebody:
        seen = somebody.submit(_everything, ours)
        with os.fdopen(theirs, "w") as stderr:
            monkeypatch.setattr("sys.stderr", stderr)
            yield seen
            monkeypatch.undo()
    os.close(ours)


def _everything(descriptor):
    drawn = b""
    while True:
        try:
            drawn += os.read(descriptor, 65536)
        except OSError:  # EIO: the other end is closed
            return drawn.decode()


class Unbuffered(io.TextIOBase):
    """A text stream that keeps nothing for later."""

    def __init__(self, raw):
        self.fileno, self.isatty = raw.fileno, raw.isatty
        self._raw = raw

    def write(self, text):
        return self._raw.write(text.encode())


def told(watcher, *, total):
    """Three pages of a source, then a delivery of `total` by several threads."""
    watcher.begin("reading postman", None)
    for _ in range(3):
        watcher.advance(500)
    watcher.begin("delivering", total)
    with ThreadPoolExecutor(8) as slots:
        list(slots.map(watcher.advance, [1] * total))


def test_each_piece_of_work_shows_how_much_of_it_is_done(monkeypatch):
    with terminal(monkeypatch) as drawn, watching(quiet=False) as watcher:
        told(watcher, total=1500)
    reading, delivering = drawn.result().split("delivering", 1)
    assert "reading postman  1500" in reading
    assert delivering.rstrip().endswith("1500/1500")


def lines(drawn):
    """What stands on the terminal in the end."""
    found = []
    for line in drawn.split("\r\n"):
        shown = ""
        for text in line.split("\r"):
            shown = text + shown[len(text) :]
        found.append(shown.rstrip())
    return found


@pytest.mark.parametrize("columns", [0, 4, 12, 20, 40, 200])
def test_nothing_is_wider_than_the_terminal_and_the_count_is_there_if_it_can_be(monkeypatch, columns):
    with terminal(monkeypatch, columns=columns) as drawn, watching(quiet=False) as watcher:
        told(watcher, total=1500)
    shown = lines(drawn.result())
    assert max(map(len, shown)) < (columns or 80)
    assert columns == 4 or shown[1].endswith("1500/1500")


def test_what_is_logged_or_said_meanwhile_stands_on_lines_of_its_own(monkeypatch):
    root = logging.getLogger()
    with terminal(monkeypatch) as drawn:
        handler = logging.StreamHandler(sys.stderr)
        monkeypatch.setattr(root, "handlers", [handler])
        with watching(quiet=False) as watcher:
            watcher.begin("delivering", 3)
            watcher.advance(1)
            root.warning("slow")
            sys.stderr.write("ending\n")
            watcher.advance(2)
        assert handler.stream is sys.stderr
    assert lines(drawn.result()) == ["slow", "ending", f"delivering  [{'#' * 30}]  3/3", ""]


def test_a_terminal_gets_no_escape_sequence(monkeypatch):
    with terminal(monkeypatch) as drawn, watching(quiet=False) as watcher:
        told(watcher, total=3)
    assert "\x1b" not in drawn.result()


def test_a_terminal_that_cannot_draw_over_a_line_gets_nothing(monkeypatch):
    with terminal(monkeypatch) as drawn:
        monkeypatch.setenv("TERM", "dumb")
        with watching(quiet=False) as watcher:
            told(watcher, total=3)
    assert drawn.result() == ""


def test_a_terminal_that_went_away_stops_no_work(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "wb", buffering=0) as stderr:
        monkeypatch.setattr("sys.stderr", Unbuffered(stderr))
        with watching(quiet=False) as watcher:
            watcher.begin("delivering", 2)
            os.close(ours)
            watcher.advance(1)
            watcher.advance(1)
        monkeypatch.undo()


def test_nothing_to_deliver_is_no_trouble(monkeypatch):
    with terminal(monkeypatch) as drawn, watching(quiet=False) as watcher:
        told(watcher, total=0)
    assert "0/0" in drawn.result()


def test_who_wants_json_gets_nothing_on_a_terminal_either(monkeypatch):
    with terminal(monkeypatch) as drawn, watching(quiet=True) as watcher:
        told(watcher, total=3)
    assert drawn.result() == ""


def test_what_is_no_terminal_gets_nothing(capsys):
    with watching(quiet=False) as watcher:
        told(watcher, total=3)
    assert capsys.readouterr().err == ""
