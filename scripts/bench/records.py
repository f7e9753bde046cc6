"""What one record costs the pipeline itself, in microseconds of processor time: read, schema, mapping, ledger.

Waiting for a vendor or for SAP is not in it. With `--flat` also the memory and the time of a whole run over as many
invoices as are asked for, without a ledger, each source in a process of its own. docs/benchmarks.md keeps the tables.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline import settings
from pipeline.assembly import Parts
from pipeline.clock import Clock
from pipeline.delivery.collect import Feed
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Place, Verdict
from pipeline.ledger.states import State
from pipeline.model.rejection import Rejection
from scripts.bench.servers import Server, free_port, machine, running

SOURCES = ("postman", "bill", "copaco", "fynn")
_SAP = {"B2S_SAP_URL": "http://127.0.0.1:9", "B2S_SAP_USER": "nobody", "B2S_SAP_PASSWORD": "asked"}
_PAGE, _BATCH = 500, 100
_BOOKED_PAGES = 4  # every ledger holds as much, whatever the source gives


def main() -> int:
    """Print the tables; or, as a child, one source's whole run."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--invoices", type=int, default=2000, help="invoices of each source (2000)")
    options.add_argument("--flat", action="store_true", help="memory and time of a whole run over that many")
    options.add_argument("--seconds", type=int, default=3600, help="longest run of each source with --flat (3600)")
    options.add_argument("--source", choices=SOURCES, action="append", help="only this one; may be repeated")
    options.add_argument("--child", nargs=2, metavar=("URL", "SOURCE"), help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.child:
        url, name = arguments.child
        return _run(url, name, arguments.seconds)
    print(f"Machine: {machine()}\n")
    if arguments.flat:
        _flat(arguments.invoices, arguments.source or SOURCES, arguments.seconds)
    else:
        measure(arguments.invoices, arguments.source or SOURCES)
    return 0


def measure(invoices: int, sources: Sequence[str] = SOURCES) -> None:
    """What one record costs, per source."""
    print("| source | records | read | schema | mapping | digest, drift | ledger | in all |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    with _billing(invoices, sources) as (_, url), tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for name in sources:
            print(_costs(_feed(url, name), Path(folder) / f"{name}.db"), flush=True)


def _costs(feed: Feed, file: Path) -> str:
    records, read = _timed(lambda: [record for page in feed.source.pages() for record in page.records])
    loaded, schema = _timed(lambda: [feed.judge.load(record) for record in records])
    sound = [one for one in loaded if not isinstance(one, Rejection)]
    _, mapping = _timed(lambda: [feed.judge.build(one) for one in sound])
    pages = [records[start : start + _PAGE] for start in range(0, len(records), _PAGE)]
    arrivals, judged = _timed(lambda: [feed.judge.judge_page(page)[0] for page in pages])
    _, drift = _timed(lambda: [feed.unknown_fields(record) for record in records])
    ledger = Ledger.open(f"sqlite:///{file}", Clock(), grace=0, lease=60_000)
    some = arrivals[:_BOOKED_PAGES]
    _, booked = _timed(lambda: _book(ledger, feed.name, some))
    ledger.close()
    of_all = booked * len(records) / sum(map(len, some))
    steps = (read, schema, mapping, judged + drift - schema - mapping, of_all)
    shown = " | ".join(f"{taken * 1e6 / len(records):,.0f} µs" for taken in (*steps, sum(steps)))
    return f"| {feed.name} | {len(records):,} | {shown} |"


def _book(ledger: Ledger, source: str, pages: list[Any]) -> None:
    """Received, claimed, intended and settled, as a delivery does it."""
    for page in pages:
        ledger.receive(source, page, Place(stream="bench"))
    target = ledger.ready_targets([source])[0]
    while sent := ledger.claim([source], target, _BATCH, "bench"):
        ledger.settle([Verdict(claim=one, after=State.DELIVERED, outcome="delivered", status=201) for one in sent])


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.process_time()
    result = work()
    return result, time.process_time() - begun


def _flat(invoices: int, sources: Sequence[str], seconds: int) -> None:
    """Each source read, judged and let go, in a process of its own, from a stand-in of its own."""
    print("| source | records | seconds | most memory | the stand-in's memory |\n|---|--:|--:|--:|--:|")
    for name in sources:
        with _billing(invoices, [name]) as (server, url):
            command = [sys.executable, "-m", "scripts.bench.records", "--child", url, name]
            command += ["--seconds", str(seconds)]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(
                f"| {name} | {told['records']:,} | {told['seconds']:,.0f} s | {told['megabytes']:,.0f} MB "
                f"| {server.resident_megabytes():,.0f} MB |",
                flush=True,
            )


def _run(url: str, name: str, seconds: int) -> int:
    feed = _feed(url, name)
    begun, records = time.monotonic(), 0
    for page in feed.source.pages():
        records += len(page.records)
        feed.judge.judge_page(page.records)
        for record in page.records:
            feed.unknown_fields(record)
        if time.monotonic() - begun > seconds:
            break
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"records": records, "seconds": time.monotonic() - begun, "megabytes": megabytes}))
    return 0


def _feed(url: str, name: str) -> Feed:
    with urllib.request.urlopen(f"{url}/_mock/settings", timeout=60) as answer:  # noqa: S310  # our own stand-in
        os.environ.update({**_SAP, **json.load(answer)})
    (feed,) = Parts(settings=settings.load((name,)), clock=Clock()).feeds([name])
    return feed


@contextmanager
def _billing(invoices: int, sources: Sequence[str]) -> Iterator[tuple[Server, str]]:
    port = free_port()
    command = [sys.executable, "-m", "billing_mock", "serve", "--port", str(port), "--invoices", str(invoices)]
    limits = ["--postman-rate-limit", "1000000", "--bill-requests-per-hour", "1000000"]
    vendors = [word for name in sources for word in ("--vendor", name)]
    with running([*command, *limits, *vendors], port, "/_mock/health") as server:
        yield server, f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    sys.exit(main())
