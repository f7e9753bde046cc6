"""What HTTP allows and no library sends by itself: still SAP's envelope, still one answer a request."""

import base64
import socket

import pytest

ROOT = b"/sap/opu/odata/sap/ZINVOICE_SRV"
BASIC = b"Authorization: Basic " + base64.b64encode(b"DEVELOPER:Sap-mock1") + b"\r\n"


def exchange(gateway, *requests):
    """All that comes back on one connection for requests sent one behind the other."""
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"".join(requests))
        return b"".join(iter(lambda: connection.recv(65536), b""))


def request(line, *fields, body=b"", close=True):
    head = [line + b" HTTP/1.1", b"Host: sap.example.com", *fields, *([b"Connection: close"] if close else [])]
    return b"\r\n".join(head) + b"\r\n" + BASIC + b"\r\n" + body


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (ROOT + b"/%00", 404),
        (ROOT + b"/%ff%fe", 404),
        (ROOT + b"/Invoices('%E2%82%AC')", 404),
        (ROOT + b"/Invoices('%ff')", 404),
        (ROOT + b"/Invoices?$filter=%ff", 400),
        (ROOT + b"/Invoices?%ff=1", 200),
        (ROOT + b"/../ZINVOICE_SRV/Invoices", 404),
        (ROOT + b"/" + b"a" * 9000, 404),
        (ROOT + b"/Invoices?x=" + b"a" * 30000, 200),
        (b"http://sap.example.com" + ROOT + b"/Invoices", 200),
    ],
    ids=lambda value: value[-40:].decode() if isinstance(value, bytes) else None,
)
def test_any_address_is_answered_in_an_envelope_or_with_data(sap_gateway, target, status):
    head, _, body = exchange(sap_gateway, request(b"GET " + target)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?>')


def test_a_body_in_chunks_is_read_whole(invoices):
    def pieces():
        yield b'{"ID":"1",'
        yield b'"Currency":"EUR"}'

    answer = invoices.session.post(
        f"{invoices.root}Invoices", data=pieces(), headers={"Content-Type": "application/json"}, timeout=30
    )
    assert answer.status_code == 201, answer.text


def test_a_refused_log_on_reads_the_body_and_keeps_the_connection(sap_gateway):
    body = b'{"ID":"1"}' * 2000
    refused = b"POST %s/Invoices HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % (ROOT, len(body)) + body
    answers = exchange(sap_gateway, refused, request(b"GET " + ROOT + b"/Invoices/$count"))
    assert answers.startswith(b"HTTP/1.1 401 ")
    assert answers.count(b"HTTP/1.1 200 OK") == 1
    assert answers.endswith(b"\r\n\r\n0")


def test_requests_on_one_connection_are_answered_in_order(sap_gateway):
    first = request(b"GET " + ROOT + b"/Invoices('x')", close=False)
    answers = exchange(
        sap_gateway,
        first,
        request(b"HEAD " + ROOT + b"/Invoices", close=False),
        request(b"GET " + ROOT + b"/Invoices/$count"),
    )
    statuses = [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"404", b"200", b"200"]
    assert answers.endswith(b"\r\n\r\n0")


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"TRACE " + ROOT + b"/Invoices", 405),
        (b"PROPFIND " + ROOT + b"/Invoices", 405),
        (b"GET /sap/opu/odata", 308),
    ],
)
def test_what_is_no_odata_request_is_answered_by_the_web_server(sap_gateway, line, status):
    answer = exchange(sap_gateway, request(line))
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"sap-server" not in answer
