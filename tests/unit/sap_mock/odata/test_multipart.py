"""$batch bodies: read whatever the line ends are, cut anywhere, and written exactly."""

import pytest

from sap_mock.odata.batch import multipart
from sap_mock.odata.batch.multipart import Answer, ChangesetAnswer, ChangesetRequest
from sap_mock.odata.errors import ODataError
from sap_mock.odata.messages import ODataRequest, ODataResponse

KIND = "multipart/mixed; boundary=b"
ROOT = "/sap/opu/odata/sap/X"
OUTER = ODataRequest(method="POST", path=f"{ROOT}/$batch", origin="http://h")
BODY = """preamble is no part
--b
Content-Type: application/http
Content-Transfer-Encoding:binary

GET Things('a%2Fb')?$filter=A%20eq%201 HTTP/1.1
Accept: application/json


--b
content-type: multipart/mixed;boundary="c"

--c
Content-Type: application/http
Content-ID: 7

POST Things HTTP/1.1
Content-Type: application/json
Content-Length: 7

{"A":1}
--c--

--b--
epilogue is none either"""


def read(body):
    return multipart.read(body, KIND, OUTER, ROOT)


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_parts_are_read_whatever_ends_their_lines(end):
    read_part, changeset = read(BODY.replace("\n", end).encode())
    assert isinstance(read_part, ODataRequest)
    assert (read_part.method, read_part.path) == ("GET", f"{ROOT}/Things('a/b')")
    assert read_part.query == "$filter=A%20eq%201"
    assert read_part.headers["accept"] == "application/json"
    assert read_part.in_batch
    assert isinstance(changeset, ChangesetRequest)
    (operation,) = changeset.operations
    assert (operation.content_id, operation.body) == ("7", b'{"A":1}')


def test_a_body_cut_anywhere_is_read_or_refused_and_nothing_else():
    body = BODY.replace("\n", "\r\n").encode()
    whole = body.index(b"--b--") + len(b"--b--")
    for length in range(whole):
        with pytest.raises(ODataError):
            read(body[:length])
    for length in range(whole, len(body)):
        assert len(read(body[:length])) == 2


def test_rubbish_behind_the_end_changes_nothing():
    body = BODY.replace("\n", "\r\n").encode()
    assert read(body + b"\r\n--b\r\n\xff\x00") == read(body)


@pytest.mark.parametrize(
    ("line", "divides"),
    [("--b", True), ("--b \t", True), ("--bc", False), ("--b c", False), ("x--b", False), (" --b", False)],
)
def test_only_a_line_of_its_own_divides_parts(line, divides):
    part = "Content-Type: application/http\r\n\r\nGET Things HTTP/1.1\r\n\r\nbody\r\n"
    found = read(f"--b\r\n{part}{line}\r\n{part}--b--".encode())
    assert len(found) == 1 + divides


PATHS = [
    ("Things", f"{ROOT}/Things", ""),
    ("/Things", f"{ROOT}/Things", ""),
    (f"{ROOT}/Things", f"{ROOT}/Things", ""),
    (f"http://host:80{ROOT}/Things?$top=1", f"{ROOT}/Things", "$top=1"),
    (f"https://host{ROOT}/Things", f"{ROOT}/Things", ""),
    ("Things%28%27a%27%29?x=%27?%27", f"{ROOT}/Things('a')", "x=%27?%27"),
    ("$7/Items", f"{ROOT}/$7/Items", ""),
]


@pytest.mark.parametrize(("target", "path", "query"), PATHS)
def test_a_path_has_four_forms(target, path, query):
    body = f"--b\r\nContent-Type: application/http\r\n\r\nGET {target} HTTP/1.1\r\n\r\n\r\n--b--".encode()
    (request,) = read(body)
    assert (request.path, request.query) == (path, query)


@pytest.mark.parametrize(
    ("kind", "boundary"),
    [
        (KIND, "b"),
        ("multipart/mixed;boundary=b", "b"),
        ('multipart/mixed; charset=utf-8; boundary="batch(36522ad7-fc75)"', "batch(36522ad7-fc75)"),
        ("MULTIPART/MIXED; BOUNDARY=b", "b"),
        ("multipart/mixed", None),
        ("multipart/mixed; boundary=", None),
        ("multipart/mixed; boundary=" + "x" * 71, None),
        ("multipart/related; boundary=b", None),
        ("", None),
    ],
)
def test_a_boundary_is_read_from_the_content_type(kind, boundary):
    if boundary is None:
        with pytest.raises(ODataError):
            multipart.boundary_of(kind)
    else:
        assert multipart.boundary_of(kind) == boundary


def test_answers_are_written_with_exact_lengths():
    answer = Answer(response=ODataResponse(status=200, headers=(("Content-Type", "x"),), body=b"hi"), content_id="1")
    written = multipart.write([answer, ChangesetAnswer(answers=(answer,))], "B")
    part = (
        b"Content-Type: application/http\r\nContent-Length: 57\r\ncontent-transfer-encoding: binary\r\n"
        b"Content-ID: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: x\r\nContent-Length: 2\r\n\r\nhi\r\n"
    )
    changeset = b"--B1\r\n" + part + b"--B1--\r\n"
    assert written == (
        b"--B0\r\n" + part + b"--B0\r\nContent-Type: multipart/mixed; boundary=B1\r\n"
        + b"Content-Length: %10d\r\n\r\n" % len(changeset) + changeset + b"\r\n--B0--\r\n"
    )  # fmt: skip
