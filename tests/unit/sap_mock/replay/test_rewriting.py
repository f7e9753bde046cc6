"""A proxy puts its own address in place of the server's, wherever the text is torn and however long it is."""

import pytest

from sap_mock.replay.rewriting import Rewriter

REWRITER = Rewriter("https://sap.corp:44300", "http://127.0.0.1:9")
TEXT = b'{"uri":"https://sap.corp:44300/a","next":"https://sap.corp:44300/b"} https://sap.corp:4430'
REWRITTEN = b'{"uri":"http://127.0.0.1:9/a","next":"http://127.0.0.1:9/b"} https://sap.corp:4430'


@pytest.mark.parametrize("size", range(1, len(TEXT) + 1))
def test_a_body_may_be_torn_anywhere(size):
    chunks = [TEXT[start : start + size] for start in range(0, len(TEXT), size)]
    assert b"".join(REWRITER.stream(chunks)) == REWRITTEN


def test_what_cannot_be_an_address_is_passed_on_at_once():
    passed = REWRITER.stream(iter([b"one", b"two https:"]))
    assert next(passed) == b"one"
    assert next(passed) == b"two "


def test_the_lengths_of_a_batch_stay_true():
    body = b"--b\r\nContent-Length: 23\r\n\r\nhttps://sap.corp:44300/\r\n--b--\r\n"
    assert REWRITER.body(body) == b"--b\r\nContent-Length: 19\r\n\r\nhttp://127.0.0.1:9/\r\n--b--\r\n"


@pytest.mark.parametrize(
    ("cookie", "left"),
    [
        ("A=b; path=/; secure; HttpOnly; SameSite=None", "A=b; path=/; HttpOnly"),
        ("A=b; Domain=.corp; path=/", "A=b; path=/"),
        ("secure=secure; path=/", "secure=secure; path=/"),
    ],
)
def test_a_cookie_may_be_sent_over_plain_http(cookie, left):
    assert REWRITER.field("Set-Cookie", cookie) == left
