"""Ctrl-C and SIGTERM end a program at once, with one line; what sends drains at the first and stops at the second.

All of it is safe, since every intent is in the ledger.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from pipeline.delivery.stop import Stop

INTERRUPTED = 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(SystemExit):
    """A signal ends the program."""


def end_when_asked() -> None:
    """From now on a signal raises Interrupted, wherever the program is."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        raise Interrupted(INTERRUPTED)

    for number in _SIGNALS:
        signal.signal(number, handle)


@contextmanager
def draining() -> Iterator[Stop]:
    """Within, the first signal sets the given stop instead of ending the program."""
    stop = Stop()

    def handle(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set:
            os._exit(INTERRUPTED)
        stop.set()
        click.echo("ending after what is under way; once more to stop at once", err=True)

    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
