"""What every source promises, whoever the vendor is. Each subject is a row: how to build it, and its healthy vendor."""

import json
from dataclasses import dataclass

import pytest
from pipeline_stands import Cut

from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.sources.postman import Postman

KEY = "PMAK-CANARY"
RECORDS = [{"id": f"inv_{number}", "unknown": [1, 2]} for number in range(3)]


@dataclass(frozen=True)
class Subject:
    """A source under contract."""

    build: object
    healthy: object


def postman(url, clock):
    return Postman(base_url=url, api_key=KEY, account="", clock=clock)


def healthy_postman(heard):
    if heard.path == "/accounts":
        return (200, {}, b'{"id":123456,"state":"PAID","billingEmail":"taylor.lee@example.com"}')
    assert heard.path == "/accounts/123456/invoices?status=PAID"
    return (200, {}, json.dumps({"data": RECORDS}).encode())


SUBJECTS = {"postman": Subject(postman, healthy_postman)}


@pytest.fixture(params=SUBJECTS)
def subject(request):
    return SUBJECTS[request.param]


@pytest.fixture
def source_of(subject, answering, clock):
    def start(script):
        server = answering(script)
        return server, subject.build(server.url, clock)

    return start


def records(source):
    return [record for page in source.pages() for record in page.records]


def test_every_record_comes_once_in_the_vendors_order_and_as_it_is(subject, source_of):
    _, source = source_of(subject.healthy)
    assert records(source) == RECORDS


def test_reading_twice_gives_the_same(subject, source_of):
    _, source = source_of(subject.healthy)
    assert records(source) == records(source)


def test_a_check_logs_on_and_shows_no_personal_data(subject, source_of):
    _, source = source_of(subject.healthy)
    assert "@" not in source.check()


REFUSALS = [
    ((400, {}, b'{"detail":"You must be part of a team"}'), Misconfigured),
    ((401, {}, b""), Misconfigured),
    ((403, {}, b""), Misconfigured),
    ((404, {}, b"<html>"), Misconfigured),
    ((301, {"Location": "https://elsewhere.example/"}, b""), Misconfigured),
    ((429, {"Retry-After": "3"}, b""), Unavailable),
    ((500, {}, b""), Unavailable),
    ((503, {}, b""), Unavailable),
    ((200, {}, b"<html>"), Unavailable),
    ((200, {}, b'{"id":1'), Unavailable),
    ((200, {}, b"[" * 100_000), Unavailable),
    (Cut(b""), Unavailable),
    (Cut(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), Unavailable),
]


@pytest.mark.parametrize(("reply", "stop"), REFUSALS)
def test_every_refusal_is_one_sentence_without_the_key(source_of, reply, stop):
    _, source = source_of(lambda _: reply)
    with pytest.raises(stop) as raised:
        records(source)
    assert "\n" not in str(raised.value)
    assert "CANARY" not in str(raised.value)


def test_a_redirect_carries_the_key_nowhere(source_of, answering, subject):
    elsewhere = answering(subject.healthy)
    _, source = source_of(lambda _: (307, {"Location": f"{elsewhere.url}/accounts"}, b""))
    with pytest.raises(Misconfigured):
        records(source)
    assert elsewhere.heard == []


@pytest.mark.parametrize("trouble", [(503, {}, b""), (429, {"Retry-After": "2"}, b""), (500, {}, b""), Cut(b"")])
def test_a_trouble_that_passes_is_waited_for(subject, source_of, clock, trouble):
    replies = [trouble, trouble]
    _, source = source_of(lambda heard: replies.pop() if replies else subject.healthy(heard))
    assert records(source) == RECORDS
    assert len(clock.slept) == 2


def test_retry_after_is_obeyed(subject, source_of, clock):
    replies = [(429, {"Retry-After": "7"}, b"")]
    _, source = source_of(lambda heard: replies.pop() if replies else subject.healthy(heard))
    records(source)
    assert clock.slept == [7000]


def test_nobody_waits_for_an_hour(source_of, clock):
    server, source = source_of(lambda _: (429, {"Retry-After": "3600"}, b""))
    with pytest.raises(Unavailable, match="3600 seconds"):
        records(source)
    assert clock.slept == []
    assert len(server.heard) == 1


def test_the_vendors_words_come_out_of_any_of_its_error_shapes_but_not_the_key(source_of):
    _, source = source_of(
        lambda heard: (401, {}, json.dumps({"error": {"message": f"bad key {heard.headers['x-api-key']}"}}).encode())
    )
    with pytest.raises(Misconfigured, match="bad key") as raised:
        records(source)
    assert "CANARY" not in str(raised.value)
