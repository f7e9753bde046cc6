"""The server: granian, one process for each worker, ready only when it answers.

Chosen by measurement for its speed and because it can be made to drop a connection (docs/decisions/0002-granian.md).
"""

from __future__ import annotations

import errno
import http.client
import json
import logging
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from sap_mock.settings import Settings, from_environ
from sap_mock.storage.database import Database
from sap_mock.storage.engine import DatabaseUnusable, open_database
from sap_mock.web.journal import opened
from sap_mock.web.services import chosen

_HANDOVER = "SAP_MOCK_INTERNAL_HANDOVER"
_READY_SECONDS = 30
_STDERR = {
    "class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr", "filters": ["defects"]
}  # fmt: skip
_LOGGING = {
    "filters": {"defects": {"()": lambda: _is_defect}},
    "handlers": dict.fromkeys(("console", "access"), _STDERR),
}
"""stdout is for the address alone, and an answer that a fault breaks off is no defect."""


class CannotServe(Exception):
    """The address or the database cannot be used; the message says which, why and what to do."""


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until told to stop. ``announce`` is called with the address once the first worker answers.

    Raises :class:`CannotServe` or ``SettingsWrong`` before anything is served.
    """
    chosen(settings)
    with tempfile.TemporaryDirectory(prefix="sap-mock-") as folder:
        kept = settings.database not in ("sqlite://", "sqlite:///:memory:")
        database = settings.database if kept else f"sqlite:///{folder}/sap-mock.db"
        _check_database(database)
        host = _address(settings.host)
        port = _port(host, settings.port)
        _hand_over(settings, database, Path(folder) / "generation", port=port, durable=kept)
        server = Granian(
            "sap_mock.web.server:worker",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=settings.threads,
            factory=True,
            log_level=LogLevels.error,
            log_dictconfig=_LOGGING,
            websockets=False,
            workers_kill_timeout=10,
        )
        address = f"http://{_bracketed(host)}:{port}"
        # A process and not a thread: granian forks its workers, and a fork must not meet a thread that holds a lock.
        herald = get_context("fork").Process(
            target=_announce_when_ready, args=(host, port, address, announce), daemon=True
        )
        herald.start()
        server.serve()
        if kept:
            _flush_journal(settings, database, Path(folder))


def worker() -> Flask:
    """The application of one worker process, from what :func:`serve` handed over."""
    from sap_mock.web.app import create_app  # noqa: PLC0415 - the parent process never needs Flask's routes

    handover = json.loads(os.environ[_HANDOVER])
    for variable in [known for known in os.environ if known.startswith(("HTTP_", "CONTENT_"))]:
        del os.environ[variable]  # granian copies the environment into every request, where HTTP_… means a header
    settings = from_environ({}, handover["options"])
    return create_app(settings, chosen(settings), Path(handover["generation"]), durable=handover["durable"])


def _is_defect(record: logging.LogRecord) -> bool:
    return "\nConnectionCut" not in record.getMessage()  # the last line of its traceback


def _check_database(url: str) -> None:
    try:
        open_database(url, connections=1).dispose()
    except DatabaseUnusable as error:
        raise CannotServe(f"{error} Choose another with --database.") from error


def _flush_journal(settings: Settings, database: str, folder: Path) -> None:
    """What the workers had not yet taken to the database, so that it is there when the next server reads it."""
    try:
        journal = opened(settings, Database(open_database(database, connections=1)), folder)
    except DatabaseUnusable as error:
        sys.stderr.write(f"the last exchanges are not in the journal: {error}\n")
        return
    if journal is not None:
        journal.flush()


def _hand_over(settings: Settings, database: str, generation: Path, *, port: int, durable: bool) -> None:
    users = [f"{name}:{password}" for name, password in settings.users.items()]
    options = {**vars(settings), "database": database, "port": port, "users": users}
    handover = {"options": options, "generation": str(generation), "durable": durable}
    os.environ[_HANDOVER] = json.dumps(handover)


def _address(host: str) -> str:
    """The address of a name, which is all that granian takes: the IPv4 one, where there are several."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CannotServe(
            f"Cannot listen on {host!r}: no address goes by this name. Choose another with --host."
        ) from None
    return str(min(found, key=lambda one: one[0] != socket.AF_INET)[4][0])


def _port(host: str, port: int) -> int:
    """The port to listen on: the one asked for, if it is free, or a free one for 0."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            option = "--host" if error.errno == errno.EADDRNOTAVAIL else "--port"
            raise CannotServe(
                f"Cannot listen on {_bracketed(host)}:{port}: {error.strerror}. Choose another with {option}."
            ) from error
        return int(probe.getsockname()[1])


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _announce_when_ready(host: str, port: int, address: str, announce: Callable[[str], None]) -> None:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(reachable, port, timeout=2)
        try:
            connection.request("GET", "/_mock/health")
            if connection.getresponse().status == http.HTTPStatus.OK:
                announce(address)
                return
        except OSError:
            time.sleep(0.02)
        finally:
            connection.close()
    sys.stderr.write(f"sap-mock did not answer at {address} within {_READY_SECONDS} seconds\n")
