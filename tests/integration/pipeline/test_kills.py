"""P1, P11, P12: everything is killed at random under load, again and again, and nothing is lost and nothing doubled.

Four workers, the command that fills the ledger, SAP, the broker and the database are killed in turn with SIGKILL, while SAP loses
and cuts answers, is busy, and forgets tokens. Each kill waits for progress, so that there is always work under way.
B2S_KILLS sets how many; 10 in an ordinary run. B2S_SEED sets the seed of the moments.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))

import postgres
import rabbitmq

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("kills")]
PROGRAMS = Path(sys.executable).parent
KILLS = int(os.environ.get("B2S_KILLS", "10"))
SEED = int(os.environ.get("B2S_SEED", "20261124"))
INVOICES = 100 * KILLS + 500
TROUBLE = (
    {"fault": "lost_response", "method": "POST", "probability": 0.05, "seed": 1},
    {"fault": "cut_body", "method": "POST", "probability": 0.02, "seed": 2},
    {"fault": "no_free_process", "method": "POST", "retry_after": 0, "probability": 0.05, "seed": 3},
    {"fault": "csrf_expiry", "method": "POST", "every": 15},
    {"fault": "latency", "method": "POST", "milliseconds": 400},
)


class Program:
    """A program of ours in a process group of its own; what it says goes to a file."""

    def __init__(self, folder, name, *command, **settings):
        self.name, self._command, self._folder = name, command, folder
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("B2S_", "SAP_MOCK_"))}
        self._environ = {**inherited, **settings}
        self._process = None

    def start(self):
        with (self._folder / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAMS / self._command[0], *self._command[1:]],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environ,
                start_new_session=True,
            )

    @property
    def runs(self):
        return self._process is not None and self._process.poll() is None

    def kill(self):
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)

    def stop(self):
        """Ask it to end; its exit code."""
        self._process.terminate()
        return self._process.wait(90)

    def said(self):
        return (self._folder / f"{self.name}.log").read_text(errors="replace")[-3000:]


class SapMock(Program):
    """SAP at an address that outlives it."""

    def __init__(self, folder):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        address = ("--port", str(self.port), "--database", f"sqlite:///{folder}/sap.db")
        super().__init__(folder, "sap-mock", "sap-mock", "serve", *address)
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        super().start()
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self.runs, self.said()
            assert time.monotonic() < deadline, self.said()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.1)

    def _answers(self):
        with suppress(requests.RequestException):
            return requests.get(f"{self.url}/_mock/health", timeout=5).ok
        return False


class Kept:
    """Starts again whatever ended by itself, as systemd would: a command that is done, a worker that gave up."""

    def __init__(self, programs):
        self._programs = programs
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def _keep(self):
        while not self._done.wait(0.5):
            with self._lock:
                for program in self._programs:
                    if not program.runs:
                        program.start()

    def kill(self, program):
        with self._lock:
            program.kill()

    def end(self):
        self._done.set()
        self._thread.join()


class Landscape:
    """SAP behind a wire that counts, the broker, the database, four workers and the command that fills the ledger."""

    def __init__(self, stack, folder, billing, wire_to, pipeline_to):
        self.database = stack.enter_context(postgres.cluster())
        self.broker = stack.enter_context(rabbitmq.node())
        self.sap = SapMock(folder)
        self.sap.start()
        stack.callback(self.sap.kill)
        self.wire = wire_to(self.sap.url)
        self.billing = billing
        self.pipeline = pipeline_to(
            billing,
            self.wire.url,
            B2S_GRACE_SECONDS="5",
            B2S_SWEEP_SECONDS="1",
            B2S_SAP_SLOTS="4",
            B2S_LEDGER_URL=self.database.url.replace("+psycopg", ""),
            B2S_BROKER_URL=self.broker.url,
        )
        size = ("--concurrency", "1", "--batch-size", "2")
        command = ("billing-to-sap", "worker", *size)
        self.workers = [Program(folder, f"worker-{n}", *command, **self.pipeline.settings) for n in range(4)]
        self.filling = Program(folder, "enqueue", "billing-to-sap", "enqueue", "postman", **self.pipeline.settings)
        for program in (self.filling, *self.workers):
            program.start()
            stack.callback(program.kill)
        self.kept = Kept([self.filling, *self.workers])
        stack.callback(self.kept.end)

    def put_trouble(self):
        """The fault plans, as far as SAP has forgotten them with its restart."""
        faults = f"{self.sap.url}/_mock/faults"
        known = {score["plan"]["fault"] for score in requests.get(faults, timeout=10).json()}
        for plan in TROUBLE:
            if plan["fault"] not in known:
                requests.post(faults, json=plan, timeout=10).raise_for_status()

    def end_trouble(self):
        faults = f"{self.sap.url}/_mock/faults"
        for score in requests.get(faults, timeout=10).json():
            requests.delete(f"{faults}/{score['id']}", timeout=10).raise_for_status()

    def progress(self, posts):
        """Wait until SAP has got so many more requests."""
        wanted = self.wire.posts + posts
        self.wire.wait_for(lambda: self.wire.posts >= wanted, timeout=180)

    def kill(self, victim, chance):
        match victim:
            case "worker":
                self.kept.kill(chance.choice(self.workers))
            case "enqueue":
                self.kept.kill(self.filling)
            case _:
                program = getattr(self, victim)
                program.kill()
                program.start()


VICTIMS = ("worker", "enqueue", "sap", "broker", "database")


@pytest.fixture
def landscape(tmp_path, billing_of, wire_to, pipeline_to):
    with ExitStack() as stack:
        yield Landscape(stack, tmp_path, billing_of(INVOICES), wire_to, pipeline_to)


def test_whatever_is_killed_every_invoice_is_in_sap_once(landscape):
    """P1, P11, P12: the pipeline, four workers, SAP, the broker and the database, killed in turn at random moments."""
    chance = random.Random(SEED)  # noqa: S311 - chooses moments
    for turn in range(KILLS):
        landscape.put_trouble()
        landscape.progress(chance.randint(1, 12))
        landscape.kill(VICTIMS[turn % len(VICTIMS)], chance)
    assert sum(landscape.wire.created.values()) < INVOICES, "there was not enough work for all kills"
    landscape.end_trouble()
    landscape.kept.end()
    assert {worker.stop() for worker in landscape.workers} == {0}
    for _ in range(8):
        landscape.pipeline.run("resolve", "--wait")
        ended = landscape.pipeline.run("sync", "postman", "--json")
        if ended.code == 0:
            break
    assert ended.code == 0, ended.out + ended.err
    told = landscape.billing.ask("/_mock/truth")["sources"]["postman"]
    totals = ended.json["totals"]
    assert (totals["delivered"], totals["sums"]) == (told["delivered"], told["sums"])
    compared = landscape.pipeline.run("reconcile", "postman", "--json")
    assert compared.code == 0, compared.out
    assert landscape.wire.duplicates == 0
    assert max(landscape.wire.created.values()) == 1
