"""Slots: never more than are granted, fewer where SAP bears fewer, known to all who work on one ledger."""

import threading
from contextlib import ExitStack

import pytest

from pipeline.delivery.capacity import GOOD_IN_A_ROW
from pipeline.delivery.slots import ENDING, SYSTEM, Slots
from pipeline.delivery.stop import Stop
from pipeline.model.stops import Unavailable

QUICK = {"milliseconds": 10, "documents": 5, "busy": False}
BUSY = {"milliseconds": 10, "documents": 5, "busy": True}


class Impatient(Stop):
    """Asks to stop with the first wait."""

    def wait(self, milliseconds):
        self.set()
        return True


@pytest.fixture
def program(ledger, clock):
    """The slots as one of several programs sees them that share a ledger; none of them waits."""
    return lambda most=2: Slots(ledger, clock, most=most, stop=Impatient())


@pytest.fixture
def take():
    """Take a slot until the test ends; whether there was one. Each time as a thread of its own would."""
    with ExitStack() as held:

        def taken(slots):
            try:
                held.enter_context(slots.held())
            except Unavailable:
                return False
            slots._thread.holds = False
            return True

        yield taken


def test_no_more_get_a_slot_than_there_are(program, take):
    assert [take(one) for one in (program(), program(), program())] == [True, True, False]


def test_a_slot_is_free_again_once_it_is_not_held(program, take):
    with program(1).held():
        assert not take(program(1))
    assert take(program(1))


def test_a_thread_that_holds_a_slot_takes_no_other(program):
    slots = program(1)
    with slots.held():
        with slots.held():
            pass
        with pytest.raises(Unavailable), program(1).held():
            pass


def test_who_is_asked_to_stop_before_a_slot_is_free_is_told_so_and_does_not_go_on(program):
    with program(1).held(), pytest.raises(Unavailable, match=ENDING), program(1).held():
        raise AssertionError


def test_no_more_threads_than_the_limit_hold_a_slot_at_once(ledger, clock):
    """P8: never more than K requests in flight, whatever SAP bears."""
    slots = Slots(ledger, clock, most=4, stop=Stop())
    assert crowd(slots) <= 4
    slots.observe(**BUSY)
    assert slots.now == 2
    assert crowd(slots) <= 2


def crowd(slots, count=6):
    """So many threads that want a slot again and again; how many held one at most."""
    lock, held, peak = threading.Lock(), [0], [0]

    def work():
        for _ in range(5):
            with slots.held():
                with lock:
                    held[0] += 1
                    peak[0] = max(peak[0], held[0])
                with lock:
                    held[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return peak[0]


def test_a_busy_answer_halves_the_slots_for_everybody_within_a_second(program, take, ledger, clock):
    first, other = program(4), program(4)
    assert (first.now, other.now) == (4, 4)
    first.observe(**BUSY)
    first.observe(**BUSY)
    assert (ledger.target(SYSTEM).capacity, other.now) == (1, 4)
    clock.sleep(1_000)
    assert [take(one) for one in (first, other, other)] == [True, False, False]


def test_a_row_of_good_exchanges_gives_one_slot_back(program, ledger):
    ledger.set_capacity(SYSTEM, 1)
    one = program(3)
    for _ in range(GOOD_IN_A_ROW):
        assert one.now == 1
        one.observe(**QUICK)
    assert (one.now, ledger.target(SYSTEM).capacity) == (2, 2)


def test_once_sap_bears_all_that_is_granted_a_larger_grant_counts_at_once(program, ledger):
    ledger.set_capacity(SYSTEM, 1)
    one = program(2)
    for _ in range(3 * GOOD_IN_A_ROW):
        one.observe(**QUICK)
    assert (one.now, program(8).now) == (2, 8)


def test_what_the_ledger_remembers_from_larger_times_does_not_exceed_what_is_granted_now(program, take, ledger):
    ledger.set_capacity(SYSTEM, 8)
    assert [take(one) for one in (program(1), program(1))] == [True, False]
