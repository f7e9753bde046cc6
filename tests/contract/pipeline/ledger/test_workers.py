"""Several workers on one ledger: what each is told, what they share, and who watches."""

import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from pipeline.ledger.actor import Actor
from pipeline.ledger.rows import TargetProfile, Verdict
from pipeline.ledger.states import State

S = State
ONE = ["postman"]
INVOICES, JOURNAL = "ZINVOICE_SRV/Invoices", "ZJOURNAL_SRV/JournalEntries"


@pytest.fixture
def two_targets(ledger, arrival, place):
    journal = [replace(arrival(f"p_{n}", source="fynn"), target=JOURNAL) for n in (1, 2)]
    ledger.receive("postman", [arrival("inv_1")], place)
    ledger.receive("fynn", journal, place)
    return ledger


def test_a_claim_can_be_for_one_target_only(two_targets):
    both = ["postman", "fynn"]
    assert [claim.source_id for claim in two_targets.claim(both, JOURNAL, 9, "A")] == ["p_1", "p_2"]
    assert [claim.source_id for claim in two_targets.claim(both, INVOICES, 9, "A")] == ["inv_1"]


def test_a_claim_takes_from_several_sources_up_to_its_count(ledger, arrival, place):
    ledger.receive("postman", [arrival("inv_1"), arrival("inv_2")], place)
    ledger.receive("fynn", [arrival("p_1", source="fynn")], place)
    claimed = ledger.claim(["fynn", "postman"], INVOICES, 2, "A")
    assert {claim.source_id for claim in claimed} == {"p_1", "inv_1"}


def test_ready_targets_are_those_to_which_something_may_be_sent_by_now(two_targets, clock):
    ledger = two_targets
    assert ledger.ready_targets(["fynn", "postman"]) == [JOURNAL, INVOICES]
    (claim,) = ledger.claim(ONE, INVOICES, 1, "A")
    assert ledger.ready_targets(["fynn", "postman"]) == [JOURNAL]
    ledger.settle([Verdict(claim=claim, after=S.READY, not_before=clock.at + 5)])
    assert ledger.ready_targets(ONE) == []
    clock.at += 5
    assert ledger.ready_targets(ONE) == [INVOICES]


def test_targets_with_work_are_those_with_something_due(two_targets, clock):
    ledger = two_targets
    assert ledger.targets_with_work(clock.at) == [INVOICES, JOURNAL]
    (claim,) = ledger.claim(ONE, INVOICES, 1, "A")
    assert ledger.targets_with_work(clock.at) == [JOURNAL]
    assert ledger.targets_with_work(clock.at + ledger.lease) == [INVOICES, JOURNAL]
    ledger.settle([Verdict(claim=claim, after=S.AMBIGUOUS, look_at=clock.at + 7)])
    assert ledger.targets_with_work(clock.at + 6) == [JOURNAL]
    assert ledger.targets_with_work(clock.at + 7) == [INVOICES, JOURNAL]


def test_what_was_learnt_of_a_target_is_remembered(ledger, open_ledger):
    assert ledger.target(INVOICES) == TargetProfile()
    ledger.note_repeatability(INVOICES, "accepted")
    ledger.set_capacity(INVOICES, 3)
    ledger.note_repeatability(INVOICES, "unsupported")
    assert open_ledger().target(INVOICES) == TargetProfile(repeatability="unsupported", capacity=3)
    with pytest.raises(IntegrityError):
        ledger.note_repeatability(INVOICES, "perhaps")


def test_a_look_knows_the_attempt_whose_outcome_is_unknown(ledger, arrival, place, clock):
    ledger.receive("postman", [arrival()], place)
    (claim,) = ledger.claim(ONE, INVOICES, 1, "A")
    sent_at = clock.at
    ledger.settle([Verdict(claim=claim, after=S.AMBIGUOUS, outcome="ambiguous", look_at=clock.at)])
    clock.at += 5
    (look,) = ledger.looks(ONE, 1, "B", target=INVOICES)
    assert (look.attempt, look.attempted_at, look.payload) == (claim.attempt, sent_at, claim.payload)


def test_a_look_that_is_to_repeat_its_request_counts_the_grace_period_anew_if_it_is_still_its_owners(
    ledger, open_ledger, arrival, place, clock
):
    """P3, P4: durably, before the request leaves once more."""
    ledger.receive("postman", [arrival()], place)
    (claim,) = ledger.claim(ONE, INVOICES, 1, "A")
    ledger.settle([Verdict(claim=claim, after=S.AMBIGUOUS, outcome="ambiguous", look_at=clock.at)])
    clock.at += ledger.grace
    (look,) = ledger.looks(ONE, 1, "B")
    assert [one.sent_at for one in ledger.send_again([look])] == [clock.at]
    again = clock.at
    clock.at += ledger.lease
    ledger.expire()
    clock.at = again + ledger.grace
    (next_look,) = open_ledger().looks(ONE, 1, "C")
    assert (next_look.attempt, next_look.attempted_at, next_look.sent_at) == (claim.attempt, claim.sent_at, again)
    assert ledger.send_again([look]) == []


def test_only_the_last_request_of_an_invoice_may_be_repeated(ledger, arrival, place, clock):
    """P4: after a later one, whose outcome is known, an earlier one says nothing any more."""
    ledger.receive("postman", [arrival()], place)
    (claim,) = ledger.claim(ONE, INVOICES, 1, "A")
    ledger.settle([Verdict(claim=claim, after=S.AMBIGUOUS, outcome="ambiguous", look_at=clock.at)])
    (look,) = ledger.looks(ONE, 1, "B")
    ledger.settle([Verdict(claim=look, after=S.READY)], before=S.RESOLVING)
    (again,) = ledger.claim(ONE, INVOICES, 1, "A")
    ledger.settle([Verdict(claim=again, after=S.READY, outcome="not taken")])
    ledger.adopt([again.id])
    assert ledger.looks(ONE, 1, "B")[0].attempt == ""


def test_an_attempt_keeps_the_transaction_by_which_sap_knows_it(ledger, arrival, place):
    ledger.receive("postman", [arrival()], place)
    (claim,) = ledger.claim(ONE, INVOICES, 1, "A")
    ledger.settle([Verdict(claim=claim, after=S.REJECTED, outcome="refused", transaction_id="TX1")])
    (story,) = ledger.stories("postman", "inv_1")
    assert [one["sap_transaction_id"] for one in story.attempts] == ["TX1"]
    assert [one["attempt"] for one in story.history[-2:]] == [claim.attempt, claim.attempt]


def test_the_observer_is_told_each_transition_once_after_it_was_committed(open_ledger, arrival, place, sql):
    told = []

    def watch(transitions):
        assert sql("SELECT count(*) FROM history")[0][0] == len(told) + len(transitions)
        told.extend(transitions)

    ledger = open_ledger(observer=watch)
    ledger.receive("postman", [arrival()], place)
    ledger.rehearse("postman", [arrival("inv_2")])
    (claim,) = ledger.claim(ONE, INVOICES, 1, "A")
    ledger.settle([Verdict(claim=claim, after=S.DELIVERED, outcome="delivered", transaction_id="TX")])
    ledger.settle([Verdict(claim=claim, after=S.DELIVERED, outcome="delivered")])
    assert [one.after for one in told] == [S.RECEIVED, S.VALID, S.READY, S.SENDING, S.DELIVERED]
    last = told[-1]
    assert (last.source, last.source_id, last.revision, last.target) == ("postman", "inv_1", 1, INVOICES)
    assert (last.before, last.attempt, last.transaction_id, last.owner) == (S.SENDING, claim.attempt, "TX", "A")


def test_history_knows_who_made_each_transition(open_ledger, arrival, place, sql):
    one = open_ledger(actor=Actor(who="ann@host", program="billing-to-sap 1"))
    other = open_ledger(actor=Actor(who="bob@host", program="billing-to-sap 2"))
    one.receive("postman", [arrival()], place)
    other.claim(ONE, INVOICES, 1, "A")
    rows = sql("SELECT after, who, program FROM history JOIN actor ON actor.id = history.actor ORDER BY history.id")
    assert rows[-2:] == [("READY", "ann@host", "billing-to-sap 1"), ("SENDING", "bob@host", "billing-to-sap 2")]


def test_a_name_is_held_by_one_at_a_time_and_free_afterwards(ledger, open_ledger):
    other = open_ledger()
    with ledger.lock("slot-1") as first, other.lock("slot-1") as second, other.lock("slot-2") as third:
        assert (first, second, third) == (True, False, True)
    with other.lock("slot-1") as again:
        assert again


HOLDER = """
import sys
from pipeline.clock import Clock
from pipeline.ledger.ledger import Ledger

with Ledger.open(sys.argv[1], Clock(), grace=1, lease=1).lock("slot-1") as held:
    print(held, flush=True)
    sys.stdin.read()
"""


@pytest.mark.processes
def test_a_name_that_another_process_holds_is_free_as_soon_as_that_is_killed(ledger, database_url):
    command = [sys.executable, "-c", HOLDER, database_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "True\n"
        with ledger.lock("slot-1") as mine:
            assert not mine
        holder.kill()
        holder.wait(30)
        pause = threading.Event()
        for _ in range(300):
            with ledger.lock("slot-1") as mine:
                if mine:
                    return
            pause.wait(0.1)
    raise AssertionError("the name of a killed process stays taken")
