"""What waits, and why, and what lets it go: its source, or another document."""

from dataclasses import replace

import pytest

from pipeline.ledger.receiving import CHANGED, NEEDS
from pipeline.ledger.rows import Verdict
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
    assert ledger.release_held() == 0
    assert deliver(ledger) == {"inv_1"}
    assert ledger.release_held() == 1
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
    assert ledger.release_held() == 0
    ledger.receive("postman", [replace(both, held=())], place)
    assert deliver(ledger) == {"inv_2"}


def test_what_is_held_while_an_earlier_revision_may_be_in_sap_enters_later(ledger, arrival, place):
    ledger.receive("postman", [arrival(content="a")], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    changed = replace(arrival(content="b"), held=("not committed",))
    ledger.receive("postman", [changed], place)
    assert states(ledger)["inv_1"][0] is S.SENDING
    ledger.settle([Verdict(claim=claim, after=S.REJECTED)])
    ledger.receive("postman", [changed], place)
    assert states(ledger)["inv_1"] == (S.HELD, ("not committed",))


@pytest.mark.parametrize("fate", [S.READY, S.REJECTED])
def test_what_waited_for_an_earlier_revision_and_is_read_again_takes_its_place(ledger, arrival, place, fate):
    ledger.receive("postman", [arrival(content="a")], place)
    (claim,) = ledger.claim(ONE, TARGET, 1, "me")
    ledger.receive("postman", [arrival(content="b")], place)
    ledger.settle([Verdict(claim=claim, after=fate)])
    assert ledger.receive("postman", [arrival(content="b")], place).unchanged == 1
    first, second = ledger.stories("postman", "inv_1")
    assert (first.document["state"], second.document["state"]) == (S.SUPERSEDED, S.READY)
    assert ledger.release_held() == 0


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
