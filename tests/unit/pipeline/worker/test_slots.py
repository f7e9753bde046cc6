"""Slots: never more than are granted, fewer where SAP bears fewer, known to all workers."""

from contextlib import contextmanager

import pytest

from pipeline.delivery.capacity import GOOD_IN_A_ROW
from pipeline.delivery.stop import Stop
from pipeline.worker.slots import SYSTEM, Slots

TARGET = "ZINVOICE_SRV/Invoices"


class Impatient(Stop):
    """Asks to stop with the first wait, and remembers that somebody waited."""

    def wait(self, milliseconds):
        self.set()
        return True


@pytest.fixture
def slots(ledger, clock):
    """Slots of as many processes as wanted on one ledger."""
    made = []

    def start(most=2):
        made.append(Slots(ledger, clock, most=most))
        return made[-1]

    yield start
    for one in made:
        one.close()


@contextmanager
def entered(slots, stop):
    with slots.slot(TARGET, stop):
        yield stop.is_set


def gets_one(slots):
    with entered(slots, Impatient()) as gave_up:
        return not gave_up


def test_no_more_processes_get_a_slot_than_there_are(slots):
    assert [gets_one(one) for one in (slots(), slots(), slots())] == [True, True, False]


def test_a_slot_is_kept_between_requests_and_free_when_given_back(slots):
    first, second, third = slots(), slots(), slots()
    assert gets_one(first)
    assert gets_one(second)
    assert gets_one(first)
    assert not gets_one(third)
    first.close()
    assert gets_one(third)


def test_a_busy_answer_halves_the_slots_for_everybody_within_a_second(slots, ledger, clock):
    first, second, other = slots(4), slots(4), slots(4)
    assert gets_one(first)
    assert gets_one(second)
    first.observe(TARGET, milliseconds=10, documents=1, busy=True)
    first.observe(TARGET, milliseconds=10, documents=1, busy=True)
    clock.sleep(1_000)
    assert ledger.target(SYSTEM).capacity == 1
    assert [gets_one(one) for one in (first, second)].count(True) == 1
    assert not gets_one(other)


def test_a_row_of_good_exchanges_gives_one_slot_back_and_never_more_than_are_granted(slots, ledger):
    ledger.set_capacity(SYSTEM, 1)
    one = slots(2)
    for _ in range(GOOD_IN_A_ROW):
        assert ledger.target(SYSTEM).capacity == 1
        one.observe(TARGET, milliseconds=10, documents=1, busy=False)
    assert ledger.target(SYSTEM).capacity == 2
    for _ in range(2 * GOOD_IN_A_ROW):
        one.observe(TARGET, milliseconds=10, documents=1, busy=False)
    assert ledger.target(SYSTEM).capacity == 2


def test_what_the_ledger_remembers_from_larger_times_does_not_exceed_what_is_granted_now(slots, ledger):
    ledger.set_capacity(SYSTEM, 8)
    assert [gets_one(one) for one in (slots(1), slots(1))] == [True, False]
