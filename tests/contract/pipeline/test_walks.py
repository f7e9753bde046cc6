"""What every source promises of its way through a vendor's lists, whatever happens on it and whatever the hour is."""

import threading
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from pipeline_stands import MovedClock
from scripted_vendors import SESSION_ENDED, SUBJECTS

from pipeline.model.stops import Misconfigured, Unavailable

PAGED = [name for name, one in SUBJECTS.items() if one.paged]
MANY = 7


@pytest.fixture(params=SUBJECTS)
def name(request):
    return request.param


@pytest.fixture
def subject(name):
    return SUBJECTS[name]


@pytest.fixture
def read(subject, answering, clock):
    """Read everything that this vendor shows, whole or until it stops: the records, and the stop if there is one."""

    def start(script, since=None):
        source = subject.build(answering(script).url, clock)
        found = []
        try:
            for page in source.pages(since) if since else source.pages():
                found += page.records
        except (Misconfigured, Unavailable) as stop:
            return found, stop
        return found, None

    return start


def many(subject):
    """More records of the same kind, each with an id and, where it has one, a time of its own."""
    return [numbered(subject.sent[0], one) for one in range(1, MANY + 1)]


def numbered(value, number):
    match value:
        case dict():
            return {name: numbered(inner, number) for name, inner in value.items()}
        case str():
            return value.replace("2026-01-01", f"2026-02-{number:02d}").removesuffix("0") + str(
                number
            ) * value.endswith("0")
    return value


def ids(records):
    return {one.get("id") or one["Header"]["InvoiceID"] for one in records}


def lists_of(script, change):
    """The script with `change(number, reply)` applied to its answers to lists, counted from one."""
    asked = script.answer
    count = iter(range(1, 1000))

    def answer(heard, path, query):
        reply = asked(heard, path, query)
        is_list = path.endswith(("invoices", "postings")) and "true" not in query.get("filters", "")
        return change(next(count), reply) if is_list else reply

    script.answer = answer
    return script


def test_requests_come_one_after_the_other(subject, read):
    """Below every vendor's limit of requests at a time, of which BILL's is three."""
    lock, running, peak = threading.Lock(), [0], [0]
    script = subject.script(many(subject))
    asked = script.answer

    def answer(*heard):
        with lock:
            running[0] += 1
            peak[0] = max(peak[0], running[0])
        reply = asked(*heard)
        with lock:
            running[0] -= 1
        return reply

    script.answer = answer
    assert len(read(script)[0]) == MANY
    assert peak == [1]


@pytest.mark.parametrize("name", PAGED, indirect=True)
def test_a_page_that_comes_once_more_loses_nothing(subject, read):
    """All of it in this run, or one sentence now and all of it in the next."""
    answers = []

    def once_more(number, reply):
        answers.append(reply)
        return answers[0] if number == 2 else reply

    found, stop = read(lists_of(subject.script(many(subject)), once_more))
    assert stop is None or "\n" not in str(stop)
    again, none = read(subject.script(many(subject)))
    assert (ids(found + again if stop else found), none) == (ids(many(subject)), None)


@pytest.mark.parametrize("name", PAGED, indirect=True)
@pytest.mark.parametrize("when", [1, 2, 3])
def test_a_list_that_grows_while_it_is_read_hides_nothing_that_was_there(subject, read, name, when):
    script = subject.script(many(subject)[1:])

    def grow(number, reply):
        if number == when:
            newcomer = many(subject)[0]
            if "updatedTime" in newcomer:  # this list is in the order of change: what is new stands at its end
                script.records = [*script.records, {**newcomer, "updatedTime": "2026-03-01T00:00:00.000Z"}]
            else:
                script.records = [newcomer, *script.records]
        return reply

    found, stop = read(lists_of(script, grow))
    assert stop is None
    assert ids(found) >= ids(many(subject)[1:])
    assert when == 3 or ids(found) == ids(many(subject))  # the third page is the last one


@pytest.mark.parametrize("name", PAGED, indirect=True)
def test_a_list_that_becomes_shorter_while_it_is_read_ends_well(subject, read, name):
    script = subject.script(many(subject))

    def shrink(number, reply):
        if number == 2 and name != "bill":  # nothing leaves a list of BILL's, it is archived
            script.records = script.records[:3]
        return reply

    found, stop = read(lists_of(script, shrink))
    assert stop is None
    assert ids(found) >= ids(many(subject)[:3])


@pytest.mark.parametrize("name", PAGED, indirect=True)
def test_a_log_on_that_ends_in_mid_walk_is_renewed_or_told_and_keeps_what_was_read(subject, read, name):
    script = subject.script(many(subject))
    expired = SESSION_ENDED if name == "bill" else (401, {}, b"")

    def expire(number, reply):
        if number == 3 and name == "bill":
            script.sessions += 1
        return expired if number == 3 else reply

    found, stop = read(lists_of(script, expire))
    if name == "bill":
        assert (stop, ids(found)) == (None, ids(many(subject)))
    else:
        assert isinstance(stop, Misconfigured)
        assert "has expired" in str(stop)
        assert len(found) == 4


def test_a_wait_that_is_asked_for_as_a_date_is_kept(subject, read, clock):
    moment = datetime.fromtimestamp(clock.now() // 1000 + 9, UTC)
    throttled = (429, {"Retry-After": format_datetime(moment, usegmt=True)}, b"")
    found, stop = read(subject.script(many(subject), inside=[throttled]))
    assert (stop, len(found), clock.slept) == (None, MANY, [9000])


def test_one_record_that_is_none_stands_among_the_good_ones(subject, read):
    found, stop = read(subject.script([many(subject)[0], "no record", *many(subject)[1:]]))
    assert stop is None
    assert ids(one for one in found if isinstance(one, dict)) == ids(many(subject))


HOURS = [
    "2027-01-31T23:59:59",  # ends of months and of the year
    "2027-12-31T22:59:59",  # and in Berlin
    "2027-12-31T23:59:59",
    "2028-01-01T00:00:00",
    "2028-02-29T12:00:00",
    "2027-03-28T00:59:59",  # the clocks change in Berlin
    "2027-03-28T01:00:00",
    "2027-10-31T00:30:00",
    "2027-10-31T01:30:00",
    "2027-03-14T07:00:00",  # and in New York
]


@pytest.mark.parametrize("hour", HOURS)
def test_whatever_the_hour_is_a_run_and_the_next_one_leave_nothing_out(subject, answering, hour):
    clock = MovedClock(int(datetime.fromisoformat(hour).replace(tzinfo=UTC).timestamp()) * 1000)
    source = subject.build(answering(subject.script(many(subject))).url, clock)
    pages = list(source.pages())
    assert ids(one for page in pages for one in page.records) == ids(many(subject))
    marks = {page.stream: page.mark for page in pages if page.mark}
    clock.at += 1000
    later = [one for page in source.pages(marks) for one in page.records]
    assert ids(later) <= ids(many(subject))
    assert later or source.is_incremental
