"""Clients of two live gateways: the plugin's own, and one with the reference services, where changesets hold many."""

import json
import os
from pathlib import Path

import pytest
import requests

from sap_mock.testing import started_gateway

TIMEOUT = 30
TESTS = Path(__file__).parents[2]


class Wire:
    """One service as a caller sees it: logged on, with a token, asking for JSON unless told otherwise."""

    def __init__(self, gateway, service):
        self.gateway = gateway
        self.service = service
        self.root = gateway.service(service)
        self.path = self.root.removeprefix(gateway.url)
        self.session = gateway.session(service)

    def ask(self, method, path="", body=None, headers=None):
        """The answer; a body that is no text or bytes goes as JSON. A header field of None is not sent."""
        fields = dict(headers or {})
        if body is not None and not isinstance(body, str | bytes):
            body = json.dumps(body)
            fields.setdefault("Content-Type", "application/json")
        url = path if path.startswith("http") else self.root + path
        data = body.encode() if isinstance(body, str) else body
        return self.session.request(method, url, data=data, headers=fields, timeout=TIMEOUT, allow_redirects=False)

    def get(self, path="", **headers):
        """The answer to a GET."""
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def read(self, path):
        """What stands under ``d`` in the answer to a GET that succeeds."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()["d"]

    def create(self, path, **properties):
        """Create an entity and give what stands under ``d``."""
        answer = self.ask("POST", path, properties)
        assert answer.status_code == 201, answer.text
        return answer.json()["d"]

    def batch(self, body, **headers):
        """The answer to a $batch whose boundary is ``b``; lines of a text are joined by CRLF."""
        content = body.replace("\n", "\r\n").encode() if isinstance(body, str) else body
        fields = {"Content-Type": "multipart/mixed; boundary=b", **headers}
        return self.ask("POST", "$batch", content, fields)


@pytest.fixture(scope="session")
def _reference_server():
    options = ["--database", "sqlite://", "--changeset-operations", "many", "--service", "ZINVOICE_SRV"]
    services = [f"REFERENCE_SRV={TESTS / 'reference_service' / 'metadata.xml'}", "reference_service.talking"]
    for service in services:
        options += ["--service", service]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(
            "PYTHONPATH", str(TESTS), prepend=os.pathsep
        )  # where the module reference_service.talking is found
        with started_gateway(options) as gateway:
            yield gateway


@pytest.fixture
def reference_gateway(_reference_server):
    """A live gateway with REFERENCE_SRV, TALKING_SRV and ZINVOICE_SRV, empty at the start of the test."""
    _reference_server.reset()
    return _reference_server


def _open(gateway, service):
    wire = Wire(gateway, service)
    yield wire
    wire.session.close()


@pytest.fixture
def invoices(sap_gateway):
    """ZINVOICE_SRV of the plugin's gateway."""
    yield from _open(sap_gateway, "ZINVOICE_SRV")


@pytest.fixture
def many_invoices(reference_gateway):
    """ZINVOICE_SRV where changesets may hold many operations."""
    yield from _open(reference_gateway, "ZINVOICE_SRV")


@pytest.fixture
def reference(reference_gateway):
    """REFERENCE_SRV, served with no code."""
    yield from _open(reference_gateway, "REFERENCE_SRV")


@pytest.fixture
def talking(reference_gateway):
    """TALKING_SRV, whose data provider refuses, warns and performs function imports."""
    yield from _open(reference_gateway, "TALKING_SRV")


@pytest.fixture
def anonymous():
    """A session that sends nothing by itself but what a test gives it."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers.clear()
        yield session
