"""Runs `billing-to-sap` again and again in forked children that can be made to die between any two steps.

Each line on stdin is an order in JSON: the command's arguments, the folder and settings it runs with, by how many milliseconds its
clock is ahead, and the point at which it dies, if any. The answer is one line: how the child ended and what it did, point by point.
A child dies by `os._exit`, so that nothing is tidied up: what was not committed by then is gone, as after `kill -9`.
"""

import json
import os
import sys
import tempfile
import threading
from collections import Counter
from functools import wraps
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from pipeline import cli
from pipeline.cli import mending, reconciling, showing, syncing
from pipeline.clock import Clock
from pipeline.delivery.stop import Stop
from pipeline.ledger.ledger import Ledger
from pipeline.odata_client.client import Client

DIED = 137
COMMANDS = (mending, reconciling, showing, syncing)  # loaded once, for all children
READS = frozenset({"open", "exists", "close"})


class Steps:
    """Every step of one child, as a named point; the child dies at the wanted occurrence of the wanted one."""

    def __init__(self, wanted, trail):
        self._wanted = wanted
        self._trail = trail
        self._seen = Counter()
        self._here = threading.local()

    def reach(self, point):
        self._seen[point] += 1
        self._trail.write(f"{point}\n")
        self._trail.flush()
        if self._wanted == [point, self._seen[point]]:
            os._exit(DIED)

    def watch(self):
        for name in [name for name in dir(Ledger) if not name.startswith("_") and name not in READS]:
            method = getattr(Ledger, name)
            if callable(method):
                setattr(Ledger, name, self._around(name, method))
        Client._exchange = self._around_exchange(Client._exchange)
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._commit)

    def _around(self, name, method):
        @wraps(method)
        def watched(*arguments, **options):
            outer, self._here.method, self._here.statements = getattr(self._here, "method", ""), name, 0
            try:
                result = method(*arguments, **options)
            finally:
                self._here.method = outer
            if self._here.statements:
                self.reach(f"{name}: committed")
            return result

        return watched

    def _around_exchange(self, exchange):
        @wraps(exchange)
        def watched(client, method, path, **options):
            what = (
                f"{method} {'$batch' if 'batch' in path else path.partition('(')[0].partition('?')[0] or 'the service'}"
            )
            self.reach(f"SAP: before {what}")
            answer = exchange(client, method, path, **options)
            self.reach(f"SAP: {what} is answered")
            return answer

        return watched

    def _statement(self, _connection, _cursor, statement, *_more):
        words, method = statement.split(), getattr(self._here, "method", "")
        if method and words[0] in {"INSERT", "UPDATE", "DELETE"}:
            self._here.statements += 1
            target = words[2] if words[0] == "INSERT" else words[1]
            self.reach(f"{method}: before {words[0]} {target} ({self._here.statements})")

    def _commit(self, _connection):
        method = getattr(self._here, "method", "")
        if method and self._here.statements:
            self.reach(f"{method}: before its commit")


def move_time(ahead):
    """Let the child's clock be ahead, and let waiting move it on instead of taking time."""
    moved, now, monotonic = [ahead], Clock.now, Clock.monotonic

    def wait(stop, milliseconds):
        moved[0] += max(milliseconds, 0)
        return stop.is_set

    Clock.now = lambda clock: now(clock) + moved[0]
    Clock.monotonic = lambda clock: monotonic(clock) + moved[0]
    Clock.sleep = lambda _clock, milliseconds: moved.append(moved.pop() + milliseconds)
    Stop.wait = wait


def child(order, trail):
    """Become the program; never returns."""
    os.chdir(order["folder"])
    for name in [name for name in os.environ if name.startswith("B2S_")]:
        del os.environ[name]
    os.environ.update(order["settings"])
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{trail.name}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    move_time(order["ahead"])
    Steps(order["dies_at"], trail).watch()
    try:
        cli.main(order["arguments"], prog_name="billing-to-sap")
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code or 0)
    except BaseException:  # noqa: BLE001 - a child that went on would become a second driver
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(70)


def serve():
    """Carry out orders until stdin ends."""
    with tempfile.TemporaryDirectory() as folder:
        for number, line in enumerate(sys.stdin):
            path = Path(folder, str(number))
            with path.open("w") as trail:
                pid = os.fork()
                if pid == 0:
                    child(json.loads(line), trail)
            _, status = os.waitpid(pid, 0)
            told = {
                "code": os.waitstatus_to_exitcode(status),
                "points": path.read_text().splitlines(),
                "out": Path(f"{path}.out").read_text(),
                "err": Path(f"{path}.err").read_text(),
            }
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    serve()
