"""`enqueue` and `worker`: the same work through RabbitMQ, for more than one process or machine."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import click

from pipeline.cli import choosing, syncing
from pipeline.cli.progress import watching
from pipeline.cli.signals import draining
from pipeline.delivery.sync import Order, gather
from pipeline.model.stops import Misconfigured
from pipeline.telemetry.listening import Listeners

EXTRA = "needs Celery: pip install '.[celery]' in the clone"
_CELERYS = {"celery", "kombu", "amqp"}


@dataclass(frozen=True, kw_only=True)
class Enqueue:
    """What was asked of `enqueue`."""

    sources: Sequence[str]
    every: bool
    as_json: bool
    limit: int | None
    metrics_file: str | None


def enqueue(options: Enqueue) -> int:
    """Collect into the ledger, then wake the workers; the exit code of the worst thing that happened."""
    names = choosing.named_or_all(options.sources, every=options.every)
    parts, listeners = choosing.watched(choosing.parts(*names, "broker"), options.metrics_file)
    with celery_or_its_absence("enqueue"):
        from pipeline.worker.program import application
        from pipeline.worker.sweeper import targets
        from pipeline.worker.ticks import Ticks
    began = parts.clock.monotonic()
    ticks = Ticks(application(parts))
    ticks.prepare()
    ledger = parts.ledger()
    try:
        with draining() as stop, watching(quiet=options.as_json) as watcher:
            order = Order(feeds=parts.feeds(names), ledger=ledger, limit=options.limit, stop=stop, watcher=watcher)
            result = gather(order)
        woken = targets(parts, ledger)
        ticks.send([one for one in woken for _ in range(parts.settings.sap_slots)])
        elapsed = parts.clock.monotonic() - began
        if options.as_json:
            shown = {**syncing.as_json(result, elapsed), "woken": woken}
            click.echo(json.dumps(shown, ensure_ascii=False))
        else:
            syncing.show(result, elapsed, parts.clock.now())
            click.echo(f"workers are told: {', '.join(woken)}" if woken else "nothing to tell the workers")
        for trouble in result.stops:
            click.echo(f"billing-to-sap: {trouble}", err=True)
        listeners.write(ledger, parts.clock)
    finally:
        ledger.close()
    return result.exit_code


def worker(*, concurrency: int | None, batch_size: int | None, metrics_host: str, metrics_port: int | None) -> int:
    """Work until a signal says otherwise."""
    with ExitStack() as stack:
        shared = stack.enter_context(tempfile.TemporaryDirectory(prefix="billing-to-sap-")) if metrics_port else ""
        listeners = Listeners(shared_folder=shared)
        parts = choosing.parts("sap", "broker", level="INFO")
        with celery_or_its_absence("worker"):
            from pipeline.worker import program
        station = program.Station(
            parts=parts,
            concurrency=concurrency or parts.settings.sap_slots,
            batch_size=batch_size,
            watched=lambda plain: replace(plain, watch=listeners.watch()),
            metrics_address=(metrics_host, metrics_port) if metrics_port else None,
        )
        return program.run(station)


@contextmanager
def celery_or_its_absence(command: str) -> Iterator[None]:
    """For imports of what needs the extra: raises Misconfigured where it is not installed."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _CELERYS:
            raise
        raise Misconfigured(f"{command} {EXTRA}") from missing
