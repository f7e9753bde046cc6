"""What was said can be read afterwards: every exchange, found by what it was about, and no secret in it."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
import requests
from jsonschema import Draft202012Validator
from requests.exceptions import ConnectionError as ConnectionBroken

from sap_mock.admin.journal import WantedSchema
from sap_mock.cli import JOURNAL_FILTERS
from sap_mock.replay.player import Player
from sap_mock.testing import started_gateway
from sap_mock.wire import case_file

CHANGE = (
    "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: application/http\nContent-ID: 7\n\n"
    "POST Invoices HTTP/1.1\nAccept: application/json\nContent-Type: application/json\n\n"
    '{"ID":"1","Currency":"EUR"}\n--c--\n\n'
)
LOOK = "--b\nContent-Type: application/http\n\nGET Invoices('9') HTTP/1.1\nAccept: application/json\n\n\n"


def journal(gateway, **wanted):
    answer = requests.get(f"{gateway.url}/_mock/journal", params=wanted, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(gateway, **wanted):
    return [
        (one["request"]["method"], one["entity_set"], one["response"]["status"]) for one in journal(gateway, **wanted)
    ]


@pytest.fixture
def talk(invoices, sap_gateway):
    """Five exchanges behind the log-on: two creations, one lost; a look; a batch; something that is not there."""
    requests.delete(f"{sap_gateway.url}/_mock/journal", timeout=30)
    sap_gateway.faults.add("lost_response", method="POST", entity_set="Invoices", times=1)
    with pytest.raises(ConnectionBroken):
        invoices.ask("POST", "Invoices", {"ID": "0", "Currency": "EUR"})
    invoices.ask("POST", "Invoices", {"ID": "2", "Currency": "EUR"})
    invoices.get("Invoices('2')?sap-password=CANARY")
    invoices.batch(CHANGE + LOOK + "--b--")
    invoices.get("Nothing")
    return sap_gateway


ALL = [
    ("POST", "Invoices", 201),
    ("POST", "Invoices", 201),
    ("GET", "Invoices", 200),
    ("POST", "$batch", 202),
    ("GET", "Nothing", 404),
]
FILTERS = [
    ({}, ALL),
    ({"service": "zinvoice_srv"}, ALL),
    ({"service": "OTHER_SRV"}, []),
    ({"entity_set": "Invoices"}, ALL[:4]),
    ({"entity_set": "$batch"}, ALL[3:4]),
    ({"method": "get"}, ALL[2:]),
    ({"status": "404"}, ALL[3:]),
    ({"status": 202}, ALL[3:4]),
    ({"fault": "lost_response"}, ALL[:1]),
    ({"fault": "latency"}, []),
    ({"limit": 2}, ALL[3:]),
    ({"method": "POST", "limit": 1}, ALL[3:4]),
    ({"since": "2020-01-01T00:00:00Z"}, ALL),
    ({"since": "2999-01-01T00:00:00"}, []),
]  # fmt: skip


def test_an_exchange_is_found_by_what_it_was_about_and_a_batch_by_what_is_in_it(talk):
    for wanted, expected in FILTERS:
        assert told(talk, **wanted) == expected, wanted


def test_an_exchange_shows_what_was_asked_and_decided_and_what_was_sent(talk):
    first, second, *_ = journal(talk)
    assert json.loads(first["request"]["body"]["text"]) == {"ID": "0", "Currency": "EUR"}
    assert json.loads(first["response"]["body"]["text"])["d"]["ID"] == "0"
    assert dict(first["response"]["headers"])["location"].endswith("Invoices('0')")
    assert (first["transmission"], [one["fault"] for one in first["faults"]]) == ("never", ["lost_response"])
    assert (second["transmission"], second["faults"]) == ("whole", [])
    assert second["id"] > first["id"]
    assert told(talk, after=first["id"]) == ALL[1:]
    assert told(talk, fault=first["faults"][0]["id"]) == ALL[:1]


def test_a_batch_shows_each_of_its_operations(talk):
    (batch,) = journal(talk, entity_set="$batch")
    shown = [
        (one["number"], one["changeset"], one["content_id"], one["method"], one["entity_set"], one["status"])
        for one in batch["operations"]
    ]
    assert shown == [(1, 1, "7", "POST", "Invoices", 201), (2, None, None, "GET", "Invoices", 404)]


def test_an_error_names_the_transaction_that_the_journal_knows(talk, invoices):
    error = invoices.get("Nothing").json()["error"]
    (found,) = journal(talk, transaction_id=error["innererror"]["transactionid"])
    assert found["response"]["status"] == 404


def test_no_secret_is_in_the_journal(talk, invoices):
    secrets = [invoices.session.headers["X-CSRF-Token"], "CANARY", "Basic REV"]
    secrets += [cookie.value for cookie in invoices.session.cookies]
    for format_ in ("json", "har", "http"):
        text = requests.get(f"{talk.url}/_mock/journal", params={"format": format_}, timeout=30).text
        assert [secret for secret in secrets if secret in text] == []
        assert "CANARY" not in text


def test_the_journal_is_forgotten_when_asked_and_with_a_reset(talk, invoices):
    assert requests.delete(f"{talk.url}/_mock/journal", timeout=30).status_code == 204
    assert journal(talk) == []
    invoices.get("Invoices")
    assert len(journal(talk)) == 1
    talk.reset()
    assert journal(talk) == []


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"colour": "red"}, "'colour': Unknown field."),
        ({"limit": 0}, "'limit': Must be greater than or equal to 1 and less than or equal to 9223372036854775807."),
        ({"limit": 10**20}, "'limit': Must be greater than or equal to 1 and less than"),
        ({"after": 10**20}, "'after': Must be less than or equal to 9223372036854775807."),
        ({"since": "yesterday"}, "'since': Not a valid"),
        ({"status": "abc"}, "'status': Must be a status of HTTP, such as 404."),
        ({"status": "404\0"}, "'status': Must be a status of HTTP, such as 404."),
        ({"service": "\0"}, "'service': Must not hold the character NUL."),
        ({"format": "pdf"}, "'format': Must be one of: json, har, http."),
    ],
)
def test_a_question_that_the_journal_does_not_know_is_refused_with_what_is_allowed(sap_gateway, wanted, words):
    answer = requests.get(f"{sap_gateway.url}/_mock/journal", params=wanted, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(words)
    assert "Allowed are service, entity_set, method" in answer.json()["error"]


@pytest.mark.processes
def test_the_exchanges_of_all_worker_processes_are_there_at_once_and_after_a_restart(tmp_path):
    options = ["--database", f"sqlite:///{tmp_path / 'kept.db'}", "--workers", "3", "--journal-exchanges", "40"]
    with started_gateway(options) as gateway:
        for number in range(1, 61):
            requests.get(f"{gateway.service('ZINVOICE_SRV')}Invoices('{number}')", timeout=30)
            assert len(journal(gateway)) == min(number, 40)
        for number in range(61, 64):
            requests.get(f"{gateway.service('ZINVOICE_SRV')}Invoices('{number}')", timeout=30)
    with started_gateway(options) as gateway:
        paths = [one["request"]["path"].partition("'")[2] for one in journal(gateway)]
    assert paths == [f"{number}')" for number in range(24, 64)]


@pytest.mark.processes
def test_the_journal_keeps_to_its_bytes_and_can_be_switched_off(tmp_path):
    bounded = ["--database", "sqlite://", "--journal-bytes", "3000", "--journal-body-bytes", "10"]
    with started_gateway(bounded) as gateway:
        for _ in range(9):
            requests.get(gateway.service("ZINVOICE_SRV"), timeout=30)
        kept = journal(gateway)
        assert 0 < len(kept) < 9
        assert sum(len(json.dumps(one)) for one in kept) < 4000
        assert kept[-1]["response"]["body"]["text"] == "<!DOCTYPE "
    with started_gateway(["--database", "sqlite://", "--journal-exchanges", "0"]) as gateway:
        answer = requests.get(f"{gateway.url}/_mock/journal", timeout=30)
        assert (answer.status_code, "SAP_MOCK_JOURNAL_EXCHANGES" in answer.json()["error"]) == (404, True)
        assert b"gives no journal: no exchange is remembered: start with SAP_MOCK" in exported(gateway).stderr


TEXT, NUMBER, LIST = {"type": "string"}, {"type": "number"}, {"type": "array"}
PAIRS = {"type": "array", "items": {"type": "object", "required": ["name", "value"], "properties": {"name": TEXT, "value": TEXT}}}  # fmt: skip


def of(required, **others):
    return {"type": "object", "required": list(required), "properties": {**required, **others}}


HAR = of({"log": of({
    "version": {"const": "1.2"},
    "creator": of({"name": TEXT, "version": TEXT}),
    "entries": {"type": "array", "items": of({
        "startedDateTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"},
        "time": {"type": "number", "minimum": 0},
        "request": of(
            {"method": TEXT, "url": {"type": "string", "pattern": "^http://[^ ]+$"}, "httpVersion": TEXT,
             "cookies": PAIRS, "headers": PAIRS, "queryString": PAIRS, "headersSize": NUMBER, "bodySize": NUMBER},
            postData=of({"mimeType": TEXT, "text": TEXT}),
        ),
        "response": of({
            "status": {"type": "integer"}, "statusText": TEXT, "httpVersion": TEXT, "cookies": PAIRS, "headers": PAIRS,
            "content": of({"size": NUMBER, "mimeType": TEXT}, text=TEXT, encoding=TEXT, comment=TEXT),
            "redirectURL": TEXT, "headersSize": NUMBER, "bodySize": NUMBER,
        }),
        "cache": {"type": "object"},
        "timings": of({"send": NUMBER, "wait": NUMBER, "receive": NUMBER}),
    }, comment=TEXT)},
})})  # fmt: skip
"""What HAR 1.2 requires, from its description: every member that is not optional, with its type."""


def exported(gateway, *options):
    command = [sys.executable, "-m", "sap_mock", "journal", "export", "--url", gateway.url, *options]
    return subprocess.run(command, capture_output=True, check=False, timeout=60)


@pytest.mark.processes
def test_the_export_for_browsers_is_a_http_archive(talk, tmp_path):
    file = tmp_path / "talk.har"
    assert exported(talk, "--format", "har", "-o", str(file)).returncode == 0
    archive = json.loads(file.read_text(encoding="utf-8"))
    assert list(Draft202012Validator(HAR).iter_errors(archive)) == []
    lost, booked, *_ = archive["log"]["entries"]
    assert (lost["response"]["status"], booked["response"]["status"]) == (0, 201)
    assert lost["comment"].startswith("decided: 201; sent: never; struck by lost_response")
    assert booked["request"]["postData"]["mimeType"] == "application/json"


@pytest.mark.processes
def test_an_export_takes_the_filters_of_the_address_by_their_names(talk):
    wanted = {
        "method": "GET",
        "entity_set": "Invoices",
        "status": "200",
        "since": "2026-01-01T00:00:00+02:00",
        "limit": "1",
    }
    options = [word for name, text in wanted.items() for word in (f"--{name.replace('_', '-')}", text)]
    found = json.loads(exported(talk, "--format", "json", *options).stdout)
    assert found == talk.exchanges(**wanted)
    assert len(found) == 1


def test_an_export_has_every_filter_that_the_address_has():
    assert set(JOURNAL_FILTERS) == set(WantedSchema().fields) - {"format"}


@pytest.mark.processes
def test_a_filter_that_the_address_refuses_is_wrong_usage(sap_gateway):
    ended = exported(sap_gateway, "--limit", "0")
    assert (ended.returncode, ended.stderr.count(b"\n")) == (2, 1)
    assert b"gives no journal: 'limit': Must be greater than or equal to 1" in ended.stderr


@pytest.mark.processes
def test_an_export_asks_no_proxy_for_what_is_near(sap_gateway, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert exported(sap_gateway).returncode == 0


@pytest.mark.processes
def test_the_export_for_a_replay_is_a_case_that_the_same_server_answers_in_the_same_way(talk):
    case = case_file.read(exported(talk, "--format", "http").stdout, "talk")
    assert [exchange.response and exchange.response.status for exchange in case.exchanges] == [None, 201, 200, 202, 404]
    assert json.loads(case.exchanges[1].request.body) == {"ID": "2", "Currency": "EUR"}
    talk.reset()
    answered = replace(case, exchanges=case.exchanges[1:])
    played = Player(talk.url, (talk.user, talk.password)).play(answered)
    assert [str(one) for exchange in played for one in exchange.differences] == []


@pytest.mark.processes
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--url", "ftp://x"], b"--url ftp://x: is no address"),
        (["--url", "http://a b"], b"--url http://a b: is no address: "),
        (["--url", "http://[::1"], b"--url http://[::1: is no address: Invalid IPv6 URL"),
        (["--url", "http://127.0.0.1:9"], b"--url http://127.0.0.1:9: gives no journal: [Errno "),
        (["-o", "/nowhere/talk.har"], b"--output /nowhere/talk.har: cannot be written: No such file"),
    ],
)
def test_an_export_that_cannot_be_made_says_why_in_one_sentence(sap_gateway, options, words):
    ended = exported(sap_gateway, *options)
    assert ended.returncode in {2, 5}
    assert ended.stderr.startswith(words)
    assert ended.stderr.count(b"\n") == 1
