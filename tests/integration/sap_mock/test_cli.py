"""The command sap-mock: starts, stops, and says in one sentence what a user got wrong."""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest
import requests

from sap_mock.testing import SapGateway, started_gateway


def _run(*arguments, env=None, timeout=30):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SAP_MOCK_")} | (env or {})
    command = [sys.executable, "-m", "sap_mock", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environ, check=False)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(end, tmp_path):
    command = [sys.executable, "-m", "sap_mock", "serve", "--port", "0", "--database", f"sqlite:///{tmp_path}/s.db"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        process.send_signal(end)
        out, err = process.communicate(timeout=30)

    assert line.startswith("sap-mock ready at http://127.0.0.1:")
    assert (process.returncode, out, err) == (0, "", "")


def test_an_answer_that_a_fault_breaks_off_is_no_error_of_the_server():
    command = [sys.executable, "-m", "sap_mock", "serve", "--port", "0", "--database", "sqlite://"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        gateway = SapGateway(url=process.stdout.readline().rpartition(" ")[2].strip())
        gateway.faults.add("cut_body", percent=0)
        with gateway.connection() as session, pytest.raises(requests.exceptions.RequestException):
            session.get(gateway.service("ZINVOICE_SRV"), auth=(gateway.user, gateway.password), timeout=30)
        process.terminate()
        assert process.communicate(timeout=30) == ("", "")


def test_what_was_booked_outlives_the_process(tmp_path):
    arguments = ["--database", f"sqlite:///{tmp_path}/sap.db"]
    with started_gateway(arguments) as gateway:
        gateway.create("ZINVOICE_SRV", "Invoices", ID="inv_1", Value="440.00", Currency="USD")
    with started_gateway(arguments) as gateway:
        kept = gateway.entities("ZINVOICE_SRV", "Invoices")

    assert [(invoice["ID"], invoice["Value"]) for invoice in kept] == [("inv_1", "440.000")]


def test_a_database_of_nothing_keeps_nothing():
    with started_gateway(["--database", "sqlite://"]) as gateway:
        gateway.create("ZINVOICE_SRV", "Invoices", ID="inv_1", Currency="USD")
    with started_gateway(["--database", "sqlite://"]) as gateway:
        assert gateway.entities("ZINVOICE_SRV", "Invoices") == []


def test_health_and_services_need_no_log_on(sap_gateway):
    health = requests.get(f"{sap_gateway.url}/_mock/health", timeout=10).json()
    services = requests.get(f"{sap_gateway.url}/_mock/services", timeout=10).json()

    assert health["status"] == "ok"
    assert {
        "name": "ZINVOICE_SRV",
        "version": 1,
        "root": "/sap/opu/odata/sap/ZINVOICE_SRV/",
        "entity_sets": ["Invoices"],
    } in services


def _not_a_database(folder):
    file = folder / "no.db"
    file.write_text("this is no database, and long enough to be looked at as one\n" * 20)
    return f"sqlite:///{file}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "abc"], "--port: 'abc' is not a whole number from 0 to 65535"),
        (["--workers", "0"], "--workers: '0' is not a whole number from 1 to 64"),
        (["--user", "nobody"], "--user: write a user as NAME:PASSWORD"),
        (["--sap-client", "1"], "--sap-client: '1' is not a client of three digits, such as 001"),
        (["--changeset-operations", "two"], "--changeset-operations: 'two' is not 'one' or 'many'"),
        (["--service", "NOTHING_SRV"], "--service NOTHING_SRV: neither a built-in service"),
        (["--service", "missing.xml"], "--service missing.xml: there is no such file"),
        (["--database", "nonsense"], "The database URL cannot be read: write sqlite:///FILE or postgresql://"),
        (
            ["--host", "nowhere.invalid"],
            "Cannot listen on 'nowhere.invalid': no address goes by this name. Choose another with --host.",
        ),
        (["--host", "192.0.2.1"], "Cannot assign requested address. Choose another with --host."),
        (["--database", _not_a_database], "file is not a database"),
    ],
)
def test_a_wrong_option_is_named_with_its_remedy(arguments, said, tmp_path):
    arguments = [argument(tmp_path) if callable(argument) else argument for argument in arguments]
    finished = _run("serve", "--port", "0", *arguments) if "--port" not in arguments else _run("serve", *arguments)

    assert finished.returncode == 2
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr
    assert finished.stdout == ""


def test_all_wrong_settings_are_named_together():
    finished = _run("settings", env={"SAP_MOCK_PORT": "x", "SAP_MOCK_SID": "toolong", "SAP_MOCK_COLOUR": "red"})

    assert finished.returncode == 2
    assert [line.partition(" ")[0].rstrip(":") for line in finished.stderr.splitlines()] == [
        "SAP_MOCK_COLOUR",
        "SAP_MOCK_PORT",
        "SAP_MOCK_SID",
    ]


def test_a_taken_port_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        finished = _run("serve", "--port", str(port), "--database", "sqlite://")

    assert finished.returncode == 2
    assert (
        finished.stderr == f"Cannot listen on 127.0.0.1:{port}: Address already in use. Choose another with --port.\n"
    )


def test_a_host_may_be_named():
    with started_gateway(["--host", "localhost"]) as gateway:
        assert gateway.url.startswith("http://127.0.0.1:")
        assert gateway.entities("ZINVOICE_SRV", "Invoices") == []


def test_the_help_says_how_each_option_is_called_in_the_environment():
    names = {row.split()[0] for row in _run("settings").stdout.splitlines()}
    told = " ".join(_run("serve", "--help").stdout.split())
    options = {f"SAP_MOCK_{option.upper().replace('-', '_')}" for option in re.findall(r" --([a-z-]+)", told)}
    by_another_name = names - options
    assert by_another_name == {"SAP_MOCK_SERVICES", "SAP_MOCK_USERS"}
    assert [name for name in by_another_name if name not in told] == []


def test_settings_are_shown_without_passwords():
    finished = _run("settings", "--user", "ANNA:geheim")

    assert finished.returncode == 0
    assert "ANNA:***" in finished.stdout
    assert "geheim" not in finished.stdout


def test_the_password_in_a_database_url_is_not_shown():
    finished = _run("settings", "--database", "postgresql+psycopg://anna:geheim@db.example.com/sap")

    assert "postgresql+psycopg://anna:***@db.example.com/sap" in finished.stdout


def test_check_says_whether_metadata_can_be_served(tmp_path):
    good = "sap_mock/services/zinvoice_srv/metadata.xml"
    bad = tmp_path / "bad.xml"
    bad.write_text("<a>")

    served, refused = _run("check", good), _run("check", str(bad))

    assert (served.returncode, refused.returncode) == (0, 1)
    assert "can be served" in served.stdout
    assert "cannot be served" in refused.stderr


def test_a_file_is_served_under_the_name_of_its_namespace():
    with started_gateway(["--database", "sqlite://", "--service", "tests/reference_service/metadata.xml"]) as gateway:
        names = [service["name"] for service in requests.get(f"{gateway.url}/_mock/services", timeout=10).json()]

    assert names == ["REFERENCE_SRV"]
