"""Fixtures for other people's integration tests. Nothing is imported or started until one of them is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sap_mock.testing import BillingMock, SapGateway


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options for ``pytest.ini`` and ``pyproject.toml``."""
    parser.addini("sap_mock_services", "services that sap_gateway offers, as `sap-mock serve --service`", type="args")
    parser.addini("sap_mock_database", "where sap_gateway keeps entities", default="sqlite://")
    parser.addini("sap_mock_lenient", "take JSON numbers for Edm.Decimal and bare dates", type="bool", default=False)


@pytest.fixture(scope="session")
def _sap_gateway_server(request: pytest.FixtureRequest) -> Iterator[SapGateway]:
    from sap_mock.testing import started_gateway  # noqa: PLC0415 - nothing is loaded until a fixture is used

    arguments = ["--database", str(request.config.getini("sap_mock_database"))]
    for service in request.config.getini("sap_mock_services"):
        arguments += ["--service", service]
    if request.config.getini("sap_mock_lenient"):
        arguments.append("--lenient")
    with started_gateway(arguments) as gateway:
        yield gateway


@pytest.fixture
def sap_gateway(_sap_gateway_server: SapGateway) -> Iterator[SapGateway]:
    """A live sap-mock, empty at the start of the test. A fault plan that was added and never fired fails the test."""
    _sap_gateway_server.reset()
    yield _sap_gateway_server
    idle = _sap_gateway_server.faults.never_fired()
    if idle:
        pytest.fail(f"fault plans that never fired: {', '.join(idle)}", pytrace=False)


@pytest.fixture(scope="session")
def billing() -> Iterator[BillingMock]:
    """A live billing-mock: ``url``, ``truth``, ``credentials``."""
    from sap_mock.testing import started_billing  # noqa: PLC0415 - nothing is loaded until a fixture is used

    with started_billing() as mock:
        yield mock
