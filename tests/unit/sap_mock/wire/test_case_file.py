"""A case survives being written and read, whatever bytes it holds; what is no case is refused with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sap_mock.wire.case_file import CaseUnreadable, read, read_file, write
from sap_mock.wire.exchange import Case, Exchange, Request, Response

LINE = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f\x85\xa0\xad"), max_size=12)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z-]{0,8}", fullmatch=True)
FIELDS = st.lists(st.tuples(NAMES, LINE), max_size=3).map(tuple)
PIECES = [b"\n", b"\r\n", b"\r", b"### REQUEST\n", b"### RESPONSE cut", b"\x00", b"\xff", b"{}", b" ", "ß".encode()]
BODIES = st.one_of(st.binary(max_size=20), st.lists(st.sampled_from(PIECES), max_size=5).map(b"".join))
RESPONSES = st.builds(Response, status=st.integers(100, 599), fields=FIELDS, body=BODIES, cut=st.booleans())
REQUESTS = st.builds(
    Request, method=st.sampled_from(["GET", "MERGE"]), target=st.just("/a?b=c"), fields=FIELDS, body=BODIES
)
EXCHANGES = st.builds(Exchange, request=REQUESTS, response=st.none() | RESPONSES)
CASES = st.builds(
    Case,
    name=st.just("c"),
    about=st.sampled_from(["", "two\n\nlines"]),
    exchanges=st.lists(EXCHANGES, min_size=1).map(tuple),
)


@given(CASES)
def test_what_is_written_is_read_again_to_the_byte(case):
    assert read(write(case), "c") == case


def test_a_text_is_readable_as_it_lies_there():
    exchange = Exchange(
        request=Request(method="POST", target="/I", fields=(("Accept", "x"),), body=b'{"ID":"1"}'),
        response=Response(status=201, reason="Created", body=b"--b\r\n--b--\r\n"),
    )
    expected = (
        b'about\n\n### REQUEST\nPOST /I HTTP/1.1\nAccept: x\n\n{"ID":"1"}\n\n'
        b"### RESPONSE\nHTTP/1.1 201 Created\n\n--b\r\n--b--\r\n\n"
    )
    assert write(Case(name="c", about="about", exchanges=(exchange,))) == expected


def test_a_file_that_an_editor_saved_with_crlf_is_still_the_same_case():
    text = "### REQUEST\nGET /a HTTP/1.1\nAccept: x\n\n### RESPONSE\nHTTP/1.1 200 OK\nA: b\n\n{}\n"
    assert read(text.replace("\n", "\r\n").encode(), "c") == read(text.encode(), "c")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing", "there is no line '### REQUEST'"),
        ("\n### RESPONSE\nHTTP/1.1 200 OK\n", "line 2: a response has no request before it"),
        ("### REQUEST\nGET\n", "line 1: 'GET' is no request line such as 'GET /path HTTP/1.1'"),
        ("### REQUEST\nGET / HTTP/1.1\nx\n", "line 1: 'x' is no header field such as 'Name: value'"),
        (
            "### REQUEST\nGET / HTTP/1.1\n### RESPONSE\n200\n",
            "line 3: '200' is no status line such as 'HTTP/1.1 200 OK'",
        ),
    ],
)
def test_what_is_no_case_is_refused_with_its_line(tmp_path, text, said):
    path = tmp_path / "c.http"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseUnreadable) as refused:
        read_file(path)
    assert str(refused.value) == f"{path}: {said}"


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CaseUnreadable, match="No such file"):
        read_file(tmp_path / "c.http")
