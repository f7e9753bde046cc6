"""What every source promises, whoever the vendor is. Each subject is a row: how to build it, and its healthy vendor."""

import json

import pytest
from pipeline_stands import Cut
from scripted_vendors import SECRET, SUBJECTS

from pipeline.model.stops import Misconfigured, Unavailable

PAGED = [name for name, one in SUBJECTS.items() if one.paged]


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
    _, source = source_of(subject.script(subject.sent))
    assert records(source) == subject.read


def test_reading_twice_gives_the_same(subject, source_of):
    _, source = source_of(subject.script(subject.sent))
    assert records(source) == records(source)


def test_an_empty_result_is_no_trouble(subject, source_of):
    _, source = source_of(subject.script([]))
    assert records(source) == []


def test_a_record_of_any_kind_comes_through_among_good_ones(subject, source_of):
    strange = ["not an object", None, {}, *subject.sent]
    _, source = source_of(subject.script(strange))
    assert records(source)[3:] == subject.read


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("subject", PAGED, indirect=True)
def test_every_page_is_followed_whatever_its_size(subject, source_of, size):
    _, source = source_of(subject.script(subject.sent, size=size))
    assert records(source) == subject.read


def test_a_check_logs_on_and_shows_no_personal_data(subject, source_of):
    _, source = source_of(subject.script(subject.sent))
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
    ((200, {}, b"<html>"), (Misconfigured, Unavailable)),
    ((200, {}, b'{"id":1'), Unavailable),
    ((200, {}, b"[" * 100_000), Unavailable),
    (Cut(b""), Unavailable),
    (Cut(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), Unavailable),
]


@pytest.mark.parametrize(("reply", "stop"), REFUSALS)
def test_every_refusal_is_one_sentence_without_the_secret(source_of, reply, stop):
    _, source = source_of(lambda _: reply)
    with pytest.raises(stop) as raised:
        records(source)
    assert "\n" not in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_redirect_carries_the_secret_nowhere(source_of, answering, subject):
    """P21: credentials go to the configured address only."""
    elsewhere = answering(subject.script(subject.sent))
    _, source = source_of(lambda _: (307, {"Location": f"{elsewhere.url}/accounts"}, b""))
    with pytest.raises(Misconfigured):
        records(source)
    assert elsewhere.heard == []


TROUBLES = [(503, {}, b""), (429, {"Retry-After": "2"}, b""), (500, {}, b""), Cut(b"")]


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("when", ["trouble", "inside"])
def test_a_trouble_that_passes_is_waited_for(subject, source_of, clock, trouble, when):
    _, source = source_of(subject.script(subject.sent, **{when: [trouble, trouble]}))
    assert records(source) == subject.read
    assert len(clock.slept) == 2


def test_a_connection_that_is_closed_without_an_answer_is_not_taken_for_none(source_of):
    server, source = source_of(lambda _: Cut(b""))
    with pytest.raises(Unavailable, match="closed before an answer"):
        source.check()
    server.close()
    with pytest.raises(Unavailable, match="no connection"):
        source.check()


HALVES = {
    "shorter than announced": Cut(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"data":['),
    "without its last chunk": Cut(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"data":[\r\n'),
    "until the connection closes": Cut(b'HTTP/1.1 200 OK\r\n\r\n{"data":['),
    "framed as a whole one": (200, {}, b'{"data":['),
}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
@pytest.mark.parametrize("when", ["trouble", "inside"])
def test_half_an_answer_is_asked_for_again(subject, source_of, half, when):
    _, source = source_of(subject.script(subject.sent, **{when: [half]}))
    assert records(source) == subject.read


def test_retry_after_is_obeyed(subject, source_of, clock):
    _, source = source_of(subject.script(subject.sent, trouble=[(429, {"Retry-After": "7"}, b"")]))
    records(source)
    assert clock.slept == [7000]


def test_nobody_waits_for_an_hour(source_of, clock):
    server, source = source_of(lambda _: (429, {"Retry-After": "3600"}, b""))
    with pytest.raises(Unavailable, match="3600 seconds"):
        records(source)
    assert clock.slept == []
    assert len(server.heard) == 1


def test_an_expired_log_on_is_renewed_or_told_in_one_sentence(subject, source_of):
    """A key that has expired needs a person; a session that has ended needs only a new log-on."""
    _, source = source_of(subject.script(subject.sent, inside=[(401, {}, b""), (401, {}, b""), (401, {}, b"")]))
    with pytest.raises((Misconfigured, Unavailable)) as raised:
        records(source)
    assert "\n" not in str(raised.value)


def test_the_vendors_words_come_out_but_not_the_secret(subject, source_of):
    _, source = source_of(lambda _: (401, {}, json.dumps(subject.echo()).encode()))
    with pytest.raises(Misconfigured, match="bad") as raised:
        records(source)
    assert SECRET not in str(raised.value)
