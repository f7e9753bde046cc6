"""$batch, byte by byte: what is sent and what must come back lie side by side in ``cases``.

A request is sent as it lies there, over a socket of its own. Of an answer the boundary and the transaction ids differ
each time; both are replaced by as many letters, so that every Content-Length in the file stays the one that was sent.
Set WIRE_RECORD to write the answers anew, and read the difference before it is kept.
"""

import os
import re
import socket
from pathlib import Path

import pytest

from sap_mock.testing import started_gateway

CASES = Path(__file__).with_name("cases")
NAMES = sorted(path.name.removesuffix(".request.http") for path in CASES.glob("*.request.http"))
RULES = [
    (re.compile(rb"[0-9A-F]{32}(?=[01])"), b"B" * 32),  # the boundary, without its last digit
    (re.compile(rb'(?<="transactionid":")[0-9A-F]{32}'), b"T" * 32),
    (re.compile(rb"(?<=<transactionid>)[0-9A-F]{32}"), b"T" * 32),
]
KEPT = (b"content-type", b"content-length", b"dataserviceversion", b"cache-control")


@pytest.fixture(scope="module")
def gateway():
    with started_gateway(["--database", "sqlite://", "--changeset-operations", "many"]) as gateway:
        yield gateway


def exchange(gateway, request):
    """The bytes of the answer to the bytes of a request; the server closes the connection."""
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def admitted(gateway, request):
    """The request with log-on, session, token and the length of its body."""
    line, _, rest = request.partition(b"\n")
    head, _, body = re.split(rb"(\r?\n\r?\n)", rest, maxsplit=1)
    with gateway.session() as session:
        session.post(f"{gateway.service('ZINVOICE_SRV')}Invoices", json={"ID": "0", "Currency": "EUR"}, timeout=30)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)
        fields = [f"Cookie: {cookies}", f"X-CSRF-Token: {session.headers['X-CSRF-Token']}", "Connection: close"]
    lines = [line.strip(), *head.splitlines(), *map(str.encode, fields), b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def normalised(answer):
    """Status line, the fields that are always the same, and the body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    kept = sorted(field for field in fields if field.partition(b":")[0] in KEPT)
    answer = b"\r\n".join([line, *kept]) + b"\r\n\r\n" + body
    for pattern, letters in RULES:
        answer = pattern.sub(letters, answer)
    return answer


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_is_answered_byte_by_byte(gateway, name):
    gateway.reset()
    request = (CASES / f"{name}.request.http").read_bytes()
    answer = normalised(exchange(gateway, admitted(gateway, request)))
    expected = CASES / f"{name}.response.http"
    if "WIRE_RECORD" in os.environ:
        expected.write_bytes(answer)
    assert answer == expected.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_every_length_in_a_recorded_answer_is_true(name):
    head, _, body = (CASES / f"{name}.response.http").read_bytes().partition(b"\r\n\r\n")
    assert b"content-length: %d" % len(body) in head
    parts = re.split(rb"--B{32}[01](?:--)?\r\n", body)
    for part in parts:
        if not part.startswith(b"Content-Type: application/http"):
            continue
        outer, _, content = part.partition(b"\r\n\r\n")
        inner, _, text = content.removesuffix(b"\r\n").partition(b"\r\n\r\n")
        assert int(re.search(rb"Content-Length: (\d+)", outer)[1]) == len(content) - 2
        if b"HEAD" not in name.upper().encode():
            assert int(re.search(rb"Content-Length: (\d+)", inner)[1]) == len(text)
    for start in re.finditer(
        rb"Content-Type: multipart/mixed; boundary=B{32}1\r\nContent-Length: ([ \d]{10})\r\n\r\n", body
    ):
        end = body.index(b"--" + b"B" * 32 + b"1--\r\n", start.end()) + 39
        assert int(start[1]) == end - start.end()
