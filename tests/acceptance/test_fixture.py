"""The fixture that all other tests stand on: what does not become healthy is shown and taken away."""

import os
import subprocess

import pytest
from stack import running

PROJECT = f"billing-to-sap-never-healthy-{os.getpid()}"
NEVER_HEALTHY = """
services:
  ill:
    image: ${POSTGRES_IMAGE:-postgres:16}
    network_mode: none
    command: [sh, -c, "echo the last words; sleep 60"]
    healthcheck: {test: [CMD, "false"], interval: 200ms, retries: 1}
    volumes: ["kept:/kept"]
volumes:
  kept:
"""


def left_behind():
    of_the_project = f"label=com.docker.compose.project={PROJECT}"
    commands = (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
    asked = [
        subprocess.run(
            ["docker", *words, "--quiet", "--filter", of_the_project], capture_output=True, text=True, check=True
        )
        for words in commands
    ]
    return [answer.stdout for answer in asked]


def test_what_does_not_become_healthy_leaves_its_words_and_nothing_else(engine, docker_compose_command, tmp_path):
    file = tmp_path / "compose.yaml"
    file.write_text(NEVER_HEALTHY)
    with pytest.raises(Exception, match="unhealthy") as failed, running(docker_compose_command, file, PROJECT):
        pytest.fail("an ill container was taken for a healthy one")
    assert "the last words" in "".join(failed.value.__notes__)
    assert left_behind() == ["", "", ""]


def test_the_plugin_gives_the_image_as_a_gateway(started, sap_gateway_container):
    created = sap_gateway_container.create("ZINVOICE_SRV", "Invoices", ID="1", Value="440", Currency="USD")
    assert created["Value"] == "440.000"
    assert [one["ID"] for one in sap_gateway_container.entities("ZINVOICE_SRV", "Invoices")] == ["1"]
