"""A stand-in in a process of its own, started on a free port and stopped at the end."""

from __future__ import annotations

import argparse
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

from sap_mock.settings import from_environ
from sap_mock.testing.billing import BillingMock
from sap_mock.testing.gateway import SapGateway

_READY_SECONDS = 30


class NotStarted(Exception):
    """The stand-in did not get ready; the message holds what it said."""


@contextmanager
def started_gateway(arguments: Sequence[str] = ()) -> Iterator[SapGateway]:
    """A sap-mock on a free port of 127.0.0.1, stopped at the end; raises :class:`NotStarted`.

    It keeps nothing unless ``arguments``, which are those of ``sap-mock serve``, name a database.
    """
    with _started("sap_mock", ["serve", "--port", "0", "--database", "sqlite://", *arguments]) as url:
        user, password = first_user(arguments)
        yield SapGateway(url=url, user=user, password=password)


@contextmanager
def started_billing(arguments: Sequence[str] = ()) -> Iterator[BillingMock]:
    """A billing-mock on a free port of 127.0.0.1, stopped at the end; raises :class:`NotStarted`."""
    with _started("billing_mock", ["serve", "--port", "0", *arguments]) as url:
        yield BillingMock(url)


def first_user(arguments: Sequence[str]) -> tuple[str, str]:
    """Name and password of the first user in the arguments of ``sap-mock serve``, or of the one it has without any."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--user", action="append")
    users = parser.parse_known_args(arguments)[0].user
    return next(iter(from_environ({}, {"users": users}).users.items()))


@contextmanager
def _started(module: str, arguments: Sequence[str]) -> Iterator[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SAP_MOCK_")}
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environ,
    )
    listener = Thread(target=_pass_on, args=(process,), daemon=True)
    try:
        address = _address(process, module)
        listener.start()
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if listener.ident is not None:
            listener.join()
        if process.stdout:
            process.stdout.close()


def _pass_on(process: subprocess.Popen[str]) -> None:
    """What a stand-in says once it is ready, to stderr: a pipe that nobody reads stops the one who writes to it."""
    for line in process.stdout or ():
        sys.stderr.write(line)


def _address(process: subprocess.Popen[str], module: str) -> str:
    said = []
    deadline = time.monotonic() + _READY_SECONDS
    assert process.stdout is not None  # noqa: S101 - started with a pipe
    while (left := deadline - time.monotonic()) > 0:
        readable, _, _ = select.select([process.stdout], [], [], left)
        line = process.stdout.readline() if readable else ""
        if not line:
            break
        said.append(line)
        if " ready at " in line:
            return line.rpartition(" ready at ")[2].strip()
    raise NotStarted(f"{module} did not get ready: {''.join(said) or 'it said nothing'}")
