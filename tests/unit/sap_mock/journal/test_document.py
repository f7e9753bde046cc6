"""An exchange as it is shown: whole, cut, binary; packed and unpacked."""

from datetime import UTC, datetime

import pytest

from sap_mock.journal.document import body, document
from sap_mock.journal.exchange import Exchange
from sap_mock.odata.messages import Headers, ODataRequest, ODataResponse, Performed, Transmission

BODIES = [
    (b"", 0, {"bytes": 0, "text": ""}),
    ("Köln".encode(), 5, {"bytes": 5, "text": "Köln"}),
    (b"K\xc3", 5, {"bytes": 5, "text": "K", "truncated": True}),
    (b"\xe2\x82", 3, {"bytes": 3, "text": "", "truncated": True}),
    (b"\xff\xfe", 2, {"bytes": 2, "text": "//4=", "encoding": "base64"}),
    (b"\xff\xfe\xfd\xfc", 9, {"bytes": 9, "text": "//79/A==", "encoding": "base64", "truncated": True}),
]


@pytest.mark.parametrize(("kept", "whole", "shown"), BODIES)
def test_a_body_is_text_where_it_is_text_and_says_what_is_missing(kept, whole, shown):
    assert body(kept, whole) == shown


def exchange(**changes):
    request = ODataRequest(method="POST", path="/sap/x", headers=Headers([("a", "b")]), body=b"asked")
    request.notes.strikes.append(("7", "cut_body"))
    request.notes.operations.append(
        Performed(method="GET", path="/sap/x/E", entity_set="E", status=200, content_id=None, changeset=None)
    )
    response = ODataResponse(status=202, headers=(("c", "d"),), body=b"response", transmission=Transmission.CUT)
    started = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    whole = Exchange.of(request, response, about=("X_SRV", "$batch"), started=started, seconds=0.0015)
    return whole._replace(**changes)


def test_an_exchange_is_the_same_after_it_was_packed():
    before = exchange()
    assert Exchange.unpacked(before.packed()) == before


def test_an_exchange_is_cut_to_a_length_and_still_tells_how_long_it_was():
    shown = document(exchange().cut(5))
    assert shown["request"]["body"] == {"bytes": 5, "text": "asked"}
    assert shown["response"]["body"] == {"bytes": 8, "text": "respo", "truncated": True}


def test_an_exchange_shows_when_how_long_what_struck_and_what_was_in_the_batch():
    shown = document(exchange())
    assert (shown["started"], shown["milliseconds"]) == ("2026-01-02T03:04:05.000006Z", 1.5)
    assert (shown["transmission"], shown["faults"]) == ("cut", [{"id": "7", "fault": "cut_body"}])
    assert shown["operations"] == [
        {"number": 1, "method": "GET", "path": "/sap/x/E", "entity_set": "E", "status": 200, "content_id": None,
         "changeset": None}
    ]  # fmt: skip


def test_an_exchange_shows_no_secret_of_its_own_address_nor_of_an_operation_in_its_batch():
    operation = Performed(method="GET", path="/S/X(token='CANARY')", entity_set="X", status=200)
    shown = document(exchange(path="/S/X(token='CANARY')", query="apikey=CANARY", operations=(operation,)))
    assert (shown["request"]["path"], shown["request"]["query"]) == ("/S/X(token='***')", "apikey=***")
    assert shown["operations"][0]["path"] == "/S/X(token='***')"
