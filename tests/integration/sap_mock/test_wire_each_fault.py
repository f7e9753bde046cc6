"""Each fault as docs/faults.md tells it: what the caller sees, and what the system has done. See test_wire_faults, too."""

import json
import re
import socket
import time

import pytest
import requests
from lxml import etree
from requests.exceptions import ConnectionError as ConnectionBroken
from requests.exceptions import ReadTimeout

INVOICE = {"ID": "1", "Currency": "EUR"}
OPERATION = (
    "--c\nContent-Type: application/http\nContent-ID: %s\n\nPOST Invoices HTTP/1.1\nAccept: application/json\n"
    'Content-Type: application/json\n\n{"ID":"%s","Currency":"EUR"}\n'
)
LOOK = "--b\nContent-Type: application/http\n\nGET Invoices HTTP/1.1\nAccept: application/json\n\n\n"


def changeset(*ids):
    operations = "".join(OPERATION % (f"c{one}", one) for one in ids)
    return f"--b\nContent-Type: multipart/mixed; boundary=c\n\n{operations}--c--\n\n"


def statuses(answer):
    assert answer.status_code == 202, answer.text
    return [int(status) for status in re.findall(r"^HTTP/1\.1 (\d+)", answer.text, re.MULTILINE)]


def booked(wire):
    return [one["ID"] for one in wire.read("Invoices")["results"]]


def refused(answer, status, code):
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    return error["message"]["value"]


def journal(gateway, **wanted):
    return requests.get(f"{gateway.url}/_mock/journal", params=wanted, timeout=30).json()


def received(wire, gateway):
    """The pieces in which the bytes of an answer come; the connection is closed behind it."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in wire.session.cookies)
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        line = f"GET {wire.path}Invoices?$format=json HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookies}\r\n\r\n"
        connection.sendall(line.encode())
        return list(iter(lambda: connection.recv(65536), b""))


def test_no_free_process_is_a_page_of_icm_with_a_time_to_wait(invoices, sap_gateway):
    sap_gateway.faults.add("no_free_process", method="POST", times=1, retry_after=7)
    answer = invoices.ask("POST", "Invoices", INVOICE)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert answer.headers["content-type"].startswith("text/html")
    assert "EOVERLOAD" in answer.text
    assert booked(invoices) == []


def test_throttle_is_a_429_in_the_json_of_the_api_management(invoices, sap_gateway):
    sap_gateway.faults.add("throttle", method="POST", times=1, retry_after=3)
    answer = invoices.ask("POST", "Invoices", INVOICE)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert answer.json()["fault"]["detail"]["errorcode"] == "policies.ratelimit.SpikeArrestViolation"
    assert booked(invoices) == []


def test_maintenance_window_is_a_page_for_as_long_as_it_lasts(invoices, sap_gateway):
    sap_gateway.faults.add("maintenance_window", seconds=600)
    answer = invoices.get("Invoices")
    assert (answer.status_code, "EMAINTENANCE" in answer.text) == (503, True)
    sap_gateway.reset()
    sap_gateway.faults.add("maintenance_window", seconds=0.01)
    deadline = time.monotonic() + 20
    over = requests.Session()
    over.auth = (sap_gateway.user, sap_gateway.password)
    while over.get(invoices.root, timeout=30).status_code != 200 and time.monotonic() < deadline:
        pass  # each turn is a request
    assert over.get(invoices.root, timeout=30).status_code == 200
    over.close()
    sap_gateway.faults.never_fired()


def test_logon_page_is_a_form_with_status_200(invoices, sap_gateway):
    sap_gateway.faults.add("logon_page", method="POST", times=1)
    answer = invoices.ask("POST", "Invoices", INVOICE)
    assert (answer.status_code, answer.headers["sap-err-id"]) == (200, "ICFLOGONREQUIRED")
    assert answer.headers["content-type"].startswith("text/html")
    assert "sap-password" in answer.text
    assert booked(invoices) == []


def test_password_changed_is_the_401_of_a_wrong_password(invoices, sap_gateway):
    sap_gateway.faults.add("password_changed", times=1)
    answer = invoices.get("Invoices")
    assert (answer.status_code, "Basic realm" in answer.headers["www-authenticate"]) == (401, True)
    assert invoices.get("Invoices").status_code == 200


def test_session_loss_gives_a_read_a_new_session_and_refuses_a_write(invoices, sap_gateway):
    plan = sap_gateway.faults.add("session_loss", times=2)
    refusal = invoices.ask("POST", "Invoices", INVOICE)
    assert (refusal.status_code, refusal.headers["x-csrf-token"]) == (403, "Required")
    assert "SAP_SESSIONID_MCK_001" in refusal.headers["set-cookie"]
    answer = invoices.get("Invoices", X_CSRF_Token="Fetch")
    assert "SAP_SESSIONID_MCK_001" in answer.headers["set-cookie"]
    assert invoices.ask("POST", "Invoices", INVOICE).status_code == 403
    invoices.session.headers["X-CSRF-Token"] = answer.headers["x-csrf-token"]
    assert invoices.ask("POST", "Invoices", INVOICE).status_code == 201
    assert sap_gateway.faults.score(plan)["seen"] >= 2


def test_short_dump_ends_a_request_with_the_page_of_icf(invoices, sap_gateway):
    sap_gateway.faults.add("short_dump", method="POST", times=1)
    answer = invoices.ask("POST", "Invoices", INVOICE)
    assert (answer.status_code, "RABAX_STATE" in answer.text) == (500, True)
    assert answer.headers["content-type"].startswith("text/html")
    assert booked(invoices) == []


def test_short_dump_ends_a_batch_where_it_happens_and_what_stood_before_it_stays(invoices, sap_gateway):
    sap_gateway.faults.add("short_dump", operation=2, times=1)
    answer = invoices.batch(changeset(1) + changeset(2) + changeset(3) + "--b--")
    assert (answer.status_code, "RABAX_STATE" in answer.text) == (500, True)
    assert booked(invoices) == ["1"]


def test_rfc_error_is_the_envelope_of_the_hub(invoices, sap_gateway):
    sap_gateway.faults.add("rfc_error", entity_set="Invoices", times=1)
    text = refused(invoices.get("Invoices"), 500, "/IWFND/CM_BEC/026")
    assert text == "RFC Error: Error when opening an RFC connection."


def test_lock_held_refuses_writes_and_lets_reads_pass(invoices, sap_gateway):
    plan = sap_gateway.faults.add("lock_held", times=1)
    assert booked(invoices) == []
    text = refused(invoices.ask("POST", "Invoices", INVOICE), 400, "/IWBEP/CM_MGW_RT/022")
    assert text == "The document is currently being processed by user MILLER"
    assert invoices.ask("POST", "Invoices", INVOICE).status_code == 201
    assert sap_gateway.faults.score(plan)["seen"] == 2


def test_number_range_exhausted_refuses_a_write_in_the_words_that_are_set(invoices, sap_gateway):
    sap_gateway.faults.add("number_range_exhausted", code="ZFI/012", text="No number left", times=1)
    answer = invoices.ask("POST", "Invoices", INVOICE)
    assert refused(answer, 400, "ZFI/012") == "No number left"
    assert "MSGID='ZFI',MSGNO='012'" in answer.json()["error"]["innererror"]["longtext_url"]
    assert booked(invoices) == []


def test_posting_period_closed_is_message_f5_201(invoices, sap_gateway):
    sap_gateway.faults.add("posting_period_closed", period="012", year="2025", times=1)
    assert refused(invoices.ask("POST", "Invoices", INVOICE), 400, "F5/201") == "Posting period 012 2025 is not open"


def test_changeset_failure_takes_the_changeset_back_and_names_the_operation(many_invoices, reference_gateway):
    plan = reference_gateway.faults.add("changeset_failure", at=2, times=1)
    answer = many_invoices.batch(changeset(1) + changeset(2, 3) + LOOK + "--b--")
    assert statuses(answer) == [201, 400, 200]
    assert '"ContentID":"c3"' in answer.text
    assert booked(many_invoices) == ["1"]
    assert reference_gateway.faults.score(plan)["seen"] == 1


def test_update_task_failure_is_a_201_for_what_is_gone_afterwards(invoices, sap_gateway):
    sap_gateway.faults.add("update_task_failure", method="POST", times=1)
    answer = invoices.ask("POST", "Invoices", INVOICE)
    assert (answer.status_code, answer.json()["d"]["ID"]) == (201, "1")
    assert booked(invoices) == []
    assert invoices.ask("POST", "Invoices", INVOICE).status_code == 201


def test_update_task_failure_takes_its_whole_changeset_with_it(many_invoices, reference_gateway):
    reference_gateway.faults.add("update_task_failure", content_id="c2", times=1)
    assert statuses(many_invoices.batch(changeset(1, 2) + changeset(3) + "--b--")) == [201, 201, 201]
    assert booked(many_invoices) == ["3"]


def test_connection_reset_closes_without_a_byte_and_nothing_is_done(invoices, sap_gateway):
    sap_gateway.faults.add("connection_reset", method="POST", times=1)
    with pytest.raises(ConnectionBroken):
        invoices.ask("POST", "Invoices", INVOICE)
    assert booked(invoices) == []


def test_cut_body_sends_as_much_as_it_was_told(invoices, sap_gateway):
    whole = len(invoices.get("Invoices").content)
    sap_gateway.faults.add("cut_body", percent=25, times=1)
    head, _, body = b"".join(received(invoices, sap_gateway)).partition(b"\r\n\r\n")
    assert f"content-length: {whole}".encode() in head
    assert len(body) == whole // 4


@pytest.mark.parametrize("fault", ["cut_body", "slow_drip"])
def test_an_answer_without_a_body_is_as_ever_and_one_to_head_is_no_match(invoices, sap_gateway, fault):
    invoices.ask("POST", "Invoices", INVOICE)
    invoices.ask("POST", "Invoices", {**INVOICE, "ID": "2"})
    usual = invoices.ask("DELETE", "Invoices('1')")
    plan = sap_gateway.faults.add(fault)
    struck = invoices.ask("DELETE", "Invoices('2')")
    assert (struck.status_code, list(struck.headers)) == (204, list(usual.headers))
    assert invoices.ask("HEAD", "Invoices").status_code == 200
    assert sap_gateway.faults.score(plan)["seen"] == 1


def test_slow_drip_comes_whole_but_in_pieces(invoices, sap_gateway):
    sap_gateway.faults.add("slow_drip", bytes_per_second=40, times=1)
    pieces = received(invoices, sap_gateway)
    assert len(pieces) > 2
    assert b"".join(pieces).endswith(b'{"d":{"results":[]}}')


@pytest.mark.parametrize(("commits", "there"), [("first", True), ("late", False)])
def test_late_response_commits_before_or_after_its_caller_has_given_up(invoices, sap_gateway, commits, there):
    sap_gateway.faults.add("late_response", method="POST", milliseconds=1500, commits=commits, times=1)
    with pytest.raises(ReadTimeout):
        invoices.session.post(f"{invoices.root}Invoices", json=INVOICE, timeout=0.5)
    assert (invoices.get("Invoices('1')").status_code == 200) is there
    deadline = time.monotonic() + 20
    while not journal(sap_gateway, fault="late_response") and time.monotonic() < deadline:
        pass  # each look at the journal is a request
    assert booked(invoices) == ["1"]


def test_wrong_content_type_changes_nothing_else(invoices, sap_gateway):
    sap_gateway.faults.add("wrong_content_type", method="POST", times=1)
    answer = invoices.ask("POST", "Invoices", INVOICE)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "text/html; charset=utf-8")
    assert json.loads(answer.text)["d"]["ID"] == "1"
    assert booked(invoices) == ["1"]


def test_booked_then_500_says_no_to_what_is_there(invoices, sap_gateway):
    sap_gateway.faults.add("booked_then_500", method="POST", times=1)
    assert refused(invoices.ask("POST", "Invoices", INVOICE), 500, "/IWBEP/CX_MGW_TECH_EXCEPTION")
    assert booked(invoices) == ["1"]


def test_batch_cut_leaves_so_many_parts_of_an_answer_and_all_was_done(invoices, sap_gateway):
    sap_gateway.faults.add("batch_cut", parts=2, times=1)
    answer = invoices.batch(changeset(1) + changeset(2) + changeset(3) + "--b--")
    assert statuses(answer) == [201, 201]
    boundary = answer.headers["content-type"].partition("boundary=")[2]
    assert f"--{boundary}--" not in answer.text
    assert booked(invoices) == ["1", "2", "3"]


def test_stale_metadata_lacks_a_property_that_the_service_knows(invoices, sap_gateway):
    sap_gateway.faults.add("stale_metadata", times=1)
    sap_gateway.faults.add("stale_metadata", property="Value", times=1, skip=1)
    answers = [invoices.get("$metadata", Accept="application/xml") for _ in range(3)]
    names = [
        [element.get("Name") for element in etree.fromstring(answer.content).iter("{*}Property")] for answer in answers
    ]
    assert names[2] == ["ID", "Status", "IssuedAt", "Value", "Currency", "Link"]
    assert names[0] == names[2][:-1]
    assert set(names[2]) - set(names[1]) == {"Value"}
    assert answers[0].headers["last-modified"] == "Thu, 01 Jan 2015 00:00:00 GMT"


SCOPES_OF_A_BATCH = [
    ({"entity_set": "Invoices"}, True),
    ({"entity_set": "Invoices", "method": "POST"}, True),
    ({"entity_set": "Invoices", "method": "DELETE"}, False),
    ({"entity_set": "JournalEntries"}, False),
    ({"entity_set": "$batch"}, True),
    ({"content_id": "c2"}, True),
    ({"content_id": "c9"}, False),
    ({"operation": 2}, True),
    ({"operation": 3}, False),
    ({"key": "2"}, True),
    ({"key": "3"}, False),
]


def test_a_fault_of_whole_exchanges_strikes_a_batch_that_holds_what_its_scope_names(invoices, sap_gateway):
    for number, (scope, struck) in enumerate(SCOPES_OF_A_BATCH):
        sap_gateway.reset()
        invoices.session = sap_gateway.session("ZINVOICE_SRV")
        plan = sap_gateway.faults.add("throttle", times=1, **scope)
        answer = invoices.batch(changeset(1) + changeset(2) + "--b--")
        assert (number, answer.status_code) == (number, 429 if struck else 202)
        assert sap_gateway.faults.score(plan)["fired"] == int(struck)
        invoices.session.close()
    sap_gateway.reset()
    sap_gateway.faults.never_fired()


def test_a_plan_with_an_id_strikes_only_those_who_name_it_in_a_batch_too(invoices, sap_gateway):
    sap_gateway.faults.add("http_error", id="mine", status=500, entity_set="Invoices")
    assert invoices.get("Invoices").status_code == 200
    assert invoices.get("Invoices", x_mock_plan="another").status_code == 200
    assert invoices.get("Invoices", x_mock_plan="another, mine").status_code == 500
    assert statuses(invoices.batch(LOOK + "--b--")) == [200]
    assert statuses(invoices.batch(LOOK + "--b--", **{"x-mock-plan": "mine"})) == [500]
    assert sap_gateway.faults.score("mine")["fired"] == 2


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"id": "twice"}, "'id' is 'twice'; a plan with this id is in force already"),
        ({"seconds": 0}, "'seconds' is 0; it must be a number above 0"),
    ],
)
def test_a_plan_that_clashes_is_refused(sap_gateway, settings, words):
    sap_gateway.faults.add("latency", id="twice")
    with pytest.raises(ValueError, match=re.escape(words)):
        sap_gateway.faults.add("latency", **settings)
    sap_gateway.reset()
    sap_gateway.faults.never_fired()


def test_the_journal_tells_what_struck_and_how_much_was_sent(invoices, sap_gateway):
    for fault, transmission in (("cut_body", "cut"), ("connection_reset", "reset"), ("lost_response", "never")):
        plan = sap_gateway.faults.add(fault, method="POST", times=1)
        with pytest.raises(requests.exceptions.RequestException):
            invoices.ask("POST", "Invoices", INVOICE)
        (found,) = journal(sap_gateway, fault=plan)
        assert (found["transmission"], found["faults"]) == (transmission, [{"id": plan, "fault": fault}])
    sap_gateway.faults.add("short_dump", entity_set="Invoices", method="POST", times=1)
    invoices.batch(changeset(5) + "--b--")
    (found,) = journal(sap_gateway, fault="short_dump")
    assert (found["entity_set"], found["response"]["status"]) == ("$batch", 500)
