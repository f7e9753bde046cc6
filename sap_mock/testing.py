"""A stand-in in a process of its own, and what a test does with it. Behind the fixtures of ``pytest_plugin``."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import requests

from sap_mock.settings import DEFAULT_USER

_READY_SECONDS = 30
_TIMEOUT = 30
_ROOT = "/sap/opu/odata/sap"


class NotStarted(Exception):
    """The stand-in did not get ready; the message holds what it said."""


@dataclass
class FaultPlans:
    """The fault plans of one gateway."""

    url: str
    _added: list[str] = field(default_factory=list)

    def add(self, fault: str, **settings: Any) -> str:
        """Put a plan in force and give its id; raises ``ValueError`` with the stand-in's words for one it refuses."""
        answer = requests.post(f"{self.url}/_mock/faults", json={"fault": fault, **settings}, timeout=_TIMEOUT)
        if answer.status_code != 201:
            raise ValueError(answer.json()["error"])
        self._added.append(str(answer.json()["id"]))
        return self._added[-1]

    def score(self, plan_id: str) -> dict[str, Any]:
        """``fired``, ``seen``, ``left`` and ``completed`` of a plan."""
        answer = requests.get(f"{self.url}/_mock/faults/{plan_id}", timeout=_TIMEOUT)
        return dict(answer.json())

    def never_fired(self) -> list[str]:
        """The plans that were added and struck nothing, by fault name."""
        scores = [self.score(plan_id) for plan_id in self._added]
        self._added.clear()
        return [score["plan"]["fault"] for score in scores if "plan" in score and not score["fired"]]


@dataclass
class SapGateway:
    """A live sap-mock. ``url`` goes up to the port."""

    url: str
    user: str = DEFAULT_USER[0]
    password: str = DEFAULT_USER[1]
    faults: FaultPlans = field(init=False)

    def __post_init__(self) -> None:
        self.faults = FaultPlans(self.url)

    def service(self, name: str) -> str:
        """The root of a service, with its trailing slash."""
        return f"{self.url}{_ROOT}/{name}/"

    def session(self, service: str = "ZINVOICE_SRV") -> requests.Session:
        """A session that is logged on, holds a token and asks for JSON."""
        session = requests.Session()
        session.trust_env = False
        session.auth = (self.user, self.password)
        session.headers["Accept"] = "application/json"
        answer = session.get(self.service(service), headers={"X-CSRF-Token": "Fetch"}, timeout=_TIMEOUT)
        session.headers["X-CSRF-Token"] = answer.headers["x-csrf-token"]
        return session

    def entities(self, service: str, entity_set: str) -> list[dict[str, Any]]:
        """Every entity of a set as JSON shows it, in key order."""
        with self.session(service) as session:
            answer = session.get(f"{self.service(service)}{entity_set}", timeout=_TIMEOUT)
        return list(answer.json()["d"]["results"])

    def create(self, service: str, entity_set: str, **properties: Any) -> dict[str, Any]:
        """Create an entity; raises ``ValueError`` with SAP's text when it is refused."""
        with self.session(service) as session:
            answer = session.post(f"{self.service(service)}{entity_set}", json=properties, timeout=_TIMEOUT)
        if answer.status_code != 201:
            raise ValueError(answer.json()["error"]["message"]["value"])
        return dict(answer.json()["d"])

    def reset(self) -> None:
        """Empty entities, sessions and fault plans."""
        requests.post(f"{self.url}/_mock/reset", timeout=_TIMEOUT).raise_for_status()


@dataclass
class BillingMock:
    """A live billing-mock. ``credentials`` are the B2S_* settings that point the pipeline at it."""

    url: str

    @property
    def truth(self) -> dict[str, Any]:
        """What should arrive in SAP, per source."""
        return dict(requests.get(f"{self.url}/_mock/truth", timeout=_TIMEOUT).json())

    @property
    def credentials(self) -> dict[str, str]:
        """Setting names and values."""
        return dict(requests.get(f"{self.url}/_mock/settings", timeout=_TIMEOUT).json())


@contextmanager
def started_gateway(arguments: Sequence[str] = ()) -> Iterator[SapGateway]:
    """A sap-mock on a free port of 127.0.0.1, stopped at the end; raises :class:`NotStarted`."""
    with _started("sap_mock", ["serve", "--port", "0", *arguments]) as url:
        yield SapGateway(url)


@contextmanager
def started_billing(arguments: Sequence[str] = ()) -> Iterator[BillingMock]:
    """A billing-mock on a free port of 127.0.0.1, stopped at the end; raises :class:`NotStarted`."""
    with _started("billing_mock", ["serve", "--port", "0", *arguments]) as url:
        yield BillingMock(url)


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
