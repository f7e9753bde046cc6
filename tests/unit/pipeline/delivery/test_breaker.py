"""The circuit breaker: open after a failure, one probe when its time is over, closed by the first thing that SAP takes."""

import threading

import pytest
from pipeline_stands import MovedClock

from pipeline.delivery import retry
from pipeline.delivery.breaker import Breaker
from pipeline.delivery.pace import Pace
from pipeline.delivery.stop import Stop


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
def breaker(clock):
    return Breaker(clock)


def fail(breaker, clock, asked=None):
    breaker.open(asked, clock.chance)


def test_a_closed_breaker_lets_everybody_go(breaker):
    assert [breaker.admit() for _ in range(3)] == [0, 0, 0]


def test_an_open_one_tells_how_long_to_wait_and_then_lets_one_probe_go(breaker, clock):
    fail(breaker, clock)
    delay = breaker.admit()
    assert delay == retry.FIRST
    clock.sleep(delay)
    assert [breaker.admit() == 0 for _ in range(3)] == [True, False, False]


def test_a_probe_that_sap_takes_closes_it(breaker, clock):
    fail(breaker, clock, 0)
    breaker.admit()
    breaker.close()
    assert [breaker.admit() for _ in range(3)] == [0, 0, 0]


def test_a_probe_that_fails_opens_it_for_longer(breaker, clock):
    waits = []
    for _ in range(4):
        fail(breaker, clock)
        waits.append(breaker.rest)
        clock.sleep(breaker.rest)
        assert breaker.admit() == 0
    assert waits == [retry.FIRST * 2**n for n in range(4)]


def test_a_probe_that_was_not_sent_leaves_its_place_to_another(breaker, clock):
    fail(breaker, clock, 0)
    breaker.admit()
    breaker.withdraw()
    assert breaker.admit() == 0


def test_what_sap_asks_for_counts_and_the_longest_of_several(breaker, clock):
    """P8: Retry-After is obeyed, by everybody who sends to that target."""
    fail(breaker, clock, 7_000)
    fail(breaker, clock, 3_000)
    assert breaker.rest == 7_000


def test_without_such_a_word_nobody_is_kept_waiting_longer_than_a_run_waits(breaker, clock):
    for _ in range(100):
        fail(breaker, clock)
    assert breaker.rest == retry.PATIENCE


def test_of_many_threads_one_is_the_probe(breaker, clock):
    fail(breaker, clock, 0)
    admitted, start = [], threading.Barrier(8)

    def ask():
        start.wait()
        admitted.append(breaker.admit())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert admitted.count(0) == 1


@pytest.fixture
def pace(clock):
    return Pace(clock, 50)


@pytest.fixture
def stop(clock):
    stopping = Stop()
    stopping.wait = clock.sleep
    return stopping


def see(pace, *, busy=False, nothing_taken=False, asked=None):
    pace.observe(milliseconds=10, documents=1, busy=busy, nothing_taken=nothing_taken, asked=asked)


def test_a_probe_holds_one_document_and_the_size_recovers_in_steps(pace):
    see(pace, busy=True, nothing_taken=True)
    assert pace.size == 1
    sizes = []
    for _ in range(60):
        see(pace)
        sizes.append(pace.size)
    assert sorted(set(sizes)) == [5, 10, 15, 20, 25, 30, 35]


def test_who_is_admitted_has_waited_as_long_as_sap_asked(pace, clock, stop):
    see(pace, nothing_taken=True, asked=7_000)
    began = clock.at
    assert pace.admit(stop=stop, goes_on=lambda: True)
    assert clock.at - began >= 7_000


def test_a_rest_longer_than_a_run_waits_is_not_waited_for(pace, clock, stop):
    see(pace, nothing_taken=True, asked=3_600_000)
    began = clock.at
    assert not pace.admit(stop=stop, goes_on=lambda: True)
    assert clock.at == began


def test_nobody_is_admitted_when_there_is_no_going_on(pace, stop):
    assert not pace.admit(stop=stop, goes_on=lambda: False)
