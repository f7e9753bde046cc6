"""Workers, their broker and their ledger, as a test starts, kills and reads them."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import amqp
from sqlalchemy import create_engine, make_url

SUPPORT = Path(__file__).parents[3] / "support"
PROGRAMS = Path(sys.executable).parent
PATIENCE = 60
DRIVERS = {"postgresql": "postgresql+psycopg", "sqlite": "sqlite"}
QUEUES = ("billing-to-sap.dead", *(f"billing-to-sap.deliver.{form}" for form in (
    "ZINVOICE_SRV/Invoices", "ZJOURNAL_SRV/JournalEntries", "API_SUPPLIERINVOICE_PROCESS_SRV/A_SupplierInvoice",
)))  # fmt: skip


def until(condition, seconds=PATIENCE):
    """Wait until it is so; what it gave then."""
    pause = threading.Event()
    for _ in range(seconds * 10):
        if found := condition():
            return found
        pause.wait(0.1)
    raise AssertionError("it did not come to that")


class Broker:
    """What a test looks at and changes in the broker."""

    def __init__(self, url):
        self.url = url

    @contextlib.contextmanager
    def channel(self):
        host, _, rest = self.url.removeprefix("amqp://").rpartition("@")[2].partition("/")
        user, _, password = self.url.removeprefix("amqp://").rpartition("@")[0].partition(":")
        with amqp.Connection(host=host, userid=user, password=password, virtual_host=rest or "/") as connection:
            yield connection.channel()

    def length(self, queue):
        with self.channel() as channel:
            return channel.queue_declare(queue, passive=True).message_count

    def clear(self):
        with self.channel() as channel:
            for queue in QUEUES:
                channel.queue_delete(queue)


class Books:
    """The ledger, as a test reads it."""

    def __init__(self, url):
        self._engine = create_engine(
            make_url(url).set(drivername=DRIVERS[url.partition(":")[0]]), isolation_level="AUTOCOMMIT"
        )

    def ask(self, query):
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def states(self):
        return Counter(dict(self.ask("SELECT state, count(*) FROM document GROUP BY state")))

    def close(self):
        self._engine.dispose()


class Crew:
    """Workers, each in a session of its own, with its stderr in a file."""

    def __init__(self, pipeline):
        self.pipeline = pipeline
        self.workers = []

    def start(self, *options, unruly="", **changed):
        program = [sys.executable, SUPPORT / "unruly_worker.py"] if unruly else [PROGRAMS / "billing-to-sap"]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("B2S_")}
        once = {"UNRULY": unruly, "UNRULY_ONCE": str(self.once)}
        with self.log(len(self.workers)).open("wb") as log:
            process = subprocess.Popen(
                [*program, "worker", *options],
                cwd=self.pipeline.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**inherited, **self.pipeline.settings, **once, **changed},
                start_new_session=True,
            )
        self.workers.append(process)
        return process

    @property
    def once(self):
        return self.pipeline.folder / "once"

    def log(self, number):
        return self.pipeline.folder / f"worker-{number}.log"

    @property
    def running(self):
        return [worker for worker in self.workers if worker.poll() is None]

    def stop(self):
        """Ask those that run to end; their exit codes."""
        running = self.running
        for worker in running:
            worker.send_signal(signal.SIGTERM)
        return [worker.wait(PATIENCE) for worker in running]

    def kill(self):
        for worker in self.workers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(PATIENCE)
