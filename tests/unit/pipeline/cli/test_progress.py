"""A person at a terminal sees how far the work has come; a file and a pipe get nothing."""

import os
import pty
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from pipeline.cli.progress import watching


@contextmanager
def terminal(monkeypatch):
    """A terminal for stderr, and somebody who looks at it; gives what was drawn on it once it is closed."""
    ours, theirs = pty.openpty()
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
    assert delivering.rpartition("\r")[0].rstrip("\x1b[?25h\n\r").endswith("1500/1500")


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
