"""The container files agree with the code beside them, and give a container no more than it needs."""

import re
import tomllib

import pytest
import yaml
from repository import ROOT

from billing_mock.app import create_app
from billing_mock.options import Options

COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")


def pins(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9.-]+==\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_may_write_nowhere_but_to_its_volumes_and_gains_no_rights(service):
    told = SERVICES[service]
    assert told["read_only"] is True
    assert told["cap_drop"] == ["ALL"]
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in told


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_is_reached_from_this_machine_alone_at_a_port_that_can_be_set(service):
    for port in SERVICES[service].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z_]+:-\d+\}:\d+", port)


@pytest.mark.parametrize("service", [name for name, told in SERVICES.items() if "profiles" not in told])
def test_a_container_that_stays_says_how_it_is(service):
    assert SERVICES[service]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


def test_the_pipeline_knows_what_billing_mock_knows_its_callers_by():
    with create_app(Options()).test_client() as client:
        told = client.get("/_mock/settings", base_url="http://billing-mock:8100").get_json()
    assert told.items() <= SERVICES["demo"]["environment"].items()


def test_no_image_is_tied_to_a_registry():
    images = [told["image"] for told in SERVICES.values()]
    images += re.findall(r"^(?:FROM|ARG BASE_IMAGE=)\s*(\S+)", DOCKERFILE, re.MULTILINE)
    assert [image for image in images if "/" in image] == []
    assert "# syntax=" not in DOCKERFILE


def test_the_image_takes_the_versions_that_are_tested():
    assert pins("requirements-runtime.lock") < pins("requirements.lock")


def test_the_image_bears_the_version_of_the_distribution():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"ARG VERSION={version}\n" in DOCKERFILE
