"""A worker as a program: the main process speaks with the broker, its children work, one child sweeps.

Nothing is opened before the children are started: each opens its own ledger. The main process keeps up the rope (see
`turn`). It ends with 2 when a child found that a person must change something first: to go on asking SAP with a wrong
password would lock the user.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from multiprocessing.sharedctypes import RawValue
from typing import Any

from celery import Celery, signals
from celery.exceptions import Reject
from celery.utils.log import get_multiprocessing_logger

from pipeline.assembly import FORMS, Parts
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.telemetry import logs
from pipeline.worker import engine, sweeper
from pipeline.worker.ticks import Ticks
from pipeline.worker.turn import Rope, Roped, Turn
from pipeline.worker.work import TURN, Bench

INTERRUPTED = 130
MISCONFIGURED = 2
UNAVAILABLE = 5
DEFECT = 1
_FORK = get_context("fork")


@dataclass(frozen=True, kw_only=True)
class Station:
    """What a worker is made of: `watched` gives each process, once it is started, its parts with listeners."""

    parts: Parts
    concurrency: int
    batch_size: int | None = None
    watched: Callable[[Parts], Parts]
    metrics_address: tuple[str, int] | None = None
    rope: Rope = field(default_factory=Rope)
    exit_code: Any = field(default_factory=lambda: RawValue("i", 0))


def application(parts: Parts) -> Celery:
    """The application for these settings; connects to nothing yet."""
    return engine.application(parts.settings.broker_url, list(FORMS))


def run(station: Station) -> int:
    """Work until a signal says otherwise; the exit code. Raises Misconfigured or Unavailable where it cannot begin."""
    station.parts.ledger().close()
    app = application(station.parts)
    Ticks(app).prepare()
    _define_tick(app, station)
    sweeping = _FORK.Process(target=_sweep, args=(app, station), name="sweeper")
    watcher = threading.Thread(target=_end_with, args=(sweeping, station), name="watches-the-sweeper", daemon=True)
    code = INTERRUPTED
    try:
        sweeping.start()
        watcher.start()
        code = _serve(app, station)
    except SystemExit:  # by a signal before Celery listened to them, perhaps that of `_end_with`
        if not station.exit_code.value:
            raise
    finally:
        station.rope.cut()
        if watcher.ident:
            watcher.join()
    return int(station.exit_code.value) or code


def _serve(app: Celery, station: Station) -> int:
    asked: list[str] = []

    def drain(sig: str, **_more: Any) -> None:
        asked.append(sig)
        station.rope.cut()

    def begin(**_more: Any) -> None:
        station.rope.hold()

    signals.setup_logging.connect(_keep_our_logging)
    signals.worker_shutting_down.connect(drain)
    signals.worker_process_init.connect(begin)
    worker: Any = app.Worker(
        hostname=f"billing-to-sap-{os.getpid()}@{socket.gethostname()}",
        concurrency=station.concurrency,
        pool="prefork",
        quiet=True,
        without_gossip=True,  # workers need not know each other: the ledger knows what each of them holds
        without_mingle=True,
    )
    worker.start()
    return INTERRUPTED if "SIGINT" in asked else int(worker.exitcode or 0)


def _keep_our_logging(**_more: Any) -> None:
    """Celery sets up no logging of its own where somebody listens to this; its pool's logger must be shown ours."""
    get_multiprocessing_logger().propagate = True


def _define_tick(app: Celery, station: Station) -> None:
    @cache
    def parts() -> Parts:
        """Those of this process, which it has from its first tick on, whatever becomes of that."""
        found = station.watched(station.parts)
        signals.worker_process_shutdown.connect(lambda **_more: found.watch.close(), weak=False)
        return found

    @cache
    def bench() -> Bench:
        return Bench(parts(), station.batch_size, Roped(station.rope))

    def tick(target: str) -> None:
        if target not in FORMS:
            raise Reject("no such target", requeue=False)
        turn = Turn(station.rope, station.parts.clock, TURN)
        try:
            bench().tick(target, turn)
            if turn.is_over and not station.rope.is_cut():
                Ticks(app).send([target])
        except Misconfigured as trouble:
            logs.event("worker ends", level=logs.ERROR, why=str(trouble))
            station.exit_code.value = MISCONFIGURED
            os.kill(os.getppid(), signal.SIGTERM)
        except Unavailable as trouble:
            logs.event("tick ended early", level=logs.WARNING, target=target, why=str(trouble))

    app.task(tick, name=engine.TICK)


def _sweep(app: Celery, station: Station) -> None:
    """The sweeper's process; it ends with the rope."""
    station.rope.hold()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # meant for the main process, which then cuts the rope
    try:
        sweeper.run(station.watched(station.parts), Ticks(app), station.rope, station.metrics_address)
    except Misconfigured as trouble:
        logs.event("worker ends", level=logs.ERROR, why=str(trouble))
        raise SystemExit(MISCONFIGURED) from None
    except Unavailable as trouble:
        logs.event("worker ends", level=logs.ERROR, why=str(trouble))
        raise SystemExit(UNAVAILABLE) from None
    except Exception:  # noqa: BLE001 - told through our log, where secrets are taken out, and then the process ends
        logs.LOGGER.exception("the sweeper broke")
        raise SystemExit(DEFECT) from None


def _end_with(sweeping: ForkProcess, station: Station) -> None:
    """Without its sweeper a worker would leave lost ticks lost: it ends, and is started anew by whoever watches it."""
    sweeping.join()
    if not station.rope.is_cut():
        station.exit_code.value = station.exit_code.value or abs(sweeping.exitcode or DEFECT)
        os.kill(os.getpid(), signal.SIGTERM)
