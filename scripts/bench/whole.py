"""A whole `billing-to-sap sync` of very many invoices: is its memory flat, and does the last cost what the first did.

`python -m scripts.bench.whole --invoices 1000000`, also by `make bench MILLION=1`. billing-mock, sap-mock and the
pipeline are processes of their own. While the run goes on, the pipeline's processor time and memory are read from the
system, and how far it has come from its ledger, whose rows are numbered: documents received, attempts made.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.bench.servers import machine
from scripts.bench.stand_ins import Place, stand_ins

TICKS = os.sysconf("SC_CLK_TCK")
EVERY = 0.2
"""Seconds between two looks."""
TENTH = 10
REACHED = {
    "reading": "SELECT coalesce(max(rowid), 0) FROM document",
    "sending": "SELECT coalesce(max(rowid), 0) FROM attempt",
}


@dataclass(frozen=True)
class Look:
    """How far a run is, and what it has taken until now: seconds of processor time, megabytes resident."""

    reading: int
    sending: int
    processor: float
    memory: float


def look(process: subprocess.Popen[str], ledger: Path) -> Look | None:
    """One look; None while there is nothing to see."""
    with suppress(OSError, sqlite3.OperationalError, ValueError):
        stat = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{process.pid}/status").read_text()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
        with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection:
            reached = [connection.execute(query).fetchone()[0] for query in REACHED.values()]
        return Look(*reached, processor=(int(stat[11]) + int(stat[12])) / TICKS, memory=resident / 1024)
    return None


def cost(looks: list[Look], phase: str, begin: int, end: int) -> float:
    """Microseconds of processor time for each invoice between two numbers of them, in one phase."""
    within = [one for one in looks if begin <= getattr(one, phase) < end]
    if len(within) < 2:
        raise SystemExit("too few invoices to see what one costs: take 100,000 or more")
    first, last = within[0], within[-1]
    return 1e6 * (last.processor - first.processor) / (getattr(last, phase) - getattr(first, phase))


def table(looks: list[Look], invoices: int) -> str:
    """What is kept: each phase's cost in its first and last tenth, and the memory."""
    lines = ["| phase | first tenth | last tenth | ratio |", "|---|--:|--:|--:|"]
    for phase in REACHED:
        edge = invoices // TENTH
        early, late = cost(looks, phase, edge // TENTH, edge), cost(looks, phase, invoices - edge, invoices)
        lines.append(f"| {phase} | {early:,.0f} µs | {late:,.0f} µs | {late / early:.2f} |")
    tenth = next(one.memory for one in looks if one.reading >= invoices // TENTH)
    lines.append(f"\nmemory: {tenth:,.0f} MB with a tenth read, {max(one.memory for one in looks):,.0f} MB at most")
    return "\n".join(lines)


def run(folder: Path, place: Place, arguments: list[str]) -> tuple[list[Look], dict[str, object], float]:
    """Carry a command out: the looks at it, what it told, its seconds. Raises RuntimeError unless it ends well."""
    begun, looks = time.perf_counter(), []
    command = [Path(sys.executable).parent / "billing-to-sap", *arguments, "--json"]
    with (folder / "told.json").open("w+") as told:
        with subprocess.Popen(command, cwd=folder, env=place.settings(folder), stdout=told, text=True) as process:
            while process.poll() is None:
                if seen := look(process, folder / "ledger.db"):
                    looks.append(seen)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(EVERY)
        told.seek(0)
        text = told.read()
    if process.returncode:
        raise RuntimeError(f"{arguments} ended with {process.returncode}: {text[-2000:]}")
    return looks, json.loads(text), time.perf_counter() - begun


def main() -> int:
    """Run, reconcile, and print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--invoices", type=int, default=1_000_000)
    invoices = options.parse_args().invoices
    with tempfile.TemporaryDirectory(prefix="whole-") as name, stand_ins(name, invoices) as place:
        folder = Path(name)
        print(f"Machine: {machine()}; {invoices:,} invoices\n")
        looks, result, seconds = run(folder, place, ["sync", "--all"])
        print(table(looks, invoices))
        print(f"sync: {result['totals']['delivered']:,} delivered in {seconds:,.0f} s", flush=True)  # type: ignore[index]
        looks, _, seconds = run(folder, place, ["reconcile"])
        most = max(one.memory for one in looks)
        print(f"reconcile: all three sides agree, {seconds:,.0f} s, {most:,.0f} MB at most")
    return 0


if __name__ == "__main__":
    sys.exit(main())
