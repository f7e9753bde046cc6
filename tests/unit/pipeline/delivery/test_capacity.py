"""How much a target bears is learned by halving and by single steps, and is never more than what is granted."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery.capacity import FAR, GOOD_IN_A_ROW, MARGIN, InProcess, Limit
from pipeline.delivery.pace import LONGEST, Size
from pipeline.delivery.stop import Stop

QUICK = {"milliseconds": 10, "documents": 5, "busy": False}
BUSY = {"milliseconds": 10, "documents": 5, "busy": True}
SLOW = {"milliseconds": FAR * 10 + MARGIN + 1, "documents": 5, "busy": False}
LONGER = {"milliseconds": FAR * 10 + MARGIN + 1, "documents": 10, "busy": False}
TARGET = "ZINVOICE_SRV/Invoices"


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


def crowd(capacity, stop, count=6):
    """So many threads that want a slot; how many held one at most."""
    lock, held, peak, done = threading.Lock(), [0], [0], threading.Barrier(count)

    def work():
        for _ in range(50):
            with capacity.slot(TARGET, stop):
                with lock:
                    held[0] += 1
                    peak[0] = max(peak[0], held[0])
                with lock:
                    held[0] -= 1
        done.wait(10)

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return peak[0]


def test_no_more_than_the_limit_are_in_flight_at_once():
    """P8: never more than K requests in flight."""
    capacity = InProcess(4)
    assert crowd(capacity, Stop()) <= 4
    capacity.observe(TARGET, **BUSY)
    assert capacity.limit(TARGET) == 2
    assert crowd(capacity, Stop()) <= 2


def test_targets_do_not_wait_for_each_other():
    capacity = InProcess(1)
    with capacity.slot(TARGET, Stop()), capacity.slot("ZJOURNAL_SRV/JournalEntries", Stop()):
        assert capacity.limit(TARGET) == 1


def test_nobody_waits_for_a_slot_once_somebody_asked_to_stop():
    capacity, stop = InProcess(1), Stop()
    entered = threading.Event()

    def second():
        with capacity.slot(TARGET, stop):
            entered.set()

    with capacity.slot(TARGET, Stop()):
        thread = threading.Thread(target=second)
        thread.start()
        stop.set()
        assert entered.wait(10)
    thread.join()
