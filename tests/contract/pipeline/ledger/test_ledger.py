"""The ledger keeps its word: one owner, durable intents, no late answer, nothing overwritten."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from pipeline.ledger.dispatch import BEGIN_WITHIN
from pipeline.ledger.rows import Receipt, Verdict, Waiting
from pipeline.ledger.states import ForbiddenTransition, State
from pipeline.ledger.tables import METADATA

TARGET = "ZINVOICE_SRV/Invoices"
S = State
GRACE = 660_000
LEASE = 300_000
POSTMAN = ["postman"]


@pytest.fixture
def received(ledger, arrival, place):
    """A ledger that knows some sound invoices."""

    def start(count=1):
        ledger.receive("postman", [arrival(f"inv_{number}") for number in range(1, count + 1)], place)
        return ledger

    return start


def states(ledger):
    return {entry.source_id: entry.state for entry in ledger.entries(POSTMAN)}


def settle(ledger, claims, after, *, before=S.SENDING, **more):
    return ledger.settle([Verdict(claim=claim, after=after, **more) for claim in claims], before=before)


def sent(ledger, owner="A", count=10):
    return ledger.claim(POSTMAN, TARGET, count, owner)


def test_a_page_and_its_cursor_are_stored_together_or_not_at_all(ledger, arrival, place, sql):
    broken = replace(arrival("inv_2"), record=None)
    with pytest.raises(IntegrityError, match=r"(?i)not.null"):
        ledger.receive("postman", [arrival("inv_1"), broken], replace(place, cursor="7"))
    assert sql("SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM cursor)") == [(0, 0)]


def test_receiving_the_same_page_again_changes_nothing(received, arrival, place):
    ledger = received(3)
    again = [arrival(f"inv_{number}") for number in (1, 2, 3)]
    assert ledger.receive("postman", again, place) == Receipt(unchanged=3)
    assert set(states(ledger).values()) == {S.READY}


def test_a_rehearsal_says_what_would_change_and_stores_nothing(ledger, arrival):
    receipt, (entry,) = ledger.rehearse("postman", [arrival()])
    assert (receipt, entry.source_id, entry.state) == (Receipt(new=1), "inv_1", S.READY)
    assert ledger.counts() == {}


def test_a_thousand_records_are_received_whatever_the_size_of_a_statement(ledger, arrival, place):
    page = [arrival(f"inv_{number}") for number in range(1200)]
    assert ledger.receive("postman", page, place) == Receipt(new=1200)
    assert ledger.receive("postman", page, place) == Receipt(unchanged=1200)


def test_two_owners_never_claim_the_same_invoice(received):
    ledger = received(5)
    first, second = ledger.claim(POSTMAN, TARGET, 3, "A"), ledger.claim(POSTMAN, TARGET, 3, "B")
    assert [claim.source_id for claim in first] == ["inv_1", "inv_2", "inv_3"]
    assert [claim.source_id for claim in second] == ["inv_4", "inv_5"]


def test_many_threads_claim_each_invoice_once(received):
    ledger = received(60)
    found, lock = [], threading.Lock()

    def work(owner):
        while claims := ledger.claim(POSTMAN, TARGET, 7, owner):
            with lock:
                found.extend(claim.id for claim in claims)

    threads = [threading.Thread(target=work, args=(f"T{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(set(found))
    assert len(found) == 60


def test_a_claim_is_its_owners_for_as_long_as_its_lease_and_begins_nothing_after_a_moment(received, clock):
    ledger = received()
    (claim,) = ledger.claim(POSTMAN, TARGET, 1, "A")
    clock.at += BEGIN_WITHIN - 1
    assert not ledger.is_stale(claim)
    clock.at += 1
    assert ledger.is_stale(claim)
    clock.at += LEASE - BEGIN_WITHIN - 1
    assert ledger.expire() == 0
    clock.at += 1
    assert ledger.expire() == 1


def test_a_claim_can_be_of_what_was_never_sent_before_only(received, clock):
    ledger = received(2)
    settle(ledger, ledger.claim(POSTMAN, TARGET, 1, "A"), S.READY)
    assert [one.source_id for one in ledger.claim(POSTMAN, TARGET, 9, "A", anew=False)] == ["inv_2"]
    assert [(one.source_id, one.attempts) for one in ledger.claim(POSTMAN, TARGET, 9, "A")] == [("inv_1", 2)]


def test_what_was_sent_before_goes_with_its_like_only_and_half_as_many_at_once_for_each_time(ledger, arrival, place):
    first = [arrival(f"inv_{number}") for number in range(8)]
    ledger.receive("postman", [*first, *(arrival(f"p_{number}", source="fynn") for number in range(8))], place)
    both, sizes = ["postman", "fynn"], []
    settle(ledger, ledger.claim(both, TARGET, 8, "A"), S.READY)
    while claims := ledger.claim(both, TARGET, 8, "A"):
        sizes.append((len(claims), {claim.attempts for claim in claims}))
        settle(ledger, claims, S.DELIVERED if len(sizes) > 1 else S.READY)
    assert sizes == [(4, {2}), (2, {3}), (2, {3}), (4, {2}), (8, {1})]


def test_the_intent_is_on_disk_before_anything_is_sent(received, sql):
    kept = sent(received(2))
    assert sql("SELECT state, attempts FROM document") == [("SENDING", 1), ("SENDING", 1)]
    assert {row[0] for row in sql("SELECT id FROM attempt")} == {claim.attempt for claim in kept}


@pytest.mark.parametrize("after", [S.DELIVERED, S.REJECTED, S.AMBIGUOUS, S.READY])
def test_an_outcome_moves_the_invoice_and_settles_its_attempt(received, after):
    ledger = received()
    claims = sent(ledger)
    assert settle(ledger, claims, after, outcome="x", status=201, why="because", reasons=("r",)) == 1
    (story,) = ledger.stories("postman", "inv_1")
    assert (story.document["state"], story.document["owner"]) == (after, None)
    assert [(one["outcome"], one["http_status"]) for one in story.attempts] == [("x", 201)]
    assert [one["after"] for one in story.history] == [S.RECEIVED, S.VALID, S.READY, S.SENDING, after]


def test_a_late_answer_cannot_move_an_invoice_that_somebody_else_owns_but_is_kept_as_evidence(received, clock):
    ledger = received()
    late = sent(ledger)
    clock.at += LEASE
    assert ledger.expire() == 1
    assert settle(ledger, late, S.DELIVERED, outcome="delivered", status=201) == 0
    (story,) = ledger.stories("postman", "inv_1")
    assert story.document["state"] == S.AMBIGUOUS
    assert story.attempts[0]["outcome"] == "delivered"


def test_a_transition_that_the_table_does_not_know_is_never_written(received):
    ledger = received()
    claims = sent(ledger)
    with pytest.raises(ForbiddenTransition):
        settle(ledger, claims, S.CONFIRMED)
    assert states(ledger) == {"inv_1": S.SENDING}


def test_a_dead_senders_invoice_is_looked_up_only_after_the_grace_period(received, clock):
    ledger = received()
    sent(ledger)
    clock.at += LEASE
    ledger.expire()
    clock.at += GRACE - LEASE - 1
    assert ledger.looks(POSTMAN, 1, "B") == []
    clock.at += 1
    (look,) = ledger.looks(POSTMAN, 1, "B")
    assert ledger.grace_is_over(look)
    assert states(ledger) == {"inv_1": S.RESOLVING}


def test_a_looker_that_dies_leaves_the_invoice_ambiguous(received, clock):
    ledger = received()
    settle(ledger, sent(ledger), S.AMBIGUOUS, look_at=clock.at)
    ledger.looks(POSTMAN, 1, "B")
    clock.at += LEASE
    assert ledger.expire() == 1
    assert states(ledger) == {"inv_1": S.AMBIGUOUS}


def test_what_waits_is_told_by_number_and_by_when_the_first_and_the_last_may_be_looked_up(received, clock):
    ledger = received(2)
    first, second = sent(ledger)
    settle(ledger, [first], S.AMBIGUOUS, look_at=clock.at + 5)
    told = Waiting(count=2, due=0, first=clock.at + 5, last=clock.at + GRACE)
    assert (ledger.waiting(POSTMAN), ledger.waiting(["bill"])) == (told, Waiting())
    assert second.sent_at == clock.at
    clock.at += 5
    assert ledger.waiting(POSTMAN) == replace(told, due=1)


def test_a_wait_that_was_asked_for_is_kept(received, clock):
    ledger = received()
    settle(ledger, sent(ledger), S.READY, not_before=clock.at + 1000)
    assert ledger.next_send(POSTMAN) == {TARGET: clock.at + 1000}
    assert ledger.claim(POSTMAN, TARGET, 1, "B") == []
    clock.at += 1000
    assert len(ledger.claim(POSTMAN, TARGET, 1, "B")) == 1


def test_a_change_before_the_first_sending_replaces_the_revision(received, arrival, place):
    ledger = received()
    assert ledger.receive("postman", [arrival(content="b")], place) == Receipt(changed=1)
    (new,) = ledger.claim(POSTMAN, TARGET, 1, "B")
    assert b'"b"' in new.payload


@pytest.mark.parametrize("wait", [(), ("held at its source",)])
def test_what_is_not_sent_yet_is_sent_as_the_source_told_it_last(ledger, arrival, place, wait):
    """A payment is no other content, but the status that is sent is the last one."""
    first, paid = arrival(), replace(arrival(), payload=b'{"ID":"inv_1","Status":"PAID"}')
    ledger.receive("postman", [replace(first, held=wait)], place)
    assert ledger.receive("postman", [paid], place) == Receipt(changed=1)
    assert ledger.receive("postman", [paid], place) == Receipt(unchanged=1)
    (claim,) = ledger.claim(POSTMAN, TARGET, 10, "B")
    assert claim.payload == paid.payload
    settle(ledger, [claim], S.DELIVERED)
    assert ledger.receive("postman", [first], place) == Receipt(unchanged=1)


def test_a_change_after_delivery_is_a_conflict_and_is_not_sent(received, arrival, place):
    ledger = received()
    settle(ledger, sent(ledger), S.DELIVERED)
    assert ledger.receive("postman", [arrival(content="b")], place) == Receipt(changed=1)
    assert states(ledger) == {"inv_1": S.CONFLICT}
    assert ledger.claim(POSTMAN, TARGET, 1, "B") == []
    assert [story.document["state"] for story in ledger.stories("postman", "inv_1")] == [S.DELIVERED, S.CONFLICT]
    assert ledger.receive("postman", [arrival(content="b")], place) == Receipt(unchanged=1)


@pytest.mark.parametrize(
    ("fate", "becomes"), [(S.DELIVERED, S.CONFLICT), (S.REJECTED, S.READY), (S.READY, S.READY), (S.AMBIGUOUS, S.HELD)]
)
def test_a_change_while_the_fate_is_unknown_waits_for_it(received, arrival, place, fate, becomes):
    ledger = received()
    claims = sent(ledger)
    ledger.receive("postman", [arrival(content="b")], place)
    assert states(ledger) == {"inv_1": S.HELD}
    settle(ledger, claims, fate, look_at=0)
    ledger.release_held()
    assert states(ledger) == {"inv_1": becomes}
    claimed = ledger.claim(POSTMAN, TARGET, 10, "B")
    assert [b'"b"' in claim.payload for claim in claimed] == ([True] if becomes is S.READY else [])


def test_the_database_itself_refuses_a_second_live_document_of_a_key(received, sql):
    received()
    with pytest.raises(IntegrityError):
        sql(
            """INSERT INTO document (source, source_id, revision, target, doc_key, live_key, record, digest, state, received_at, changed_at)
               SELECT source, source_id, 2, target, doc_key, doc_key, record, digest, 'SENDING', 0, 0 FROM document"""
        )


def test_the_database_itself_refuses_a_live_document_that_does_not_stand_for_its_key(received, sql):
    ledger = received()
    with pytest.raises(IntegrityError, match=r"while.it.is.live"):
        sql("UPDATE document SET live_key = NULL")
    settle(ledger, sent(ledger), S.REJECTED)
    with pytest.raises(IntegrityError, match=r"while.it.is.live"):
        sql("UPDATE document SET state = 'DELIVERED'")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM history",
        "UPDATE history SET why = 'x'",
        "DELETE FROM attempt",
        "UPDATE attempt SET outcome = 'y'",
        "DELETE FROM actor",
        "UPDATE actor SET who = 'z'",
    ],
)
def test_history_attempts_and_actors_cannot_be_rewritten(received, sql, statement):
    ledger = received()
    settle(ledger, sent(ledger), S.DELIVERED, outcome="delivered")
    with pytest.raises(IntegrityError, match=r"kept|settled once"):
        sql(statement)


def test_delivered_invoices_that_were_read_back_are_confirmed(received):
    ledger = received(2)
    first, second = sent(ledger)
    settle(ledger, [first], S.DELIVERED)
    assert ledger.confirm([first.id, second.id]) == 1
    assert states(ledger) == {"inv_1": S.CONFIRMED, "inv_2": S.SENDING}


def test_retrying_enters_a_new_revision_of_what_was_rejected(received, arrival):
    ledger = received()
    settle(ledger, sent(ledger), S.REJECTED)
    assert [one.source_id for one in ledger.refused("postman")] == ["inv_1"]
    assert ledger.renew("postman", [arrival()]) == Receipt(changed=1)
    assert states(ledger) == {"inv_1": S.READY}
    assert ledger.refused("postman") == []


def test_a_key_that_another_source_has_live_is_quarantined(received, arrival, place):
    ledger = received()
    ledger.receive("other", [arrival(source="other")], place)
    assert [entry.state for entry in ledger.entries(["other"])] == [S.QUARANTINED]


def test_a_reopened_ledger_knows_everything(received, open_ledger):
    settle(received(2), sent(open_ledger(), count=1), S.DELIVERED)
    assert states(open_ledger()) == {"inv_1": S.DELIVERED, "inv_2": S.READY}


def test_the_tables_of_the_migrations_are_those_of_the_program(ledger):
    there = inspect(ledger._engine)
    assert set(there.get_table_names()) == {*METADATA.tables, "schema_version"}
    for table in METADATA.tables.values():
        assert {column["name"] for column in there.get_columns(table.name)} == set(table.columns.keys())
