"""What only Postman does."""

import json

import pytest

from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.sources.page import Page
from pipeline.sources.paging import follow
from pipeline.sources.postman import Postman, error_text

INVOICES = (200, {}, b'{"data":[]}')


def source(server, clock, account=""):
    return Postman(base_url=server.url, api_key="KEY", account=account, clock=clock)


def test_both_ways_to_log_on_are_sent(answering, clock):
    server = answering(lambda heard: (200, {}, b'{"id":1}') if heard.path == "/accounts" else INVOICES)
    list(source(server, clock).pages())
    assert {(heard.headers["x-api-key"], heard.headers["authorization"]) for heard in server.heard} == {
        ("KEY", "Bearer KEY")
    }


@pytest.mark.parametrize("number", [b"123456", b'"123456"'])
def test_the_account_is_asked_for_and_may_be_number_or_text(answering, clock, number):
    server = answering(lambda heard: (200, {}, b'{"id":%s}' % number) if heard.path == "/accounts" else INVOICES)
    list(source(server, clock).pages())
    assert server.heard[1].path == "/accounts/123456/invoices?status=PAID"


def test_a_configured_account_is_used_as_it_is_and_cannot_change_the_path(answering, clock):
    server = answering(lambda _: INVOICES)
    list(source(server, clock, "7/../8?x").pages())
    assert [heard.path for heard in server.heard] == ["/accounts/7%2F..%2F8%3Fx/invoices?status=PAID"]


@pytest.mark.parametrize("status", [403, 404])
def test_a_check_asks_for_the_invoices_so_that_a_wrong_account_is_told(answering, clock, status):
    def script(heard):
        refused = heard.path != "/accounts/7/invoices?status=PAID"
        return (status, {}, b"") if refused and heard.path != "/accounts" else (200, {}, b'{"id":7,"data":[]}')

    server = answering(script)
    assert source(server, clock).check() == source(server, clock, "7").check() == "account 7"
    with pytest.raises(Misconfigured, match="B2S_POSTMAN_ACCOUNT_ID"):
        source(server, clock, "999").check()


@pytest.mark.parametrize("account", [b"[]", b"{}", b'{"id":null}', b'{"id":true}', b'{"id":""}', b"[1]"])
def test_an_account_without_an_id_is_no_postman(answering, clock, account):
    server = answering(lambda _: (200, {}, account))
    with pytest.raises(Misconfigured, match="no account id"):
        list(source(server, clock).pages())


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"data":{}}', b'{"data":null}'])
def test_invoices_without_a_list_are_no_postman(answering, clock, body):
    server = answering(lambda heard: (200, {}, b'{"id":1}') if heard.path == "/accounts" else (200, {}, body))
    with pytest.raises(Misconfigured, match="without a list"):
        list(source(server, clock).pages())


def test_a_used_up_monthly_quota_is_not_waited_for(answering, clock):
    server = answering(
        lambda _: (429, {"Retry-After": "1"}, b'{"error":{"name":"serviceLimitExhausted","message":"m"}}')
    )
    with pytest.raises(Unavailable, match="monthly quota"):
        list(source(server, clock).pages())
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"type": "t", "title": "Forbidden", "detail": "You are not authorized", "status": 403},
            "You are not authorized",
        ),
        ({"title": "Internal Server Error"}, "Internal Server Error"),
        ({"error": {"name": "AuthenticationError", "message": "Invalid API Key."}}, "Invalid API Key."),
        ({"error": "rateLimited"}, "rateLimited"),
        ({"detail": "two\n lines\u2028of text"}, "two lines of text"),
        ({"detail": "x" * 500}, "x" * 200),
        ([], ""),
        ({"detail": 5}, ""),
    ],
)
def test_an_error_is_read_in_every_shape(body, text):
    assert error_text(json.dumps(body).encode()) == text


def test_a_body_that_is_no_json_has_no_words_for_us():
    assert error_text(b"<html>") == ""


def page(number, after):
    return Page(stream="invoices", records=(number,), next=after)


def test_pages_are_followed_to_the_end():
    pages = {None: page(1, "b"), "b": page(2, "c"), "c": page(3, None)}
    assert [one.records[0] for one in follow(pages.__getitem__)] == [1, 2, 3]


@pytest.mark.parametrize(
    "circle", [{None: "b", "b": "b"}, {None: "b", "b": "c", "c": "b"}, {None: "b", "b": "c", "c": "d", "d": "c"}]
)
def test_a_cursor_that_comes_back_after_any_number_of_pages_ends_the_reading(circle):
    with pytest.raises(Unavailable, match="again and again"):
        list(follow(lambda cursor: page(0, circle[cursor])))
