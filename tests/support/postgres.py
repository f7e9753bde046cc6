"""A PostgreSQL server of its own for tests: in a temporary folder, on a free port of 127.0.0.1, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MISSING = (
    "PostgreSQL is not installed: `apt-get install postgresql` (its initdb and pg_ctl are looked for in "
    "/usr/lib/postgresql/*/bin and on PATH), or name a server in B2S_POSTGRES_URL"
)


class NoServer(Exception):
    """There is no PostgreSQL to start, or it did not start; the message says which."""


def programs() -> Path | None:
    """The folder with initdb and pg_ctl, the newest version first."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    on_path = shutil.which("initdb")
    candidates += [Path(on_path).resolve().parent] if on_path else []
    return next((path for path in candidates if (path / "initdb").exists() and (path / "pg_ctl").exists()), None)


class Cluster:
    """One server; what it has stored survives `kill` and `start`."""

    def __init__(self, folder: Path) -> None:
        found = programs()
        if found is None:
            raise NoServer(MISSING)
        self._programs = found
        self._data = folder / "data"
        self._log = folder / "log"
        if os.getuid() == 0:  # initdb refuses root
            shutil.chown(folder, _unprivileged())
        _run(found / "initdb", "-D", self._data, "-U", "b2s", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        port = _free_port()
        self.url = f"postgresql+psycopg://b2s@127.0.0.1:{port}/postgres"
        self._options = f"-p {port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60"

    def start(self) -> None:
        """Start it and wait until it answers. Raises NoServer."""
        self._control("-l", self._log, "-w", "-t", "60", "-o", self._options, "start")

    def stop(self) -> None:
        """Stop it without waiting for its clients."""
        self._control("-m", "immediate", "-w", "stop")

    def kill(self) -> None:
        """End it and its processes at once, as a power cut would."""
        pid = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for process in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while any(_lives(process) for process in (pid, *map(int, children))) and time.monotonic() < deadline:
            os.sched_yield()
        (self._data / "postmaster.pid").unlink()  # its process may stay for ever as a zombie, which looks alive

    def _control(self, *arguments: object) -> None:
        try:
            _run(self._programs / "pg_ctl", "-D", self._data, *arguments)
        except NoServer as failure:
            raise NoServer(f"{failure}{self._log.read_text(errors='replace')[-2000:]}") from None


def _lives(process: int) -> bool:
    """Whether it holds on to anything: one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running, empty server that may be killed; raises :class:`NoServer`."""
    folder = Path(tempfile.mkdtemp(prefix="b2s-postgres-"))
    try:
        found = Cluster(folder)
        found.start()
        try:
            yield found
        finally:
            found.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server() -> Iterator[str]:
    """The URL of a running, empty server; raises :class:`NoServer`."""
    with cluster() as found:
        yield found.url


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    if os.getuid() == 0:
        words = ["runuser", "-u", _unprivileged(), "--", *words]
    environ = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=120, check=False, cwd="/",
        env=environ,
    )  # fmt: skip
    if done.returncode:
        raise NoServer(f"{words} failed: {done.stderr}")


def _unprivileged() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
