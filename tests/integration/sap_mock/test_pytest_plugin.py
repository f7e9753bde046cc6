"""The fixtures in other people's test suites: with no option set, with pytest-xdist, in a TestCase, strictly typed."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[3]
FIXTURES = ["sap_gateway", "sap_gateway_in_process"]


@pytest.fixture
def suite(pytester, monkeypatch):
    """Runs a test file of somebody else's, as pytest would on the command line."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    def run(text, *options):
        pytester.makepyfile(text)
        return pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider", *options)

    return run


@pytest.mark.processes
@pytest.mark.parametrize("fixture", FIXTURES)
def test_a_plan_that_never_fired_fails_the_test_that_added_it(suite, fixture):
    result = suite(
        f"""
        def test_idle({fixture}):
            {fixture}.faults.add("latency", milliseconds=1, method="DELETE")

        def test_may_stay_idle({fixture}):
            {fixture}.faults.add("latency", milliseconds=1, method="DELETE", may_stay_idle=True)

        def test_taken_back({fixture}):
            {fixture}.faults.remove({fixture}.faults.add("latency", milliseconds=1, method="DELETE"))

        def test_busy({fixture}):
            plan = {fixture}.faults.add("latency", milliseconds=1)
            {fixture}.session().close()
            assert {fixture}.faults.score(plan)["fired"] == 1
        """
    )
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*fault plans that never fired: latency*"])


@pytest.mark.processes
def test_the_billing_side_is_new_for_each_test_and_can_be_broken_in_the_same_way(suite):
    result = suite(
        """
        import requests

        def ask(billing):
            address = billing.credentials["B2S_POSTMAN_URL"] + "/accounts"
            return requests.get(address, headers={"x-api-key": billing.credentials["B2S_POSTMAN_API_KEY"]}, timeout=30)

        def test_busy(billing):
            plan = billing.faults.add("throttle", source="postman", times=2)
            assert ask(billing).status_code == 429
            assert billing.faults.score(plan)["left"] == 1

        def test_of_another_test_nothing_is_left(billing):
            assert ask(billing).status_code == 200

        def test_idle(billing):
            billing.faults.add("throttle", source="postman")

        def test_refused(billing):
            billing.faults.add("coffee")
        """
    )
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["*fault plans that never fired: throttle*"])
    result.stdout.fnmatch_lines(["*ValueError: There is no fault 'coffee'*"])


@pytest.mark.processes
@pytest.mark.parametrize("fixture", FIXTURES)
def test_a_failure_shows_what_was_said_with_secrets_masked(suite, fixture):
    result = suite(
        f"""
        import pytest, requests

        def test_passes({fixture}):
            {fixture}.create("ZINVOICE_SRV", "Invoices", ID="OF ANOTHER TEST", Currency="EUR")

        def test_fails({fixture}):
            {fixture}.faults.add("lost_response", method="POST")
            with {fixture}.session() as session, pytest.raises(requests.ConnectionError):
                session.post({fixture}.service("ZINVOICE_SRV") + "Invoices", json={{"ID": "1", "Currency": "EUR"}})
            assert {fixture}.entities("ZINVOICE_SRV", "Invoices") == []
        """
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([
        "*sap-mock: the last exchanges of this test*",
        "GET /sap/opu/odata/sap/ZINVOICE_SRV/  ->  200",
        "POST /sap/opu/odata/sap/ZINVOICE_SRV/Invoices  ->  201  (struck by lost_response; sent: never)",
        '    > {"ID": "1", "Currency": "EUR"}',
        "GET /sap/opu/odata/sap/ZINVOICE_SRV/Invoices  ->  200",
    ])  # fmt: skip
    result.stdout.no_fnmatch_line("*OF ANOTHER TEST*")
    result.stdout.no_fnmatch_line("*REVWRUxPUEVS*")


@pytest.mark.processes
def test_a_failure_names_the_plans_that_never_fired_and_a_fixture_that_fails_shows_what_was_said(suite):
    result = suite(
        """
        import pytest

        def test_fails(sap_gateway):
            sap_gateway.faults.add("lost_response", method="POST")
            assert sap_gateway.entities("ZINVOICE_SRV", "Invoices")

        @pytest.fixture
        def prepared(sap_gateway):
            sap_gateway.create("ZINVOICE_SRV", "Invoices", ID="1", Value="1.00")

        def test_is_never_run(prepared):
            pass
        """
    )
    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines([
        "*ERROR at setup of test_is_never_run*", "POST /sap/opu/odata/sap/ZINVOICE_SRV/Invoices  ->  400",
        "*_ test_fails _*", "*the last exchanges of this test*", "Fault plans that never fired: lost_response",
    ])  # fmt: skip


@pytest.mark.processes
def test_a_service_is_found_beside_the_configuration_wherever_pytest_is_called(suite, pytester, monkeypatch):
    pytester.makeini("[pytest]\nsap_mock_services = MY_SRV=mine/metadata.xml")
    metadata = pytester.mkdir("mine") / "metadata.xml"
    metadata.write_bytes((ROOT / "sap_mock" / "services" / "zinvoice_srv" / "metadata.xml").read_bytes())
    text = "\n".join(
        f"def test_{fixture}({fixture}): assert {fixture}.entities('MY_SRV', 'Invoices') == []" for fixture in FIXTURES
    )
    pytester.makepyfile(text)
    monkeypatch.chdir(metadata.parent)
    suite(text, "..").assert_outcomes(passed=2)


@pytest.mark.processes
def test_each_worker_of_xdist_has_a_server_of_its_own(suite):
    result = suite(
        """
        import os, pathlib, pytest

        @pytest.mark.parametrize("number", range(6))
        def test_alone(sap_gateway, number, tmp_path_factory):
            sap_gateway.create("ZINVOICE_SRV", "Invoices", ID=str(number), Currency="EUR")
            assert [one["ID"] for one in sap_gateway.entities("ZINVOICE_SRV", "Invoices")] == [str(number)]
            folder = tmp_path_factory.getbasetemp().parent
            (folder / os.environ["PYTEST_XDIST_WORKER"]).write_text(sap_gateway.url)
            urls = [file.read_text() for file in folder.glob("gw?")]
            assert len(urls) == len(set(urls))
        """,
        "-n", "2", "-p", "xdist",
    )  # fmt: skip
    result.assert_outcomes(passed=6)


@pytest.mark.processes
def test_workers_that_would_empty_each_others_database_are_told_so(suite, pytester):
    pytester.makeini("[pytest]\nsap_mock_database = sqlite:///sap.db")
    result = suite("def test_it(sap_gateway): pass", "-n", "1", "-p", "xdist")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*UsageError: sap_mock_database is sqlite:///sap.db: with pytest-xdist each worker*"])


@pytest.mark.processes
@pytest.mark.parametrize("fixture", FIXTURES)
def test_the_options_choose_services_database_and_leniency(suite, pytester, fixture):
    pytester.makeini(
        "[pytest]\nsap_mock_services = ZINVOICE_SRV\nsap_mock_database = sqlite:///sap-{worker}.db\nsap_mock_lenient = true"
    )
    result = suite(
        f"""
        import pathlib

        def test_chosen({fixture}):
            assert {fixture}.mock("GET", "health").json()["services"] == ["ZINVOICE_SRV"]
            assert {fixture}.create("ZINVOICE_SRV", "Invoices", ID="1", Value=1.5, Currency="EUR")["Value"] == "1.500"
            assert pathlib.Path("sap-main.db").exists()
        """
    )
    result.assert_outcomes(passed=1)


@pytest.mark.processes
def test_a_testcase_has_the_gateway_by_a_fixture_of_its_own(suite):
    result = suite(
        """
        import unittest
        import pytest

        class PostingTest(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def gateway(self, sap_gateway):
                self.sap = sap_gateway

            def test_empty(self):
                self.assertEqual(self.sap.entities("ZINVOICE_SRV", "Invoices"), [])
                self.sap.create("ZINVOICE_SRV", "Invoices", ID="1", Currency="EUR")

            def test_empty_again(self):
                self.assertEqual(self.sap.entities("ZINVOICE_SRV", "Invoices"), [])

            def test_idle(self):
                self.sap.faults.add("latency")

            def test_fails(self):
                self.sap.session().close()
                self.fail("on purpose")
        """
    )
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["*fault plans that never fired: latency*"])
    result.stdout.fnmatch_lines(
        ["*sap-mock: the last exchanges of this test*", "GET /sap/opu/odata/sap/ZINVOICE_SRV/*"]
    )


@pytest.mark.processes
def test_nothing_is_loaded_until_a_fixture_is_used(suite):
    result = suite(
        """
        import sys

        def test_it():
            assert {"requests", "flask", "lxml", "sqlalchemy", "sap_mock.testing"} & set(sys.modules) == set()
        """
    )
    result.assert_outcomes(passed=1)


def test_a_users_test_file_is_strictly_typed(tmp_path):
    file = tmp_path / "test_typed.py"
    file.write_text(
        "from collections.abc import Mapping\n"
        "from sap_mock.testing import BillingMock, SapGateway\n\n\n"
        "def test_it(sap_gateway: SapGateway, billing: BillingMock) -> None:\n"
        "    plan: str = sap_gateway.faults.add('lost_response', times=2)\n"
        "    with sap_gateway.session() as session:\n"
        "        assert session.get(sap_gateway.service('ZINVOICE_SRV'), timeout=5).status_code == 200\n"
        "    created: Mapping[str, object] = sap_gateway.create('ZINVOICE_SRV', 'Invoices', ID='1')\n"
        "    assert created['ID'] == '1' and sap_gateway.journal and sap_gateway.faults.score(plan)\n"
        "    assert billing.credentials\n"
        "    reveal_type(sap_gateway.url)\n"
        "    sap_gateway.nothing()\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports", "silent", str(file)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert [line.partition(": ")[2] for line in checked.stdout.splitlines()[:-1]] == [
        'note: Revealed type is "str"',
        'error: "SapGateway" has no attribute "nothing"  [attr-defined]',
    ]
