"""The fixtures themselves, and what a test does with a gateway."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import requests

from sap_mock.testing import started_gateway


def test_a_stand_in_may_say_much_more_than_a_pipe_holds(talking):
    for _ in range(120):  # a traceback each, some kilobytes: well over the 64 KB of a pipe
        assert talking.ask("POST", "Orders", {"OrderId": "DUMP"}).status_code == 500


@pytest.mark.processes
def test_a_gateway_that_is_started_without_options_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        with started_gateway() as gateway:
            gateway.create("ZINVOICE_SRV", "Invoices", ID="1", Currency="EUR")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.processes
@pytest.mark.parametrize(
    ("arguments", "user", "password"),
    [
        (["--user", "Anna:ge:heim", "--user", "BERT:x"], "ANNA", "ge:heim"),
        (["--lenient", "--user=BERT:x"], "BERT", "x"),
        (["--lenient"], "DEVELOPER", "Sap-mock1"),
    ],
)
def test_a_gateway_tells_the_user_that_it_was_started_with_and_logs_on_as_that_one(arguments, user, password):
    with started_gateway(arguments) as gateway:
        assert (gateway.user, gateway.password) == (user, password)
        assert gateway.entities("ZINVOICE_SRV", "Invoices") == []


@pytest.mark.parametrize(
    "fault", ["lost_response", "logon_page", "http_error", "password_changed", "update_task_failure"]
)
def test_what_a_test_prepares_and_looks_at_is_struck_by_no_fault(sap_gateway, fault):
    plan = sap_gateway.faults.add(fault, may_stay_idle=True)
    sap_gateway.create("ZINVOICE_SRV", "Invoices", ID="1", Currency="EUR")
    assert [one["ID"] for one in sap_gateway.entities("ZINVOICE_SRV", "Invoices")] == ["1"]
    assert sap_gateway.faults.score(plan)["seen"] == 0


def test_every_entity_is_given_where_a_data_provider_pages(reference_gateway, talking):
    for number in range(5):
        talking.create("Orders", OrderId=str(number))
    assert [one["OrderId"] for one in reference_gateway.entities("TALKING_SRV", "Orders")] == list("01234")


def test_a_session_is_struck_as_a_client_s_is_and_says_what_came_instead_of_a_token(sap_gateway):
    sap_gateway.faults.add("http_error", text="Not now", times=1)
    with pytest.raises(ValueError, match=r"^ZINVOICE_SRV gives no token: Not now$"):
        sap_gateway.session()
    sap_gateway.faults.add("logon_page", times=1)
    with pytest.raises(ValueError, match=r"^ZINVOICE_SRV gives no token: 200 OK, text/html; charset=utf-8$"):
        sap_gateway.session()


def test_a_billing_mock_takes_back_what_was_posted_to_it_when_asked(billing):
    requests.post(f"{billing.url}/_mock/faults", json={"fault": "maintenance"}, timeout=30)
    billing.reset()
    assert requests.get(f"{billing.url}/_mock/faults", timeout=30).json() == []


WRONG = [
    (lambda gateway: gateway.entities("ZINVOICE", "Invoices"), "No service found for namespace '', name 'ZINVOICE'"),
    (lambda gateway: gateway.entities("ZINVOICE_SRV", "Invoice"), "Resource not found for the segment 'Invoice'."),
    (lambda gateway: gateway.create("ZINVOICE", "Invoices"), "No service found for namespace"),
    (lambda gateway: gateway.create("ZINVOICE_SRV", "Invoices", Colour="red"), "Property 'Colour' is invalid"),
    (lambda gateway: gateway.faults.score("nobody"), "nobody: there is no such fault plan"),
]


@pytest.mark.parametrize(("does", "words"), WRONG)
def test_a_mistake_is_told_in_the_words_of_the_stand_in(sap_gateway, does, words):
    with pytest.raises(ValueError, match=f"^{re.escape(words)}"):
        does(sap_gateway)


def test_amounts_and_days_are_given_as_python_has_them(sap_gateway):
    given = {"Currency": "EUR", "Value": Decimal("1E+2")}
    sap_gateway.create("ZINVOICE_SRV", "Invoices", ID="1", IssuedAt=date(2023, 10, 12), **given)
    sap_gateway.create("ZINVOICE_SRV", "Invoices", ID="2", IssuedAt=datetime(2023, 10, 12, 1, 2, 3), **given)
    one, two = sap_gateway.entities("ZINVOICE_SRV", "Invoices")
    milliseconds = int(datetime(2023, 10, 12, tzinfo=UTC).timestamp()) * 1000
    assert (one["Value"], one["IssuedAt"]) == ("100.000", f"/Date({milliseconds})/")
    assert two["IssuedAt"] == f"/Date({milliseconds + 3723000})/"
