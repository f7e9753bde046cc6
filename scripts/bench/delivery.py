"""What a delivery costs: `billing-to-sap sync` with its defaults beside the two scripts that people write.

`python -m scripts.bench.delivery`. Each is a process from its start to its end: it reads the same invoices from the
same billing-mock and brings them into the same, emptied sap-mock with its defaults. The latency is the stand-in's fault
of that name: SAP takes so long for each request and holds one of its 16 threads meanwhile, as a dialog work process
would be held; a $batch is one request. Where there is latency the scripts are measured over fewer invoices, as many as
SAP lets through in twenty seconds: what waits does not change their rate. Beside each rate stands the processor time
that the client itself took for an invoice, which hardly depends on what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.bench.servers import machine
from scripts.bench.stand_ins import PASSWORD, USER, Place, stand_ins

LATENCIES = (0, 20, 50, 200)
HERE = Path(__file__).parent
PATIENT, THREADS = 20_000, 16
"""Milliseconds that a script's requests may wait in all, for one measurement, and how many wait at a time at most."""


@dataclass(frozen=True)
class Cost:
    """Of one invoice: seconds from start to end, and of the client's processor."""

    wall: float
    processor: float

    @property
    def rate(self) -> float:
        """Invoices per second."""
        return 1 / self.wall


def timed(command: Sequence[str | Path], invoices: int, **options: Any) -> tuple[str, Cost]:
    """What a process printed, and what each invoice cost."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True, **options)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, Cost(wall=wall / invoices, processor=processor / invoices)


def script(place: Place, command: list[str], limit: int) -> Cost:
    """A rival, which knows nothing of what it could not create: that is told beside the table."""
    arguments = [place.billing, place.key, place.sap, USER, PASSWORD, str(limit)]
    printed, cost = timed([*command, *arguments], limit)
    if int(printed) != limit:
        print(f"({Path(command[-1]).name}: {limit - int(printed)} of {limit} got no answer and were lost)", flush=True)
    return cost


def sync(place: Place, _limit: int) -> Cost:
    """Ours, with its defaults and a new ledger on disk; raises RuntimeError likewise."""
    with tempfile.TemporaryDirectory(prefix="sync-") as folder:
        command = [Path(sys.executable).parent / "billing-to-sap", "sync", "--all", "--json"]
        printed, cost = timed(command, place.invoices, cwd=folder, env=place.settings(folder))
    delivered = json.loads(printed)["totals"]["delivered"]
    if delivered != place.invoices:
        raise RuntimeError(f"sync delivered {delivered} of {place.invoices}")
    return cost


def measure(place: Place, latency: int, rounds: int) -> None:
    """One line of the table: medians of several rounds, the three one after another in each."""
    few = place.invoices if not latency else min(place.invoices, PATIENT // latency)
    many = place.invoices if not latency else min(place.invoices, THREADS * PATIENT // latency)
    node = shutil.which("node")
    ways = {
        "all at once": (lambda limit: script(place, [str(node), str(HERE / "promise_all.mjs")], limit), many),
        "one by one": (lambda limit: script(place, [sys.executable, str(HERE / "one_by_one.py")], limit), few),
        "sync": (lambda limit: sync(place, limit), place.invoices),
    }
    if not node:
        del ways["all at once"]
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (way, limit) in ways.items():
            place.empty(latency)
            costs[name].append(way(limit))
    middle = {name: _median(found) for name, found in costs.items()}
    ours = middle.pop("sync")
    cells = [f"{one.rate:,.0f} | {ours.rate / one.rate:.1f} | {one.processor * 1e6:,.0f} µs" for one in middle.values()]
    if not node:
        cells.insert(0, "no Node here | | ")
    print(f"| {latency} ms | {' | '.join(cells)} | {ours.rate:,.0f} | {ours.processor * 1e6:,.0f} µs |", flush=True)


def _median(costs: Sequence[Cost]) -> Cost:
    walls, processors = zip(*((one.wall, one.processor) for one in costs), strict=True)
    return Cost(wall=statistics.median(walls), processor=statistics.median(processors))


def main() -> int:
    """Measure and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--invoices", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=3)
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, stand_ins(folder, arguments.invoices) as place:
        print(f"Machine: {machine()}; {arguments.invoices} invoices, median of {arguments.rounds} rounds\n")
        print("| SAP's latency | (a) | c/a | client | (b) | c/b | client | (c) | client |")
        print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
        for latency in LATENCIES:
            measure(place, latency, arguments.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
