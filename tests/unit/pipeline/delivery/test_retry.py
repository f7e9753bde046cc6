"""When something is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_stands import MovedClock

from pipeline.delivery.retry import LONGEST, LONGEST_ASKED, RETRIES_IN_RESERVE, Budget, wait
from pipeline.model.outcome import NotTaken


@pytest.mark.parametrize(
    ("asked", "attempt", "milliseconds"),
    [
        # asked for, attempt, wait without and with full spread
        (None, 1, (0, 500)),
        (None, 2, (0, 1000)),
        (None, 5, (0, 8000)),
        (None, 100, (0, 300_000)),
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
    assert 0 <= wait(NotTaken(why="busy"), attempt, lambda upper: random.randint(0, upper)) <= LONGEST


def repeats(budget, wanted):
    made = 0
    while made < wanted and budget.allows:
        budget.spend()
        made += 1
    return made


def test_repeats_are_few_once_the_reserve_is_spent_and_every_fifth_first_try_earns_one():
    budget = Budget(MovedClock())
    assert repeats(budget, 100) == RETRIES_IN_RESERVE
    for _ in range(15):
        budget.earn()
    assert repeats(budget, 100) == 3


def test_the_budget_holds_one_more_repeat_after_a_second():
    clock = MovedClock()
    budget = Budget(clock)
    repeats(budget, RETRIES_IN_RESERVE)
    clock.sleep(999)
    assert not budget.allows
    clock.sleep(1)
    assert budget.allows


def test_a_long_pause_saves_up_no_more_than_the_reserve():
    clock = MovedClock()
    budget = Budget(clock)
    clock.sleep(10**9)
    assert repeats(budget, 1000) == RETRIES_IN_RESERVE
