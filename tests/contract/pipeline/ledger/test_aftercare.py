"""What SAP was seen to show later, what a person decided, and a ledger that may not be believed."""

from dataclasses import replace

import pytest
from sqlalchemy import make_url

from pipeline.ledger.dispatch import Distrusted
from pipeline.ledger.rows import Receipt, Verdict
from pipeline.ledger.states import CHANGED_THERE, UNSENT, State

TARGET = "ZINVOICE_SRV/Invoices"
S = State
ONE = ["postman"]


@pytest.fixture
def delivered(ledger, arrival, place):
    """A ledger with so many delivered invoices, and their ids."""

    def start(count=1):
        ledger.receive("postman", [arrival(f"inv_{number}") for number in range(1, count + 1)], place)
        claims = ledger.claim(ONE, TARGET, count, "me")
        ledger.settle([Verdict(claim=claim, after=S.DELIVERED, outcome="delivered") for claim in claims])
        return ledger, [claim.id for claim in claims]

    return start


def states(ledger):
    return {entry.source_id: entry.state for entry in ledger.entries(ONE)}


def test_what_was_delivered_long_enough_ago_can_be_confirmed_by_one_owner_at_a_time(delivered, clock):
    ledger, ids = delivered(3)
    assert ledger.confirmable(ONE, 9, "A", clock.at) == []
    clock.at += 1
    first = ledger.confirmable(ONE, 2, "A", clock.at)
    assert [claim.id for claim in first] == ids[:2]
    assert [claim.id for claim in ledger.confirmable(ONE, 9, "B", clock.at)] == ids[2:]
    assert ledger.confirmable(ONE, 9, "A", clock.at) == []
    assert ledger.unconfirmed_targets(ONE, clock.at) == [TARGET]
    assert ledger.confirm(ids) == 3
    assert ledger.unconfirmed_targets(ONE, clock.at + 1) == []


def test_each_target_is_read_back_for_itself_whatever_waits_at_another(ledger, arrival, place, clock):
    arrivals = [arrival("inv_1"), replace(arrival("inv_2"), target="ZJOURNAL_SRV/JournalEntries")]
    ledger.receive("postman", arrivals, place)
    for one in arrivals:
        (claim,) = ledger.claim(ONE, one.target, 1, "me")
        ledger.settle([Verdict(claim=claim, after=S.DELIVERED)])
    later = clock.at + 1
    assert ledger.unconfirmed_targets(ONE, later) == [one.target for one in arrivals]
    assert [claim.source_id for claim in ledger.confirmable(ONE, 9, "A", later, target=TARGET)] == ["inv_1"]
    assert [claim.source_id for claim in ledger.confirmable(ONE, 9, "B", later)] == ["inv_2"]


def test_what_nobody_confirmed_is_free_again_when_its_owner_lets_go(delivered, clock):
    ledger, ids = delivered(1)
    ledger.confirmable(ONE, 1, "A", clock.at + 1)
    ledger.release("A")
    assert [claim.id for claim in ledger.confirmable(ONE, 1, "B", clock.at + 1)] == ids


@pytest.mark.parametrize("confirmed", [False, True])
def test_what_sap_does_not_show_has_vanished_and_can_be_sent_again_only_when_asked_for(
    delivered, arrival, place, *, confirmed
):
    ledger, ids = delivered(1)
    if confirmed:
        ledger.confirm(ids)
    assert ledger.vanished(ids, "not shown") == 1
    assert states(ledger) == {"inv_1": S.VANISHED}
    assert ledger.receive("postman", [arrival()], place) == Receipt(unchanged=1)
    assert ledger.claim(ONE, TARGET, 1, "me") == []
    assert ledger.renew("postman", [arrival()]) == Receipt(changed=1)
    assert states(ledger) == {"inv_1": S.READY}
    assert len(ledger.claim(ONE, TARGET, 1, "me")) == 1


def changed_while_in_doubt(ledger, arrival, place):
    """A revision that waits behind one that SAP turns out not to have."""
    ledger.receive("postman", [arrival()], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.settle([Verdict(claim=claim, after=S.AMBIGUOUS, look_at=0)])
    ledger.receive("postman", [arrival(content="b")], place)
    (look,) = ledger.looks(ONE, 1, "me")
    ledger.settle([Verdict(claim=look, after=S.DELIVERED)], before=S.RESOLVING)
    ledger.vanished([claim.id], "not shown")


def changed_after_it_vanished(ledger, arrival, place):
    """A revision that came when SAP did not show the earlier one any more."""
    ledger.receive("postman", [arrival()], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.settle([Verdict(claim=claim, after=S.DELIVERED)])
    ledger.vanished([claim.id], "not shown")
    ledger.receive("postman", [arrival(content="b")], place)


@pytest.mark.parametrize("changed", [changed_while_in_doubt, changed_after_it_vanished])
def test_what_is_sent_again_is_what_its_source_said_last(ledger, arrival, place, clock, changed):
    """P5, P18: not the revision that vanished, where a newer one came."""
    changed(ledger, arrival, place)
    newest = arrival(content="b")
    assert ledger.record("postman", "inv_1") == newest.record
    clock.at += ledger.grace
    assert [(one.doc_key, one.record) for one in ledger.lost(ONE)] == [("inv_1", newest.record)]
    assert ledger.renew("postman", [newest]) == Receipt(changed=1)
    (claim,) = ledger.claim(ONE, TARGET, 9, "me")
    assert claim.payload == newest.payload


def test_what_vanished_and_is_shown_again_is_confirmed(delivered):
    ledger, ids = delivered(1)
    ledger.vanished(ids, "not shown")
    assert ledger.confirm(ids) == 1
    assert states(ledger) == {"inv_1": S.CONFIRMED}


def test_what_sap_shows_otherwise_is_a_conflict_with_every_difference(delivered):
    ledger, ids = delivered(2)
    assert ledger.conflicted({ids[0]: ("Value", "Currency")}) == 1
    (story,) = ledger.stories("postman", "inv_1")
    assert (story.document["state"], story.document["reasons"]) == (S.CONFLICT, '["Value", "Currency"]')
    assert story.history[-1]["why"] == CHANGED_THERE


def test_a_conflict_that_was_mended_in_sap_is_confirmed_and_one_that_was_removed_may_be_sent_again(
    delivered, arrival, place
):
    ledger, ids = delivered(2)
    ledger.conflicted(dict.fromkeys(ids, ("Value",)))
    ledger.receive("postman", [arrival("inv_2", content="b")], place)
    assert [claim.id for key in ("inv_1", "inv_2") for claim in ledger.missed("postman", key)] == ids
    ledger.mended(ids[:1], ids[1:])
    ledger.renew("postman", [arrival("inv_2", content="b")])
    assert states(ledger) == {"inv_1": S.CONFIRMED, "inv_2": S.READY}
    assert [claim.payload for claim in ledger.claim(ONE, TARGET, 9, "me")] == [arrival("inv_2", content="b").payload]


def test_only_a_conflict_is_mended(delivered):
    ledger, ids = delivered(2)
    ledger.mended(ids[:1], ids[1:])
    assert states(ledger) == {"inv_1": S.DELIVERED, "inv_2": S.DELIVERED}


def test_a_change_of_what_sap_keeps_is_nothing_to_look_for_in_sap(delivered, arrival, place):
    ledger, _ = delivered(1)
    ledger.receive("postman", [arrival(content="b")], place)
    assert ledger.missed("postman", "inv_1") == []


def test_a_person_accepts_a_conflict_with_a_reason_and_it_stays_accepted(delivered, arrival, place):
    ledger, _ = delivered(1)
    ledger.receive("postman", [arrival(content="b")], place)
    assert ledger.accept("postman", "inv_1", "corrected by hand") == 1
    assert states(ledger) == {"inv_1": S.ACCEPTED}
    assert "corrected by hand" in ledger.stories("postman", "inv_1")[1].history[-1]["why"]
    assert ledger.receive("postman", [arrival(content="b")], place) == Receipt(unchanged=1)
    assert ledger.receive("postman", [arrival(content="c")], place) == Receipt(changed=1)
    assert states(ledger) == {"inv_1": S.CONFLICT}


def test_only_a_conflict_can_be_accepted(delivered):
    ledger, _ = delivered(1)
    assert ledger.accept("postman", "inv_1", "why not") == 0
    assert ledger.accept("postman", "nobody", "why not") == 0


def test_what_sap_shows_though_it_was_never_sent_is_looked_up_and_not_sent(ledger, arrival, place):
    ledger.receive("postman", [arrival("inv_1"), arrival("inv_2")], place)
    (one, _) = ledger.unsent(ONE, 2)
    assert ledger.adopt([one.id]) == 1
    assert [claim.source_id for claim in ledger.claim(ONE, TARGET, 9, "A")] == ["inv_2"]
    (look,) = ledger.looks(ONE, 9, "B")
    assert (look.id, look.attempt) == (one.id, "")
    assert ledger.stories("postman", "inv_1")[0].history[-2]["why"] == UNSENT
    ledger.settle([Verdict(claim=look, after=S.DELIVERED)], before=S.RESOLVING)
    assert states(ledger) == {"inv_1": S.DELIVERED, "inv_2": S.SENDING}


def test_a_distrusted_ledger_sends_nothing_until_it_is_trusted_again(ledger, arrival, place, open_ledger):
    """P17: an old copy of a ledger sends nothing until somebody has looked what SAP has."""
    ledger.receive("postman", [arrival()], place)
    ledger.distrust("it is older than SAP; run reconcile --repair")
    with pytest.raises(Distrusted, match="older than SAP"):
        ledger.claim(ONE, TARGET, 1, "A")
    assert open_ledger().distrusted() == "it is older than SAP; run reconcile --repair"
    ledger.trust()
    assert ledger.distrusted() == ""
    assert len(ledger.claim(ONE, TARGET, 1, "A")) == 1


NO_LONGER_KEPT = {
    "sqlite": "DROP TRIGGER IF EXISTS history_stays",
    "postgresql": "ALTER TABLE history DISABLE TRIGGER USER",
}


@pytest.fixture
def put_back(sql, database_url):
    """As if a copy from before anything was sent were put back, or a standby that lags promoted."""

    def run():
        sql(NO_LONGER_KEPT[make_url(database_url).get_backend_name()])
        sql("DELETE FROM history WHERE after IN ('SENDING', 'DELIVERED')")
        sql("UPDATE document SET state = 'READY', attempts = 0, sent_at = NULL, owner = NULL, fence = 0")

    return run


@pytest.fixture
def machine(open_ledger, tmp_path):
    """The ledger as a program on a machine of that name opens it."""
    return lambda name: open_ledger(state=tmp_path / name)


def sent(ledger, arrival, place):
    ledger.receive("postman", [arrival()], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "A")
    ledger.settle([Verdict(claim=claim, after=S.DELIVERED)])


def test_a_worker_notices_that_an_old_copy_was_put_back_under_it_and_sends_nothing(machine, arrival, place, put_back):
    """P17: by what it has sent itself, without opening the ledger anew."""
    ledger = machine("one")
    sent(ledger, arrival, place)
    put_back()
    with pytest.raises(Distrusted, match="an old copy was put back"):
        ledger.claim(ONE, TARGET, 1, "A")
    assert states(ledger) == {"inv_1": S.READY}
    assert "an old copy" in machine("another").distrusted()


def test_one_repair_is_enough_for_all_machines_whatever_they_saw_before_it(machine, arrival, place, put_back):
    """P17: their witnesses know a longer history than there is, of a ledger that was trusted since."""
    sent(machine("one"), arrival, place)
    put_back()
    ledger = machine("two")
    ledger.distrust("SAP shows more")
    ledger.trust()
    assert [machine(name).distrusted() for name in ("two", "one")] == ["", ""]
    assert len(machine("one").claim(ONE, TARGET, 1, "A")) == 1


def test_a_copy_from_before_a_repair_is_older_than_what_was_trusted(machine, sql):
    """P17: though its history may be as long."""
    ledger = machine("one")
    ledger.distrust("SAP shows more")
    ledger.trust()
    sql("UPDATE identity SET trusted_at = 0")
    assert "an old copy" in machine("one").distrusted()


def test_what_a_witness_of_an_earlier_version_saw_still_counts(machine, arrival, place, sql, put_back, tmp_path):
    """P17: one that knows nothing of repairs."""
    sent(machine("one"), arrival, place)
    (witness,) = (tmp_path / "one").iterdir()
    whose, step, _ = witness.read_text().split()
    put_back()
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / witness.name).write_text(f"{whose} {step}\n")
    assert "an old copy" in machine("two").distrusted()


def test_nothing_is_taken_over_beside_a_revision_that_may_be_in_sap(ledger, arrival, place):
    """P18: one revision of a document is live at most."""
    ledger.receive("postman", [arrival()], place)
    ledger.claim(ONE, TARGET, 1, "me")
    ledger.receive("postman", [arrival(content="b")], place)
    waiting = ledger.current("postman", ["inv_1"])["inv_1"]
    assert waiting.state == S.HELD
    assert ledger.adopt([waiting.id]) == 0


def test_of_two_revisions_that_were_never_in_sap_the_newest_is_taken_over(ledger, arrival, place):
    """P18: one revision of a document is live at most."""
    ledger.receive("postman", [arrival()], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.receive("postman", [arrival(content="b")], place)
    ledger.settle([Verdict(claim=claim, after=S.REJECTED)])
    (rejected, waiting) = (story.document for story in ledger.stories("postman", "inv_1"))
    assert (rejected["state"], waiting["state"]) == (S.REJECTED, S.HELD)
    assert ledger.adopt([rejected["id"], waiting["id"]]) == 1
    assert states(ledger) == {"inv_1": S.AMBIGUOUS}
