"""The program as people and scripts meet it: ready line, signals, refusals."""

import re
import signal
import socket
import subprocess
import sys

import pytest
import requests

pytestmark = pytest.mark.processes


def test_it_prints_one_line_and_answers_from_then_on(billing_mock):
    running = billing_mock("--port", "0", "--invoices", "3")
    assert re.fullmatch(r"billing-mock ready at http://127\.0\.0\.1:[1-9]\d*", running.first_line)
    assert requests.get(f"{running.url}/_mock/health", timeout=5).json()["invoices"] == 3


def test_a_host_may_be_named(billing_mock):
    running = billing_mock("--host", "localhost", "--port", "0", "--invoices", "1")
    assert requests.get(f"{running.url}/_mock/health", timeout=5).ok


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly_and_it_says_no_more(billing_mock, signal_number):
    running = billing_mock("--port", "0", "--invoices", "3")
    port = int(running.url.rpartition(":")[2])
    assert running.stop(signal_number) == (0, "", None)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))  # nobody was left behind on it


def test_a_worker_does_not_outlive_a_killed_parent(billing_mock):
    running = billing_mock("--port", "0", "--invoices", "3")
    running.process.kill()
    # the worker holds the other end of stdout: the end of the stream is the end of the worker
    assert running.process.communicate(timeout=20) == ("", None)


def test_a_port_in_use_is_refused_although_the_server_could_share_it(billing_mock, refused):
    port = billing_mock("--port", "0", "--invoices", "3").url.rpartition(":")[2]
    second = refused("serve", "--port", port)
    assert (second.returncode, second.stdout) == (2, "")
    assert (
        second.stderr
        == f"Error: 127.0.0.1:{port} cannot be used: Address already in use. Choose another with --port.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--copaco-allow", "localhost"], "'localhost' is no address and no network."),
        (["--today", "yesterday"], "does not match the format"),
        (["--vendor", "acme"], "there is no vendor 'acme'; there is: postman, bill, copaco, fynn."),
        (["--invoices", "-1"], "-1 is not in the range"),
        (["--port", "70000"], "70000 is not in the range"),
        (
            ["--host", "192.0.2.1"],
            "192.0.2.1:8100 cannot be used: Cannot assign requested address. Choose another with --host.",
        ),
        (
            ["--host", "nowhere.invalid"],
            "'nowhere.invalid' cannot be used: no address goes by this name. Choose another with --host.",
        ),
        (["--postman-auth", "basic"], "'basic' is not one of"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(refused, arguments, told):
    run = refused("serve", *arguments)
    assert run.returncode == 2
    assert told in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout == ""


def test_the_module_is_the_program():
    run = subprocess.run(
        [sys.executable, "-m", "billing_mock", "--help"], capture_output=True, text=True, timeout=30, check=True
    )
    assert run.stdout.startswith("Usage: billing-mock ")


def test_the_caller_s_environment_does_not_become_headers(billing_mock):
    running = billing_mock("--port", "0", environment={"HTTP_X_API_KEY": "PMAK-billing-mock"}.items())
    assert requests.get(f"{running.url}/postman/accounts", timeout=5).status_code == 401
