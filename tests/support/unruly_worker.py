"""`billing-to-sap`, but it misbehaves as UNRULY says, so that tests see what becomes of the invoices.

What is to happen once, however many processes there are, is done by whoever makes the file UNRULY_ONCE.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.cli import main
from pipeline.telemetry.watched import WatchedEntities, WatchedLedger
from pipeline.worker import engine
from pipeline.worker.ticks import Ticks
from pipeline.worker.work import Bench

_CHANCE = random.Random(os.environ.get("UNRULY_SEED", "1"))  # noqa: S311 - the same losses in each run


def _before(owner: type, name: str, deed: Callable[[], None]) -> None:
    original = getattr(owner, name)

    def changed(*arguments: Any, **named: Any) -> Any:
        deed()
        return original(*arguments, **named)

    setattr(owner, name, changed)


def _after(owner: type, name: str, deed: Callable[[], None]) -> None:
    """Misbehave once the method has given something."""
    original = getattr(owner, name)

    def changed(*arguments: Any, **named: Any) -> Any:
        result = original(*arguments, **named)
        if result:
            deed()
        return result

    setattr(owner, name, changed)


def _once(number: int) -> Callable[[], None]:
    """Sends this process a signal, the first time that any process comes here."""

    def deed() -> None:
        try:
            with Path(os.environ["UNRULY_ONCE"]).open("x") as file:
                file.write(str(os.getpid()))
        except FileExistsError:
            return
        os.kill(os.getpid(), number)

    return deed


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _lose_and_double_ticks() -> None:
    """Three of ten ticks are lost, the others come twice."""
    original = Ticks.send

    def send(self: Ticks, targets: list[str]) -> None:
        kept = [target for target in targets if _CHANCE.random() > 0.3]
        original(self, kept * 2)

    Ticks.send = send  # type: ignore[method-assign,assignment]  # that is the misdeed


def _hang_in_a_tick() -> None:
    """The first tick hangs; the limits of a tick are seconds instead of minutes."""
    engine.CONFIGURATION.update(task_soft_time_limit=2, task_time_limit=3)
    _before(Bench, "tick", _once(signal.SIGSTOP))


MISDEEDS: dict[str, Callable[[], None]] = {
    "loses and doubles ticks": _lose_and_double_ticks,
    "dies after sending": lambda: _after(WatchedEntities, "create", _once(signal.SIGKILL)),
    "dies with every tick": lambda: _before(Bench, "tick", _die),
    "hangs in a tick": _hang_in_a_tick,
    "freezes before sending": lambda: _after(WatchedLedger, "claim", _once(signal.SIGSTOP)),
    "freezes before settling": lambda: _before(WatchedLedger, "settle", _once(signal.SIGSTOP)),
}

if __name__ == "__main__":
    MISDEEDS[os.environ["UNRULY"]]()
    main()
