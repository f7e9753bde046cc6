"""What others send is read within limits."""

import pytest

from pipeline.clock import Deadline
from pipeline.model.capped import TooMuch, read_capped
from pipeline.model.http_dates import retry_after

NOW = 1_800_000_000_000


def dripping(clock, milliseconds):
    def read1(size):
        clock.at += milliseconds
        return b"x"

    return read1


def test_a_body_is_read_to_its_end(clock):
    parts = iter([b"ab", b"c", b""])
    assert read_capped(lambda _: next(parts), cap=3, deadline=Deadline(clock, 1000)) == b"abc"


def test_a_body_larger_than_the_cap_is_not_read_on(clock):
    with pytest.raises(TooMuch, match="larger than 10 bytes"):
        read_capped(dripping(clock, 0), cap=10, deadline=Deadline(clock, 1000))


def test_a_body_that_drips_past_the_deadline_is_given_up(clock):
    with pytest.raises(TooMuch, match="in time"):
        read_capped(dripping(clock, 300), cap=1_000_000, deadline=Deadline(clock, 1000))
    assert clock.at < NOW + 2000


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("3", 3000),
        ("0", 0),
        ("Fri, 15 Jan 2027 08:00:10 GMT", 10_000),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0),
        ("soon", None),
        ("-3", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(header, wait):
    assert retry_after(header, NOW) == wait
