"""An exchange in an HTTP Archive: its address as it can be asked again, and what its caller did not get."""

from datetime import UTC, datetime

import pytest

from sap_mock.journal.document import document
from sap_mock.journal.exchange import Exchange
from sap_mock.journal.har import archive
from sap_mock.odata.messages import Headers, ODataRequest, ODataResponse, Transmission

ADDRESSES = [
    ("/sap/Invoices('90001')", "$select=ID", "/sap/Invoices('90001')?$select=ID"),
    ("/sap/Invoices('A/1 & ''x''')/Status", "", "/sap/Invoices('A%2F1%20%26%20''x''')/Status"),
    ("/sap/Items(A='1/2',B=10)/ToOrder", "", "/sap/Items(A='1%2F2',B=10)/ToOrder"),
    ("/sap/Invoices('Köln')", "", "/sap/Invoices('K%C3%B6ln')"),
    ("/sap/CATALOGSERVICE;v=2/$metadata", "", "/sap/CATALOGSERVICE;v=2/$metadata"),
]


def entry(*, asked=None, transmission=Transmission.WHOLE):
    request = ODataRequest(
        method="POST", origin="http://sap", **{"path": "/sap", "headers": Headers([])} | (asked or {})
    )
    response = ODataResponse(status=200, headers=(), body=b"answer", transmission=transmission)
    started = datetime(2026, 1, 2, tzinfo=UTC)
    exchange = Exchange.of(request, response, about=("X_SRV", "$batch"), started=started, seconds=0.001)
    (only,) = archive([document(exchange)])["log"]["entries"]
    return only


@pytest.mark.parametrize(("path", "query", "address"), ADDRESSES)
def test_an_address_is_encoded_again_as_it_can_be_asked(path, query, address):
    assert entry(asked={"path": path, "query": query})["request"]["url"] == f"http://sap{address}"


def test_a_body_that_is_no_text_says_how_it_is_written():
    assert entry(asked={"body": b"\xff\xfe"})["request"]["postData"] == {
        "mimeType": "application/octet-stream", "text": "//4=", "comment": "", "encoding": "base64"
    }  # fmt: skip


def test_an_answer_that_was_cut_says_so_beside_its_body():
    content = entry(transmission=Transmission.CUT)["response"]["content"]
    assert (content["text"], content["comment"]) == ("answer", "the caller got only a part of it")
