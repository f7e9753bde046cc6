"""A progress bar on stderr, if that is a terminal; silence otherwise. rich is imported only for a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.delivery.sync import Watcher


@contextmanager
def watching(*, quiet: bool) -> Iterator[Watcher]:
    """A watcher that draws, or one that does nothing."""
    if quiet or not sys.stderr.isatty():
        yield Watcher()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=None)

        def begin(what: str, total: int | None) -> None:
            progress.reset(task, description=what, total=total)

        def advance(count: int) -> None:
            progress.advance(task, count)

        yield Watcher(begin=begin, advance=advance)
