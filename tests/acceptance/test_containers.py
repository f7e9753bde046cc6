"""The containers by themselves: healthy from a clean clone, and with no more rights than they need."""

import json
import subprocess

import pytest
import requests
from stack import SECRETS

OURS = ("sap-mock", "billing-mock", "worker")
ALL = (*OURS, "sap-database", "ledger-database", "rabbitmq")


def inspected(stack, service):
    told = stack.states()[service]
    answer = subprocess.run(["docker", "inspect", told["ID"]], capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)[0]


def test_everything_is_healthy_after_one_command(started):
    started.up()
    assert set(started.states()) == set(ALL)
    assert started.all_healthy()


@pytest.mark.parametrize("service", ALL)
def test_the_root_file_system_is_read_only_and_no_right_is_left(started, service):
    host = inspected(started, service)["HostConfig"]
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert {binding["HostIp"] for bound in host["PortBindings"].values() for binding in bound} <= {"127.0.0.1"}


@pytest.mark.parametrize("service", OURS)
def test_our_programs_run_as_nobody_in_particular_and_can_change_none_of_their_files(started, service):
    assert started.compose(f"exec -T {service} id -u").strip() == "10001"
    for place in ("/", "/opt/billing-to-sap/lib", "/usr/local/bin"):
        assert "Read-only file system" in started.compose(f"exec -T {service} touch {place}/x", codes=(1,))


def test_the_image_has_no_compiler_and_no_tests(started):
    wanted = "import importlib.util, shutil; print(shutil.which('cc'), shutil.which('gcc'), importlib.util.find_spec('pytest'))"
    assert started.compose(f'exec -T sap-mock python -c "{wanted}"').split() == ["None"] * 3


def test_the_image_says_what_it_is(started):
    labels = inspected(started, "sap-mock")["Config"]["Labels"]
    wanted = {"title", "description", "licenses", "version", "revision"}
    assert {name.removeprefix("org.opencontainers.image.") for name in labels if "opencontainers" in name} >= wanted


@pytest.mark.parametrize("address", ["/_mock/", "/_mock/console/static/console.css"])
def test_the_image_has_the_console(started, address):
    assert requests.get(f"{started.sap}{address}", timeout=30).status_code == 200


def test_a_password_is_seen_in_no_log_and_in_no_setting(started):
    shown = started.compose("logs --no-color") + started.compose("exec -T sap-mock sap-mock settings")
    assert "ACCEPTANCE:***" in shown
    assert [secret for secret in SECRETS.values() if secret in shown] == []
