"""How much a target bears is learned by halving and by single steps, and is never more than what is granted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery.capacity import FAR, GOOD_IN_A_ROW, MARGIN, Limit
from pipeline.delivery.pace import LONGEST, Size

QUICK = {"milliseconds": 10, "documents": 5, "busy": False}
BUSY = {"milliseconds": 10, "documents": 5, "busy": True}
SLOW = {"milliseconds": FAR * 10 + MARGIN + 1, "documents": 5, "busy": False}
LONGER = {"milliseconds": FAR * 10 + MARGIN + 1, "documents": 10, "busy": False}


@pytest.mark.parametrize(
    ("told", "now"),
    [
        # what was seen, one after another; what it makes of a limit of 8
        ([QUICK] * 50, 8),
        ([BUSY], 4),
        ([BUSY] * 9, 1),
        ([BUSY, *[QUICK] * (GOOD_IN_A_ROW - 1)], 4),
        ([BUSY, *[QUICK] * GOOD_IN_A_ROW], 5),
        ([BUSY, *[QUICK] * 9, BUSY, *[QUICK] * 9], 2),
        ([QUICK, SLOW], 4),
        ([QUICK, LONGER], 8),
        ([SLOW] * 9, 8),
        ([BUSY, *[QUICK] * 1000], 8),
    ],
)
def test_trouble_halves_a_limit_and_a_row_of_good_exchanges_raises_it_by_one(told, now):
    limit = Limit(8)
    for one in told:
        limit.observe(**one)
    assert limit.now == now


@given(
    st.integers(1, 100), st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 100), st.booleans()), max_size=200)
)
def test_a_limit_never_leaves_its_bounds(most, told):
    for limit in (Limit(most, step=7), Size(most)):
        for milliseconds, documents, busy in told:
            limit.observe(milliseconds=milliseconds, documents=documents, busy=busy)
            assert 1 <= limit.now <= most


def full(size, milliseconds, *, busy=False):
    size.observe(milliseconds=milliseconds, documents=size.now, busy=busy)


def test_a_request_doubles_from_ten_documents_to_the_most_while_answers_are_quick():
    size, seen = Size(100), []
    for _ in range(5):
        seen.append(size.now)
        full(size, 50)
    assert seen == [10, 20, 40, 80, 100]


def test_a_request_that_was_not_full_says_nothing_about_larger_ones():
    size = Size(100)
    for _ in range(GOOD_IN_A_ROW - 1):
        size.observe(milliseconds=50, documents=9, busy=False)
    assert size.now == 10


def test_after_trouble_a_request_grows_by_single_steps():
    size = Size(100)
    for _ in range(5):
        full(size, 50)
    full(size, 50, busy=True)
    for _ in range(GOOD_IN_A_ROW):
        full(size, 50)
    assert size.now == 60


@pytest.mark.parametrize(("a_document", "most"), [(10, 100), (100, 80), (300, 20), (600, 10), (2000, 5)])
def test_a_slow_target_is_never_asked_for_long_to_do_more_than_ten_seconds_work_at_once(a_document, most):
    size, seen = Size(100), []
    for _ in range(200):
        full(size, size.now * a_document)
        seen.append(size.now)
    assert (max(seen), seen[-1] * a_document <= LONGEST) == (most, True)
