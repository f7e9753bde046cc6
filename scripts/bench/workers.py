"""What more workers are worth where SAP's latency is what one waits for: 1, 2 and 4 of them, one process each.

Everything is real: RabbitMQ, PostgreSQL, sap-mock with a latency fault, billing-mock. The workers wait before there is
anything to do, and the clock runs from the first to the last document delivered: starting programs is no part of it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from scripts.bench.servers import free_port, machine, running

SUPPORT = Path(__file__).parents[2] / "tests" / "support"
sys.path.insert(0, str(SUPPORT))

import postgres  # noqa: E402 - found through the path above
import rabbitmq  # noqa: E402 - as above

INVOICES, BATCH = 1_000, 5
LATENCIES = (50, 200)
CREW = (1, 2, 4)
TARGET = 2.5


def main() -> int:
    """Measure, print the table, and say whether four are worth what they should be."""
    sys.stdout.write(f"Machine: {machine()}\n\n")
    sys.stdout.write(f"{INVOICES} invoices, {BATCH} in a request.\n\n")
    sys.stdout.write("| latency added | workers | invoices/s | times one worker |\n|--:|--:|--:|--:|\n")
    gains = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-workers-")))
        broker = stack.enter_context(rabbitmq.node()).url
        server = stack.enter_context(postgres.server()).replace("+psycopg", "")
        for latency in LATENCIES:
            rates: dict[int, float] = {}
            for count in CREW:
                rates[count] = _measured(folder / f"{latency}-{count}", broker, server, count, latency)
                gain = rates[count] / rates[1]
                sys.stdout.write(f"| {latency} ms | {count} | {rates[count]:,.0f} | {gain:.2f} |\n")
                sys.stdout.flush()
            gains.append(gain)
    sys.stdout.write(f"\nfour workers at {LATENCIES[0]} ms: {gains[0]:.2f} times one (target {TARGET})\n")
    return 0 if gains[0] >= TARGET else 1


def _measured(folder: Path, broker_url: str, server: str, count: int, latency: int) -> float:
    folder.mkdir()
    with ExitStack() as stack:
        sap = stack.enter_context(_stand_in("sap-mock", "--database", f"sqlite:///{folder}/sap.db"))
        size = ("--invoices", str(INVOICES), "--vendor", "postman", "--postman-rate-limit", "1000000")
        billing = stack.enter_context(_stand_in("billing-mock", *size))
        ledger = stack.enter_context(_database(server, f"bench_{latency}_{count}"))
        environ = {
            **os.environ,
            **{name: str(value) for name, value in _ask(billing, "/_mock/settings").items()},
            "B2S_SAP_URL": sap,
            "B2S_SAP_USER": "DEVELOPER",
            "B2S_SAP_PASSWORD": "Sap-mock1",
            "B2S_SAP_SLOTS": str(max(CREW)),
            "B2S_LEDGER_URL": ledger,
            "B2S_BROKER_URL": broker_url,
            "B2S_SWEEP_SECONDS": "3600",
        }
        program = Path(sys.executable).parent / "billing-to-sap"
        _ask(sap, "/_mock/faults", {"fault": "latency", "milliseconds": latency})
        command = [str(program), "worker", "--concurrency", "1", "--batch-size", str(BATCH)]
        for number in range(count):
            stack.enter_context(_worker(command, environ, folder / f"worker-{number}.log"))
        subprocess.run([program, "enqueue", "postman"], env=environ, check=True, stdout=subprocess.DEVNULL)
        return _rate(ledger)


def _rate(ledger: str) -> float:
    """Delivered documents for each second between the first and the last delivery, once all are."""
    delivered = "SELECT count(*), min(at), max(at) FROM history WHERE after = 'DELIVERED'"
    with psycopg.connect(ledger, autocommit=True) as connection:
        for _ in range(600):
            row = connection.execute(delivered).fetchone()
            if row and row[0] >= INVOICES:
                return (INVOICES - BATCH) * 1000 / (row[2] - row[1])
            time.sleep(0.5)
    raise RuntimeError("the workers did not finish within five minutes")


@contextmanager
def _worker(command: list[str], environ: dict[str, str], log: Path) -> Iterator[None]:
    """A worker that waits for ticks; entered once it does."""
    with log.open("wb") as out, subprocess.Popen(command, env=environ, stdout=out, stderr=out) as worker:
        try:
            while b" ready." not in log.read_bytes():
                if worker.poll() is not None:
                    raise RuntimeError(log.read_text())
                time.sleep(0.1)
            yield
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(90)


@contextmanager
def _stand_in(program: str, *arguments: str) -> Iterator[str]:
    port = free_port()
    command = [str(Path(sys.executable).parent / program), "serve", "--port", str(port), *arguments]
    with running(command, port, "/_mock/health"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _database(server: str, name: str) -> Iterator[str]:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    yield f"{server.rpartition('/')[0]}/{name}"


def _ask(base: str, path: str, body: object = None) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data=data, headers={"Content-Type": "application/json"})  # noqa: S310 - our own stand-ins
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        found: dict[str, object] = json.loads(answer.read() or b"{}")
    return found


if __name__ == "__main__":
    sys.exit(main())
