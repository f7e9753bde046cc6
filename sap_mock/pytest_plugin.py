"""Fixtures for other people's integration tests. Nothing is imported or started until one of them is used."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sap_mock.testing import BillingMock, FaultPlans, SapGateway

_USED: pytest.StashKey[list[SapGateway]] = pytest.StashKey()
"""The gateways that a test uses."""
_PLANS: pytest.StashKey[list[FaultPlans]] = pytest.StashKey()
"""The fault plans of all stand-ins that it uses."""
_SECTION = "sap-mock: the last exchanges of this test"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options for ``pytest.ini`` and ``pyproject.toml``."""
    parser.addini("sap_mock_services", "services that sap_gateway offers, as `sap-mock serve --service`", type="args")
    parser.addini(
        "sap_mock_database", "where sap_gateway keeps entities; {worker} is pytest-xdist's", default="sqlite://"
    )
    parser.addini("sap_mock_lenient", "take JSON numbers for Edm.Decimal and bare dates", type="bool", default=False)
    parser.addini("sap_mock_image", "the image of sap_gateway_container", default="billing-to-sap:local")


@pytest.fixture(scope="session")
def _sap_gateway_server(request: pytest.FixtureRequest) -> Iterator[SapGateway]:
    from sap_mock.testing import started_gateway  # noqa: PLC0415 - nothing is loaded until a fixture is used

    arguments = _arguments(request.config, _services(request.config))
    with started_gateway(["--database", _database(request.config), *arguments]) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def _sap_gateway_application(request: pytest.FixtureRequest) -> Iterator[SapGateway]:
    from sap_mock.testing import gateway_in_process  # noqa: PLC0415 - nothing is loaded until a fixture is used

    options: dict[str, Any] = {
        "database": _database(request.config),
        "services": tuple(_services(request.config)) or None,
        "lenient": request.config.getini("sap_mock_lenient") or None,
    }
    with gateway_in_process(**options) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def _sap_gateway_image(request: pytest.FixtureRequest) -> Iterator[SapGateway]:
    from sap_mock.testing import gateway_in_container  # noqa: PLC0415 - nothing is loaded until a fixture is used

    services = request.config.getini("sap_mock_services")  # files of the image
    arguments = ["--database", "sqlite://", *_arguments(request.config, services)]
    with gateway_in_container(str(request.config.getini("sap_mock_image")), arguments) as gateway:
        yield gateway


@pytest.fixture
def sap_gateway(request: pytest.FixtureRequest, _sap_gateway_server: SapGateway) -> SapGateway:
    """A live sap-mock, empty at the start of the test. A fault plan that was added and never fired fails the test."""
    return _emptied(request, _sap_gateway_server)


@pytest.fixture
def sap_gateway_in_process(request: pytest.FixtureRequest, _sap_gateway_application: SapGateway) -> SapGateway:
    """The same without a socket: reached through its ``session()`` and ``connection()`` only, and there at once."""
    return _emptied(request, _sap_gateway_application)


@pytest.fixture
def sap_gateway_container(request: pytest.FixtureRequest, _sap_gateway_image: SapGateway) -> SapGateway:
    """The same as the container image that ``sap_mock_image`` names; needs pytest-docker and a Docker engine."""
    return _emptied(request, _sap_gateway_image)


@pytest.fixture(scope="session")
def _billing_server() -> Iterator[BillingMock]:
    from sap_mock.testing import started_billing  # noqa: PLC0415 - nothing is loaded until a fixture is used

    with started_billing() as mock:
        yield mock


@pytest.fixture
def billing(request: pytest.FixtureRequest, _billing_server: BillingMock) -> BillingMock:
    """A live billing-mock, as it was at its start: ``url``, ``truth``, ``credentials``, and ``faults`` as above."""
    _anew(request, _billing_server)
    return _billing_server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test whose fault plans never fired has not tested what it says, so it fails."""
    result = yield
    idle = [fault for plans in item.stash.get(_PLANS, []) for fault in plans.never_fired()]
    if idle:
        pytest.fail(f"fault plans that never fired: {', '.join(idle)}", pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A failed test, or one whose own fixtures failed, shows what was said to its gateways."""
    report: pytest.TestReport = yield
    if report.failed and call.when != "teardown":
        for gateway in item.stash.get(_USED, []):
            from sap_mock.testing.telling import told  # noqa: PLC0415 - nothing is loaded until it is needed

            report.sections.append((_SECTION, told(gateway)))
    return report


def _emptied(request: pytest.FixtureRequest, gateway: SapGateway) -> SapGateway:
    _anew(request, gateway)
    request.node.stash.setdefault(_USED, []).append(gateway)
    return gateway


def _anew(request: pytest.FixtureRequest, stand_in: SapGateway | BillingMock) -> None:
    """Forget what earlier tests did and planned; what this one plans must strike."""
    stand_in.reset()
    stand_in.faults.never_fired()
    request.node.stash.setdefault(_PLANS, []).append(stand_in.faults)


def _database(config: pytest.Config) -> str:
    """The database of this worker; raises ``UsageError`` where several workers would empty each other's."""
    database = str(config.getini("sap_mock_database"))
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and database != "sqlite://" and "{worker}" not in database:
        raise pytest.UsageError(
            f"sap_mock_database is {database}: with pytest-xdist each worker needs one of its own; "
            "write {worker} into its name, such as sqlite:///sap-{worker}.db"
        )
    return database.replace("{worker}", worker or "main")


def _arguments(config: pytest.Config, services: Iterable[str]) -> list[str]:
    arguments = ["--lenient"] if config.getini("sap_mock_lenient") else []
    for service in services:
        arguments += ["--service", service]
    return arguments


def _services(config: pytest.Config) -> Iterator[str]:
    """The services; a file is looked for beside the configuration, wherever pytest was called."""
    folder = config.inipath.parent if config.inipath else config.invocation_params.dir
    for service in config.getini("sap_mock_services"):
        name, equals, file = service.rpartition("=")
        yield f"{name}{equals}{folder / file}" if file.endswith(".xml") else service
