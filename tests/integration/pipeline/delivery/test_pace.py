"""What SAP says about its load, about tokens and about permission is obeyed."""

import threading

import pytest
from between import Changed, Reply

from pipeline.delivery import capacity
from pipeline.ledger.states import State
from pipeline.model.stops import Misconfigured

S = State
TARGET = "ZINVOICE_SRV/Invoices"
OVERLOAD = b"<p>Error: EOVERLOAD</p>"
STORMS = {
    # how SAP says that it has too much to do
    "503": Reply(503, body=OVERLOAD),
    "503 with Retry-After": Reply(503, {"Retry-After": "3"}, OVERLOAD),
    "429": Reply(429),
    "429 with Retry-After": Reply(429, {"Retry-After": "1"}),
}


@pytest.mark.parametrize("batch_size", [1, 5])
@pytest.mark.parametrize("name", STORMS)
def test_a_storm_is_waited_out_and_everything_arrives_once(delivering, between, invoices, name, batch_size):
    """P8: throttling, with and without Retry-After; never more than K in flight, as the wire measures."""
    between.fate = lambda seen: STORMS[name] if 3 <= seen.number <= 7 else None
    doing = delivering(invoices(40), batch_size=batch_size, slots=4)
    doing.deliver()
    assert set(doing.states.values()) == {S.DELIVERED}
    assert sum(between.created.values()) == 40
    assert between.duplicates == 0
    assert between.peak <= 4


def test_concurrency_halves_in_a_storm_and_recovers_after_it(delivering, between, invoices, monkeypatch):
    """P8: concurrency halves, recovers. On this quick clock a busy machine would look like a slow SAP."""
    monkeypatch.setattr(capacity, "MARGIN", 10**9)
    limits = []

    def fate(seen):
        if seen.number:
            limits.append(doing.slots.now)
        return Reply(503, body=OVERLOAD) if 10 <= seen.number <= 13 else None

    between.fate = fate
    doing = delivering(invoices(90), batch_size=1, slots=4)
    doing.deliver()
    assert min(limits) == 1
    assert limits[-1] == 4
    assert set(doing.states.values()) == {S.DELIVERED}


def test_what_sap_asks_for_is_the_least_that_anybody_waits(delivering, between, invoices):
    """P8: Retry-After is obeyed by every slot."""
    instants = []

    def fate(seen):
        if seen.number:
            instants.append(doing.clock.at)
        return Reply(503, {"Retry-After": "7"}, OVERLOAD) if seen.number == 1 else None

    between.fate = fate
    doing = delivering(invoices(20), batch_size=5, slots=1)
    doing.deliver()
    assert instants[1] - instants[0] >= 7_000


def test_a_sap_that_asks_for_an_hour_is_left_alone_by_all_slots_and_the_run_says_so(delivering, between, invoices):
    between.fate = lambda seen: Reply(503, {"Retry-After": "3600"}, OVERLOAD) if seen.number else None
    doing = delivering(invoices(50), batch_size=1, slots=1)
    run = doing.deliver()
    assert len(between.posts) == 1
    assert "left alone for 3600 seconds" in str(run.stops[0])
    assert set(doing.states.values()) == {S.READY}


def test_a_token_that_dies_every_fifteen_requests_is_renewed_and_costs_no_attempt(
    delivering, between, sap_gateway, invoices
):
    """P7: CSRF expiry."""
    sap_gateway.faults.add("csrf_expiry", service="ZINVOICE_SRV", method="POST", every=15)
    doing = delivering(invoices(50), batch_size=1)
    doing.deliver()
    assert set(doing.states.values()) == {S.DELIVERED}
    assert {len(doing.attempts(f"inv_{number:03d}")) for number in range(1, 51)} == {1}
    fetches = [seen for seen in between.seen if seen.headers.get("x-csrf-token") == "Fetch"]
    assert len(between.posts) - 50 == len(fetches) - doing.senders


def test_a_token_that_dies_between_fetch_and_post_costs_a_pause_and_nothing_else(
    delivering, sap_gateway, invoices, between
):
    """P7: CSRF expiry, also between fetch and POST."""
    sap_gateway.faults.add("csrf_expiry", service="ZINVOICE_SRV", method="POST", times=2)
    doing = delivering(invoices(5), batch_size=1, slots=1)
    run = doing.deliver()
    assert (set(doing.states.values()), run.stops) == ({S.DELIVERED}, [])
    assert [attempt["outcome"] for attempt in doing.attempts("inv_001")] == ["not taken", "delivered"]


FORBIDDEN = b'{"error":{"code":"/IWFND/CM_CONSUMER/101","message":{"lang":"en","value":"Access denied"}}}'


@pytest.mark.parametrize("batch_size", [1, 5])
@pytest.mark.parametrize("body", [FORBIDDEN, b"<html>Forbidden</html>"])
def test_the_other_403_is_a_matter_of_permission_and_ends_the_run_at_the_first_request(
    delivering, between, invoices, batch_size, body
):
    """P7: 403 without `Required` is a matter of configuration."""
    between.fate = lambda seen: Reply(403, {}, body) if seen.number else None
    doing = delivering(invoices(50), batch_size=batch_size, slots=1)
    run = doing.deliver()
    assert [type(stop) for stop in run.stops] == [Misconfigured]
    assert len(between.posts) == 1
    assert list(doing.states.values()).count(S.READY) == 50 - batch_size


def test_a_stop_while_sap_is_left_alone_ends_the_wait_and_leaves_nothing_in_doubt(delivering, between, invoices):
    """P24: graceful stop while waiting for a target that has too much to do."""
    between.fate = lambda seen: Reply(503, {"Retry-After": "15"}, OVERLOAD) if seen.number == 3 else None
    doing = delivering(invoices(30), batch_size=5, slots=1)
    doing.stop.wait = lambda _milliseconds: doing.stop.set()
    doing.deliver()
    assert set(doing.states.values()) == {S.DELIVERED, S.READY}
    doing.clock.at += 15_000
    left = list(doing.states.values()).count(S.READY)
    claims = [doing.ledger.claim(["postman"], TARGET, 100, "the next") for _ in ("sent before", "never sent")]
    assert sum(map(len, claims)) == left


def test_slots_are_not_held_by_those_who_wait(delivering, between, invoices):
    """A slow exchange of one slot keeps no other slot from sending."""
    other = threading.Event()
    slow = Changed(lambda body: body)
    slow.reaches = lambda _seen: other.wait(20)
    between.fate = lambda seen: slow if seen.number == 1 else other.set() if seen.number == 3 else None
    doing = delivering(invoices(40), batch_size=5, slots=2)
    doing.deliver()
    assert set(doing.states.values()) == {S.DELIVERED}
    assert between.peak == 2
