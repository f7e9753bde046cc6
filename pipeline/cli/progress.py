"""How far a command has come, on stderr, if that is a terminal; silence otherwise."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import Any

import click

from pipeline.delivery.sync import Watcher

_COUNTED, _UNCOUNTED = "%(label)s  [%(bar)s]  %(info)s", "%(label)s  %(info)s"


@contextmanager
def watching(*, quiet: bool) -> Iterator[Watcher]:
    """A watcher that draws, or one that does nothing."""
    if quiet or not sys.stderr.isatty():
        yield Watcher()
        return
    with ExitStack() as shown:
        lock = Lock()
        bars: list[Any] = []

        def begin(what: str, total: int | None) -> None:
            shown.close()
            bar: Any = click.progressbar(
                (None for _ in ()),
                length=total,
                label=what,
                show_pos=True,
                bar_template=_UNCOUNTED if total is None else _COUNTED,
                file=sys.stderr,
            )
            bars[:] = [shown.enter_context(bar)]

        def advance(count: int) -> None:
            with lock:
                bars[0].update(count)

        yield Watcher(begin=begin, advance=advance)
