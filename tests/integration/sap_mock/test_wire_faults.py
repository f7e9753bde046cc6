"""Every fault on the wire: what the caller sees, and what the system has done."""

import re
import socket
import time

import pytest
import requests
from requests.exceptions import ChunkedEncodingError
from requests.exceptions import ConnectionError as ConnectionBroken

from sap_mock.testing import NotStarted, started_gateway

INVOICE = {"ID": "1", "Currency": "EUR"}


def test_a_lost_response_is_booked_and_not_a_byte_comes_back(invoices, sap_gateway):
    plan = sap_gateway.faults.add("lost_response", entity_set="Invoices", method="POST", times=1)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in invoices.session.cookies)
    body = b'{"ID":"1","Currency":"EUR"}'
    head = (
        f"POST {invoices.path}Invoices HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n"
        f"X-CSRF-Token: {invoices.session.headers['X-CSRF-Token']}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    host, port = sap_gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(head.encode() + body)
        assert connection.recv(1) == b""
    assert invoices.read("Invoices('1')")["ID"] == "1"
    assert sap_gateway.faults.score(plan)["completed"]


def test_a_lost_response_looks_to_a_client_like_a_broken_connection(invoices, sap_gateway):
    sap_gateway.faults.add("lost_response", method="POST", times=1)
    with pytest.raises(ConnectionBroken):
        invoices.ask("POST", "Invoices", INVOICE)
    assert invoices.ask("POST", "Invoices", INVOICE).json()["error"]["code"] == "ZINVOICE/001"


def test_a_cut_body_breaks_off_before_its_announced_length(invoices, sap_gateway):
    sap_gateway.faults.add("cut_body", method="POST", times=1)
    with pytest.raises((ChunkedEncodingError, ConnectionBroken)):
        invoices.ask("POST", "Invoices", INVOICE)
    assert invoices.read("Invoices('1')")["ID"] == "1"


def test_latency_holds_an_answer_back_after_the_work(invoices, sap_gateway):
    def seconds():
        begun = time.monotonic()
        assert invoices.get("Invoices").status_code == 200
        return time.monotonic() - begun

    usual = seconds()
    sap_gateway.faults.add("latency", milliseconds=400, times=1)
    assert seconds() - usual > 0.2


def test_an_http_error_is_saps_envelope_and_nothing_is_done(invoices, sap_gateway):
    sap_gateway.faults.add("http_error", status=503, code="X/1", text="Not now", retry_after=7, method="POST", times=1)
    answer = invoices.ask("POST", "Invoices", INVOICE)
    error = answer.json()["error"]
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert (error["code"], error["message"]["value"]) == ("X/1", "Not now")
    assert error["innererror"]["timestamp"]
    assert invoices.read("Invoices")["results"] == []


def test_an_http_error_is_by_default_what_a_broken_back_end_says(invoices, sap_gateway):
    sap_gateway.faults.add("http_error", times=1)
    answer = invoices.get("Invoices")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "/IWFND/CM_BEC/026")
    assert answer.json()["error"]["message"]["value"] == "RFC Error: An exception occurred that was not caught."
    assert "retry-after" not in answer.headers


def test_an_expired_token_is_refused_once_and_a_fetch_does_not_use_it_up(invoices, sap_gateway):
    sap_gateway.faults.add("csrf_expiry", times=1)
    assert invoices.get("Invoices", X_CSRF_Token="Fetch").headers["x-csrf-token"]
    answer = invoices.ask("POST", "Invoices", INVOICE)
    assert (answer.status_code, answer.headers["x-csrf-token"]) == (403, "Required")
    assert invoices.read("Invoices")["results"] == []
    assert invoices.ask("POST", "Invoices", INVOICE).status_code == 201


@pytest.mark.parametrize(
    ("scope", "struck"),
    [
        ({}, True),
        ({"service": "zinvoice_srv"}, True),
        ({"service": "ZJOURNAL_SRV"}, False),
        ({"entity_set": "Invoices", "method": "get"}, True),
        ({"entity_set": "JournalEntries"}, False),
        ({"method": "POST"}, False),
        ({"header": "x-run: 7"}, True),
        ({"header": "x-run: 8"}, False),
    ],
)
def test_a_fault_strikes_whom_its_scope_names(sap_gateway, invoices, scope, struck):
    plan = sap_gateway.faults.add("http_error", status=500, times=1, **scope)
    first = invoices.get("Invoices('x')", X_Run="7").status_code
    assert first == (500 if struck else 404)
    assert sap_gateway.faults.score(plan)["fired"] == int(struck)
    assert sap_gateway.faults.score(plan)["left"] == int(not struck)
    sap_gateway.reset()
    sap_gateway.faults.never_fired()


def test_faults_in_force_stand_around_each_other(invoices, sap_gateway):
    sap_gateway.faults.add("http_error", status=500, code="OUTER/1", times=1)
    inner = sap_gateway.faults.add("http_error", status=500, code="INNER/1", times=1)
    assert invoices.get("Invoices").json()["error"]["code"] == "OUTER/1"
    assert sap_gateway.faults.score(inner)["seen"] == 0
    assert invoices.get("Invoices").json()["error"]["code"] == "INNER/1"
    assert sap_gateway.faults.score(inner)["completed"]
    assert invoices.get("Invoices").status_code == 200


def test_a_batch_is_one_exchange_and_what_strikes_it_strikes_all_of_it(invoices, sap_gateway):
    change = (
        "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: application/http\n\n"
        'POST Invoices HTTP/1.1\nContent-Type: application/json\n\n{"ID":"1","Currency":"EUR"}\n--c--\n\n--b--'
    )
    sap_gateway.faults.add("http_error", entity_set="$batch", status=503, times=1)
    assert invoices.batch(change).status_code == 503
    assert invoices.read("Invoices")["results"] == []
    sap_gateway.faults.add("lost_response", entity_set="$batch", times=1)
    with pytest.raises(ConnectionBroken):
        invoices.batch(change)
    assert invoices.read("Invoices('1')")["ID"] == "1"


PART = "--b\nContent-Type: application/http\n\nGET Invoices HTTP/1.1\nAccept: application/json\n\n\n"
CHANGE = (
    "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: application/http\nContent-ID: 7\n\n"
    "POST Invoices HTTP/1.1\nAccept: application/json\nContent-Type: application/json\n\n"
    '{"ID":"%s","Currency":"EUR"}\n--c--\n\n'
)


def statuses(answer):
    assert answer.status_code == 202, answer.text
    return [int(status) for status in re.findall(r"^HTTP/1\.1 (\d+)", answer.text, re.MULTILINE)]


def test_an_http_error_strikes_single_operations_of_a_batch(invoices, sap_gateway):
    plan = sap_gateway.faults.add(
        "http_error", entity_set="Invoices", method="POST", status=500, code="X/1", skip=1, times=1
    )
    answer = invoices.batch(CHANGE % 1 + CHANGE % 2 + CHANGE % 3 + PART + "--b--")
    assert statuses(answer) == [201, 500, 201, 200]
    assert '"code":"X/1"' in answer.text
    assert sap_gateway.faults.score(plan)["seen"] == 3
    assert [invoice["ID"] for invoice in invoices.read("Invoices")["results"]] == ["1", "3"]


def test_an_http_error_in_a_changeset_takes_the_whole_of_it_back(many_invoices, reference_gateway):
    operations = re.findall(r"--c\n.*?\n(?=--c--)", CHANGE, re.DOTALL)[0]
    changeset = (
        "--b\nContent-Type: multipart/mixed; boundary=c\n\n" + operations % 1 + operations % 2 + "--c--\n\n--b--"
    )
    reference_gateway.faults.add("http_error", entity_set="Invoices", method="POST", skip=1, times=1)
    assert statuses(many_invoices.batch(changeset)) == [500]
    assert many_invoices.read("Invoices")["results"] == []
    assert statuses(many_invoices.batch(changeset)) == [201, 201]


def test_an_http_error_strikes_the_reads_of_a_batch_too(invoices, sap_gateway):
    sap_gateway.faults.add("http_error", entity_set="Invoices", method="GET", status=503, retry_after=3, times=1)
    answer = invoices.batch(PART + PART + "--b--")
    assert statuses(answer) == [503, 200]
    assert "retry-after: 3" in answer.text


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"fault": "explosion"}, "allowed are batch_cut, booked_then_500, changeset_failure, "),
        ({"fault": "latency", "second": 1}, "second: unknown; latency allows"),
        ({"fault": "latency", "milliseconds": "long"}, "'milliseconds' is 'long'; it must be a whole number"),
        (
            {"fault": "latency", "service": "ZINVOICE"},
            "'service' is 'ZINVOICE'; served are ZINVOICE_SRV, ZJOURNAL_SRV, ",
        ),
        (
            {"fault": "latency", "service": "zinvoice_srv", "entity_set": "Invoice"},
            r"'entity_set' is 'Invoice'; allowed are \$batch, \$metadata, Invoices$",
        ),
        ({"fault": "latency", "entity_set": "Orders"}, "'entity_set' is 'Orders'; allowed are .*JournalEntries"),
        (
            {"fault": "stale_metadata", "service": "ZINVOICE_SRV", "property": "value"},
            "'property' is 'value'; allowed are Currency, ID, IssuedAt, Link, Status, Value$",
        ),
        ({"fault": "stale_metadata", "property": "Amounts"}, "'property' is 'Amounts'; allowed are .*, Link, "),
        ({"fault": "http_error", "status": 200}, "'status' is 200; it must be from 400 to 599"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_with_what_is_allowed(sap_gateway, settings, words):
    with pytest.raises(ValueError, match=words):
        sap_gateway.faults.add(**settings)


def test_a_plan_that_is_no_object_is_refused(sap_gateway):
    answer = requests.post(f"{sap_gateway.url}/_mock/faults", json=[1], timeout=30)
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "the body must be a JSON object, a fault plan, sent as application/json",
    )


def test_a_plan_is_listed_shown_and_removed(sap_gateway, invoices):
    plan = sap_gateway.faults.add("http_error", times=5)
    assert invoices.get("Invoices").status_code == 500
    (listed,) = requests.get(f"{sap_gateway.url}/_mock/faults", timeout=30).json()
    assert (listed["id"], listed["fired"], listed["left"], listed["completed"]) == (plan, 1, 4, False)
    assert requests.delete(f"{sap_gateway.url}/_mock/faults/{plan}", timeout=30).status_code == 204
    assert invoices.get("Invoices").status_code == 200
    assert requests.get(f"{sap_gateway.url}/_mock/faults/{plan}", timeout=30).status_code == 404


def test_all_plans_are_removed_at_once(sap_gateway):
    for _ in range(2):
        sap_gateway.faults.add("latency")
    assert requests.delete(f"{sap_gateway.url}/_mock/faults", timeout=30).status_code == 204
    assert requests.get(f"{sap_gateway.url}/_mock/faults", timeout=30).json() == []


def test_a_gateway_that_cannot_start_says_why():
    with pytest.raises(NotStarted, match="no such file"), started_gateway(["--service", "nothing.xml"]):
        pass
