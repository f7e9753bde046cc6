"""A PostgreSQL server of its own for tests: in a temporary folder, on a free port of 127.0.0.1, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def server() -> Iterator[str]:
    """The URL of a running, empty server; raises :class:`NoServer`."""
    found = programs()
    if found is None:
        raise NoServer(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="b2s-postgres-"))
    try:
        if os.getuid() == 0:  # initdb refuses root
            shutil.chown(folder, _unprivileged())
        _run(found / "initdb", "-D", folder / "data", "-U", "b2s", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        port = _free_port()
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60"
        _run(found / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-t", "60", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://b2s@127.0.0.1:{port}/postgres"
        finally:
            _run(found / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
