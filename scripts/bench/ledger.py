"""What the ledger costs: each of its steps on SQLite and on PostgreSQL, and its share of a whole `billing-to-sap sync`.

`python -m scripts.bench.ledger`. The reference, in the same run, is what any program would pay that only remembers
what it sent: one INSERT of each invoice by the driver alone, committed as many at a time as the ledger does. The share
is taken in a run with its defaults against the stand-ins, by a stopwatch on every method of the ledger, in processor
time of the threads that call it and in the run's own time.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from click.testing import CliRunner

from pipeline.cli import main as billing_to_sap
from pipeline.clock import Clock
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Arrival, Place, Verdict
from pipeline.ledger.states import State
from scripts.bench import stand_ins
from scripts.bench.servers import machine

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "support"))

import postgres

SOURCE, TARGET = "postman", "ZINVOICE_SRV/Invoices"
PAGE, BATCH = 500, 100
LATENCIES = (0, 20, 50, 200)
STEPS = ("receive", "claim", "settle")
INSERT = "INSERT INTO sent (id, record, payload) VALUES "


class Stopwatch:
    """Seconds of this thread's processor and of the wall clock, by what they went to."""

    def __init__(self) -> None:
        self.processor: Counter[str] = Counter()
        self.wall: Counter[str] = Counter()
        self._inside = threading.local()

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Measure; what is measured inside of a measurement is not counted twice."""
        if getattr(self._inside, "measured", False):
            yield
            return
        self._inside.measured = True
        processor, wall = time.thread_time(), time.perf_counter()
        try:
            yield
        finally:
            self.processor[what] += time.thread_time() - processor  # type: ignore[assignment]
            self.wall[what] += time.perf_counter() - wall  # type: ignore[assignment]
            self._inside.measured = False


def arrivals(count: int) -> list[Arrival]:
    """Invoices of Postman's size, with keys that come in no order, as a billing system's do."""
    return [_arrival(sha256(str(number).encode()).hexdigest()[:16].upper()) for number in range(count)]


def _arrival(key: str) -> Arrival:
    record = json.dumps({"id": key, "status": "PAID", "issuedAt": "2026-01-31", "rest": "x" * 180})
    payload = json.dumps({"ID": key, "Status": "PAID", "IssuedAt": "2026-01-31T00:00:00", "Value": "440.00"}).encode()
    return Arrival(
        source=SOURCE,
        source_id=key,
        target=TARGET,
        record=record,
        digest=sha256(payload).hexdigest(),
        doc_key=key,
        payload=payload,
        currency="USD",
        amount=Decimal("440.00"),
    )


def steps(url: str, invoices: list[Arrival], folder: str) -> Stopwatch:
    """Received, claimed with a durable intent, settled: as one slot of a delivery does it."""
    watch = Stopwatch()
    ledger = Ledger.open(url, Clock(), grace=660_000, lease=300_000, state=Path(folder))
    for start in range(0, len(invoices), PAGE):
        with watch.on("receive"):
            ledger.receive(SOURCE, invoices[start : start + PAGE], Place(stream="bench"))
    while True:
        with watch.on("claim"):
            claims = ledger.claim([SOURCE], TARGET, BATCH, "bench")
        if not claims:
            break
        with watch.on("settle"):
            ledger.settle([_delivered(claim) for claim in claims])
    ledger.close()
    return watch


def _delivered(claim: Any) -> Verdict:
    return Verdict(claim=claim, after=State.DELIVERED, outcome="delivered", status=201, transaction_id="0" * 32)


def driver_alone(insert: Callable[[list[tuple[str, str, bytes]]], None], invoices: list[Arrival]) -> Stopwatch:
    """The reference: every invoice remembered by one INSERT, fifty in a commit."""
    watch = Stopwatch()
    for start in range(0, len(invoices), BATCH):
        rows = [(one.source_id, one.record, one.payload or b"") for one in invoices[start : start + BATCH]]
        with watch.on("insert"):
            insert(rows)
    return watch


def on_sqlite(invoices: list[Arrival], folder: str) -> tuple[Stopwatch, Stopwatch]:
    """The ledger's steps, and the driver alone, in files of the same kind."""
    with closing(sqlite3.connect(f"{folder}/reference.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE sent (id TEXT PRIMARY KEY, record TEXT, payload BLOB)")

        def insert(rows: list[tuple[str, str, bytes]]) -> None:
            with connection:
                connection.executemany(f"{INSERT} (?, ?, ?)", rows)

        reference = driver_alone(insert, invoices)
    return steps(f"sqlite:///{folder}/ledger.db", invoices, folder), reference


def on_postgresql(invoices: list[Arrival], folder: str) -> tuple[Stopwatch, Stopwatch]:
    """The same on a server that is started for it."""
    with postgres.server() as url:
        server = url.replace("+psycopg", "")
        with psycopg.connect(server) as connection:
            connection.execute("CREATE TABLE sent (id TEXT PRIMARY KEY, record TEXT, payload BYTEA)")
            connection.commit()

            def insert(rows: list[tuple[str, str, bytes]]) -> None:
                with connection.cursor() as cursor:
                    cursor.executemany(f"{INSERT} (%s, %s, %s)", rows)
                connection.commit()

            reference = driver_alone(insert, invoices)
            connection.execute("DROP TABLE sent")
        return steps(server, invoices, folder), reference


def line(name: str, ours: Stopwatch, reference: Stopwatch, count: int) -> str:
    """A line of the table: microseconds for an invoice, processor and wall, and ratios to the reference."""
    cells = [f"{1e6 * ours.processor[step] / count:,.0f} / {1e6 * ours.wall[step] / count:,.0f}" for step in STEPS]
    processor, wall = sum(ours.processor.values()), sum(ours.wall.values())
    base = reference.processor["insert"], reference.wall["insert"]
    cells.append(f"{1e6 * processor / count:,.0f} / {1e6 * wall / count:,.0f}")
    cells.append(f"{1e6 * base[0] / count:,.0f} / {1e6 * base[1] / count:,.0f}")
    cells.append(f"{processor / base[0]:.1f} / {wall / base[1]:.1f}")
    return f"| {name} | {' | '.join(cells)} |"


def share(place: stand_ins.Place, latency: int) -> str:
    """A line: of a whole run in this process, the part that is the ledger's."""
    watch = Stopwatch()
    place.empty(latency)
    with tempfile.TemporaryDirectory(prefix="share-") as folder, _watched(watch):
        processor, wall = time.process_time(), time.perf_counter()
        ended = CliRunner().invoke(billing_to_sap, ["sync", "--all", "--json"], env=dict(place.settings(folder)))
        processor, wall = time.process_time() - processor, time.perf_counter() - wall
    if json.loads(ended.stdout)["totals"]["delivered"] != place.invoices:
        raise RuntimeError(ended.output)
    ledger, slots = sum(watch.processor.values()), sum(watch.wall.values())
    each = 1e6 / place.invoices
    cells = f"{processor * each:,.0f} µs | {ledger * each:,.0f} µs | {ledger / processor:.0%}"
    return f"| {latency} ms | {cells} | {wall * each:,.0f} µs | {slots * each:,.0f} µs |"


@contextmanager
def _watched(watch: Stopwatch) -> Iterator[None]:
    """A stopwatch on every public method of the ledger."""
    kept: dict[tuple[type, str], Any] = {}
    for kind in Ledger.__mro__:
        if not kind.__module__.startswith("pipeline.ledger"):
            continue
        for name, method in vars(kind).items():
            if callable(method) and not name.startswith("_") and not isinstance(method, classmethod | staticmethod):
                kept[kind, name] = method
    for (kind, name), method in kept.items():
        setattr(kind, name, _timed(watch, name, method))
    try:
        yield
    finally:
        for (kind, name), method in kept.items():
            setattr(kind, name, method)


def _timed(watch: Stopwatch, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*arguments: Any, **options: Any) -> Any:
        with watch.on(name):
            return method(*arguments, **options)

    return timed


def main() -> int:
    """Print both tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--invoices", type=int, default=10_000)
    count = options.parse_args().invoices
    invoices = arrivals(count)
    print(f"Machine: {machine()}; {count:,} invoices; µs for an invoice, processor / wall\n")
    print("| ledger on | receive | claim, intent | settle | in all | driver alone | ratio |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, measured in {"SQLite": on_sqlite, "PostgreSQL": on_postgresql}.items():
        with tempfile.TemporaryDirectory(prefix="ledger-") as folder:
            print(line(name, *measured(invoices, folder), count), flush=True)
    print("\n| SAP's latency | run, processor | ledger, processor | share | run, wall | ledger, wall in all slots |")
    print("|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, stand_ins.stand_ins(folder, count) as place:
        for latency in LATENCIES:
            print(share(place, latency), flush=True)
    return 0


if __name__ == "__main__":
    os.environ.pop("B2S_LEDGER_URL", None)
    sys.exit(main())
