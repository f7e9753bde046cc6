"""What waits, and why, and what lets it go: its source, or another document."""

from dataclasses import replace

import pytest

from pipeline.ledger.receiving import CANCELLED, CHANGED, NEEDS, TAKEN, WAITS
from pipeline.ledger.rows import Receipt, Verdict
from pipeline.ledger.states import State

TARGET = "ZINVOICE_SRV/Invoices"
S = State
ONE = ["postman"]


def states(ledger):
    return {entry.source_id: (entry.state, entry.reasons) for entry in ledger.entries(ONE)}


def deliver(ledger):
    claims = ledger.claim(ONE, TARGET, 10, "me")
    ledger.settle([Verdict(claim=claim, after=S.DELIVERED) for claim in claims])
    return {claim.source_id for claim in claims}


def test_what_its_source_holds_is_not_sent_and_says_why(ledger, arrival, place):
    ledger.receive("postman", [replace(arrival(), held=("not committed",))], place)
    ledger.release_held()
    assert states(ledger) == {"inv_1": (S.HELD, ("not committed",))}
    assert deliver(ledger) == set()


def test_it_goes_as_soon_as_its_source_lets_it_go(ledger, arrival, place):
    ledger.receive("postman", [replace(arrival(), held=("not committed",))], place)
    receipt = ledger.receive("postman", [arrival()], place)
    assert (receipt.new, receipt.unchanged, receipt.changed) == (0, 1, 0)
    assert deliver(ledger) == {"inv_1"}
    assert [len(story.history) for story in ledger.stories("postman", "inv_1")] == [6]


def test_another_reason_to_wait_is_written_down(ledger, arrival, place):
    ledger.receive("postman", [replace(arrival(), held=("not committed",))], place)
    ledger.receive("postman", [replace(arrival(), held=("dated in the future",))], place)
    assert states(ledger) == {"inv_1": (S.HELD, ("dated in the future",))}


def test_other_content_takes_the_place_of_what_is_held(ledger, arrival, place):
    ledger.receive("postman", [replace(arrival(content="a"), held=("not committed",))], place)
    assert ledger.receive("postman", [arrival(content="b")], place).changed == 1
    assert deliver(ledger) == {"inv_1"}


def test_a_reversal_waits_for_what_it_reverses_and_goes_after_it_in_the_same_run(ledger, arrival, place):
    ledger.receive("postman", [arrival("inv_1"), replace(arrival("inv_2"), needs="inv_1")], place)
    assert states(ledger)["inv_2"] == (S.HELD, (NEEDS.format("inv_1"),))
    assert not ledger.release_held()
    assert deliver(ledger) == {"inv_1"}
    assert ledger.release_held() == {S.READY: 1}
    assert deliver(ledger) == {"inv_2"}


def test_a_reversal_of_what_is_in_sap_does_not_wait(ledger, arrival, place):
    ledger.receive("postman", [arrival("inv_1")], place)
    deliver(ledger)
    ledger.receive("postman", [replace(arrival("inv_2"), needs="inv_1")], place)
    assert deliver(ledger) == {"inv_2"}


@pytest.mark.parametrize("needed", ["inv_9", "inv_2"])
def test_a_reversal_of_what_nobody_knows_waits(ledger, arrival, place, needed):
    ledger.receive("postman", [replace(arrival("inv_2"), needs=needed)], place)
    ledger.release_held()
    assert deliver(ledger) == set()


def test_what_both_needs_another_one_and_is_held_waits_for_both(ledger, arrival, place):
    both = replace(arrival("inv_2"), needs="inv_1", held=("not committed",))
    ledger.receive("postman", [both], place)
    ledger.receive("postman", [arrival("inv_1")], place)
    deliver(ledger)
    assert not ledger.release_held()
    ledger.receive("postman", [replace(both, held=())], place)
    assert deliver(ledger) == {"inv_2"}


@pytest.mark.parametrize(
    ("fate", "end"),
    [
        (S.REJECTED, (S.HELD, ("cancelled before",))),
        (S.READY, (S.HELD, ("cancelled before",))),
        (S.DELIVERED, (S.CONFLICT, (CANCELLED,))),
    ],
)
def test_a_cancellation_is_kept_while_the_earlier_revision_may_be_in_sap(ledger, arrival, place, fate, end):
    ledger.receive("postman", [arrival(content="a")], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.receive("postman", [replace(arrival(content="b"), held=("cancelled before",), cancelled=True)], place)
    ledger.settle([Verdict(claim=claim, after=fate)])
    ledger.release_held()
    assert states(ledger)["inv_1"] == end
    assert deliver(ledger) == set()


def test_a_cancellation_takes_the_place_of_what_waits_behind_a_doubt(ledger, arrival, place):
    ledger.receive("postman", [arrival(content="a")], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.receive("postman", [arrival(content="b")], place)
    ledger.receive("postman", [replace(arrival(content="c"), held=("cancelled before",), cancelled=True)], place)
    ledger.settle([Verdict(claim=claim, after=S.READY)])
    assert states(ledger)["inv_1"] == (S.HELD, ("cancelled before",))
    assert deliver(ledger) == set()


def test_what_its_source_commits_no_longer_waits_again(ledger, arrival, place):
    ledger.receive("postman", [arrival()], place)
    ledger.receive("postman", [replace(arrival(), held=("not committed",))], place)
    assert states(ledger)["inv_1"] == (S.HELD, ("not committed",))
    assert deliver(ledger) == set()
    ledger.receive("postman", [arrival()], place)
    assert deliver(ledger) == {"inv_1"}


def settled_as_ready(ledger, claim):
    ledger.settle([Verdict(claim=claim, after=S.READY)])


def looked_up_and_absent(ledger, claim):
    ledger.settle([Verdict(claim=claim, after=S.AMBIGUOUS, look_at=0)])
    (look,) = ledger.looks(ONE, 1, "me")
    ledger.settle([Verdict(claim=look, after=S.READY)], before=S.RESOLVING)


@pytest.mark.parametrize("becomes_ready", [settled_as_ready, looked_up_and_absent])
@pytest.mark.parametrize("reasons", [(), ("no sound invoice any more",)])
def test_what_sap_did_not_take_gives_way_at_once_to_what_its_source_says_by_now(
    ledger, open_ledger, arrival, place, *, becomes_ready, reasons
):
    """P18: no other worker gets hold of the earlier revision in between, nor after a crash."""
    ledger.receive("postman", [arrival(content="a")], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    newest = arrival(content="b", reasons=reasons)
    ledger.receive("postman", [newest], place)
    becomes_ready(ledger, claim)
    assert [claim.payload for claim in open_ledger().claim(ONE, TARGET, 9, "other")] == [
        newest.payload
    ] * newest.is_sound


def test_what_waits_behind_a_refused_revision_is_work_although_its_worker_died(ledger, arrival, place):
    ledger.receive("postman", [arrival(content="a")], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.receive("postman", [arrival(content="b")], place)
    assert ledger.targets_with_work(1) == []
    ledger.settle([Verdict(claim=claim, after=S.REJECTED)])
    assert ledger.targets_with_work(1) == [TARGET]


def test_a_reversal_whose_original_has_come_is_work_although_its_worker_died(ledger, arrival, place):
    ledger.receive("postman", [arrival("inv_1"), replace(arrival("inv_2"), needs="inv_1")], place)
    deliver(ledger)
    assert ledger.targets_with_work(1) == [TARGET]


def test_a_reversal_that_waited_behind_a_doubt_still_waits_for_what_it_reverses(ledger, arrival, place):
    ledger.receive("postman", [arrival("inv_2", content="a")], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.receive("postman", [replace(arrival("inv_2", content="b"), needs="inv_1")], place)
    assert states(ledger)["inv_2"] == (S.HELD, (WAITS, NEEDS.format("inv_1")))
    ledger.settle([Verdict(claim=claim, after=S.READY)])
    assert states(ledger)["inv_2"] == (S.HELD, (NEEDS.format("inv_1"),))
    ledger.receive("postman", [arrival("inv_1")], place)
    assert deliver(ledger) == {"inv_1"}
    ledger.release_held()
    assert deliver(ledger) == {"inv_2"}


def vanishes(ledger, number):
    ledger.vanished([number], "not shown")


def is_altered(ledger, number):
    ledger.conflicted({number: ("Value",)})


@pytest.mark.parametrize("leaves", [vanishes, is_altered])
def test_a_reversal_waits_again_where_what_it_reverses_is_not_in_sap_any_more(ledger, arrival, place, leaves):
    ledger.receive("postman", [arrival("inv_1"), replace(arrival("inv_2"), needs="inv_1")], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.settle([Verdict(claim=claim, after=S.DELIVERED)])
    ledger.release_held()
    assert states(ledger)["inv_2"][0] is S.READY
    leaves(ledger, claim.id)
    assert states(ledger)["inv_2"] == (S.HELD, (NEEDS.format("inv_1"),))
    assert not ledger.release_held()
    assert deliver(ledger) == set()


def test_a_reversal_of_what_a_person_accepted_as_sap_has_it_goes(ledger, arrival, place):
    reversal = replace(arrival("inv_2"), needs="inv_1")
    ledger.receive("postman", [arrival("inv_1"), reversal], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.settle([Verdict(claim=claim, after=S.DELIVERED)])
    ledger.conflicted({claim.id: ("Value",)})
    assert not ledger.release_held()
    ledger.accept("postman", "inv_1", "the accountant is right")
    assert ledger.release_held() == {S.READY: 1}
    assert deliver(ledger) == {"inv_2"}


def test_what_would_go_on_under_a_key_that_another_invoice_has_by_now_is_set_aside(ledger, arrival, place):
    ledger.receive("postman", [arrival(content="a")], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.receive("postman", [arrival(content="b")], place)
    ledger.settle([Verdict(claim=claim, after=S.REJECTED)])
    ledger.receive("bill", [replace(arrival("x", source="bill"), doc_key="inv_1")], place)
    ledger.release_held()
    assert states(ledger)["inv_1"] == (S.QUARANTINED, (TAKEN,))


def test_two_invoices_of_a_source_with_one_key_are_never_both_sent(ledger, arrival, place):
    ledger.receive("postman", [arrival("inv_1")], place)
    ledger.receive("postman", [replace(arrival("inv_2"), doc_key="inv_1")], place)
    assert states(ledger)["inv_2"] == (S.QUARANTINED, (TAKEN,))
    assert deliver(ledger) == {"inv_1"}


def test_a_delivered_record_that_is_mapped_otherwise_by_now_is_no_change_at_its_source(ledger, arrival, place):
    """P18: an edit of the mapping file touches nothing that has been sent."""
    ledger.receive("postman", [arrival()], place)
    deliver(ledger)
    mapped = replace(arrival(), digest="mapped otherwise", payload=b"{}")
    assert ledger.rehearse("postman", [mapped])[0] == ledger.receive("postman", [mapped], place) == Receipt(unchanged=1)
    assert states(ledger)["inv_1"] == (S.DELIVERED, ())


def test_asking_again_does_not_overtake_what_came_since_the_record_was_judged(ledger, arrival, place):
    """P18: the record that was judged is not the newest any more."""
    ledger.receive("postman", [arrival(content="a")], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.settle([Verdict(claim=claim, after=S.REJECTED)])
    judged, newer = arrival(content="a"), arrival(content="b")
    ledger.receive("postman", [newer], place)
    assert ledger.renew("postman", [judged]) == Receipt(unchanged=1)
    assert [claim.payload for claim in ledger.claim(ONE, TARGET, 9, "me")] == [newer.payload]


@pytest.mark.parametrize("fate", [S.READY, S.REJECTED])
def test_what_waited_for_an_earlier_revision_and_is_read_again_takes_its_place(ledger, arrival, place, fate):
    ledger.receive("postman", [arrival(content="a")], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.receive("postman", [arrival(content="b")], place)
    ledger.settle([Verdict(claim=claim, after=fate)])
    assert ledger.receive("postman", [arrival(content="b")], place).unchanged == 1
    first, second = ledger.stories("postman", "inv_1")
    assert (first.document["state"], second.document["state"]) == (S.SUPERSEDED, S.READY)
    assert not ledger.release_held()


def test_what_waited_for_an_earlier_revision_that_has_vanished_is_for_a_person_and_not_sent(ledger, arrival, place):
    """P5: nothing that waited goes in the place of what SAP took and does not show; asked for, the newest goes once."""
    ledger.receive("postman", [arrival(content="a")], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.receive("postman", [arrival(content="b")], place)
    ledger.settle([Verdict(claim=claim, after=S.DELIVERED)])
    ledger.vanished([claim.id], "not shown")
    ledger.release_held()
    assert states(ledger)["inv_1"] == (S.CONFLICT, (CHANGED,))
    assert deliver(ledger) == set()
    assert ledger.renew("postman", [arrival(content="b")]).changed == 1
    assert deliver(ledger) == {"inv_1"}
