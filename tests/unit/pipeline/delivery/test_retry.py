"""When something is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery.retry import LONGEST, LONGEST_ASKED, wait
from pipeline.model.outcome import NotTaken


@pytest.mark.parametrize(
    ("asked", "attempt", "milliseconds"),
    [
        # asked for, attempt, wait without and with full spread
        (None, 1, (500, 1000)),
        (None, 2, (1000, 2000)),
        (None, 5, (8000, 16_000)),
        (None, 100, (150_000, 300_000)),
        (7000, 1, (7000, 7000)),
        (0, 9, (0, 0)),
        (10**9, 1, (LONGEST_ASKED, LONGEST_ASKED)),
    ],
)
def test_the_wait_doubles_is_spread_and_gives_way_to_what_sap_asks(asked, attempt, milliseconds):
    outcome = NotTaken(why="busy", wait=asked)
    assert (wait(outcome, attempt, lambda _: 0), wait(outcome, attempt, lambda upper: upper)) == milliseconds


@given(st.integers(1, 10_000), st.randoms())
def test_no_wait_is_longer_than_the_longest(attempt, random):
    assert 0 < wait(NotTaken(why="busy"), attempt, lambda upper: random.randint(0, upper)) <= LONGEST
