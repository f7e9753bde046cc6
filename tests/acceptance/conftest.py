"""The containers of docker/compose.yaml as a user starts them, on ports of their own, gone at the end whatever happens."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from stack import SECRETS, Stack, running

COMPOSE = Path(__file__).parents[2] / "docker" / "compose.yaml"
PROJECT = f"billing-to-sap-acceptance-{os.getpid()}"
NO_ENGINE = (
    "There is no Docker engine to test against. Start one, or say where it is: set DOCKER_HOST, or choose it with "
    "`docker context use`. `docker info` said: {}"
)
SETTINGS = {
    "INVOICES": "20",
    "B2S_GRACE_SECONDS": "5",
    "B2S_SWEEP_SECONDS": "1",
    "B2S_LOG_LEVEL": "INFO",
    "SAP_USER": "ACCEPTANCE",
    **SECRETS,
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def engine():
    """The version of the engine; one sentence and the end where there is none."""
    try:
        asked = subprocess.run(
            ["docker", "info", "--format", "{{.ServerVersion}}"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.exit(NO_ENGINE.format("there is no docker command"), returncode=2)
    if asked.returncode:
        pytest.exit(NO_ENGINE.format(asked.stderr.strip() or asked.stdout.strip()), returncode=2)
    return asked.stdout.strip()


@pytest.fixture(scope="session")
def settings(engine):
    """What the environment says to compose."""
    told = {**SETTINGS, "SAP_PORT": str(free_port()), "BILLING_PORT": str(free_port())}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in told.items():
            environment.setenv(name, value)
        yield told


@pytest.fixture(scope="session")
def started(settings, docker_compose_command):
    """Everything built and started, once."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", returncode=143))  # so that it cleans up
    with running(docker_compose_command, COMPOSE, PROJECT) as services:
        yield Stack(services, settings)


@pytest.fixture
def stack(started):
    """Everything healthy and empty, as after the first `up`."""
    started.empty()
    return started


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure shows what the containers wrote."""
    report = yield
    started = item.funcargs.get("started")
    if report.failed and started:
        report.sections.append(("What the containers wrote", started.logs()))
    return report
