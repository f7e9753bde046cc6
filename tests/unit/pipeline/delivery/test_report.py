"""Everything read is in exactly one place, and the report says so or says that it is not."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.delivery.collect import READ, Collected
from pipeline.delivery.report import (
    MOST_REASONS,
    OTHER,
    PARTS,
    PLACES,
    RARE,
    Tally,
    Troubles,
    count,
    together,
)
from pipeline.delivery.scratch import Row
from pipeline.delivery.sync import Result
from pipeline.ledger.rows import Entry, Waiting
from pipeline.ledger.states import State
from pipeline.model.stops import Misconfigured, Unavailable

S = State


def entry(source_id, state, *, amount="1.00", reasons=()):
    return Entry(
        source="postman",
        source_id=source_id,
        revision=1,
        doc_key=source_id,
        state=state,
        currency="USD",
        amount=Decimal(amount),
        reasons=reasons,
        due=None,
    )


def read(*ids, worth=None, **more):
    """What a run has read: these ids, some of them worth something."""
    found = Collected(**more)
    amounts = worth or {}
    rows = [Row(one, READ, "USD" if one in amounts else None, amounts.get(one)) for one in ids]
    found.read = found.seen.add(rows)
    return found


def tally(collected, entries):
    return count(collected, entries, 0).tally


def troubles(entries):
    found = Troubles()
    for one in entries:
        found.add(one)
    return found.groups()


def test_every_state_but_superseded_has_one_place():
    assert set(PLACES) == set(State) - {S.SUPERSEDED}
    assert set(PLACES.values()) == {*PARTS, *RARE}


@pytest.mark.parametrize("state", sorted(PLACES))
def test_an_invoice_counts_in_the_place_of_its_state(state):
    counted = tally(read("a"), [entry("a", state)])
    assert getattr(counted, PLACES[state]) == 1
    assert counted.holds


def test_an_invoice_that_was_read_but_is_nowhere_breaks_the_equation():
    """P23: the equation of every report."""
    counted = tally(read("a", "b"), [entry("a", S.DELIVERED)])
    assert not counted.holds
    assert "2 read IS NOT 1 delivered" in counted.equation


def test_what_was_not_read_in_this_run_is_not_counted():
    assert tally(read("a"), [entry("a", S.DELIVERED), entry("b", S.DELIVERED)]).delivered == 1


def test_sums_are_exact_and_per_currency_and_only_of_what_is_in_sap():
    entries = [entry("a", S.DELIVERED, amount="0.10"), entry("b", S.CONFIRMED, amount="0.20"), entry("c", S.REJECTED)]
    assert tally(read("a", "b", "c"), entries).as_json()["sums"] == {"USD": "0.30"}


REHEARSED = {
    # what is rehearsed, by its id: what would become of it in the ledger, what it needs; where it counts
    "ready": (S.READY, "", "pending"),
    "in SAP": (S.CONFIRMED, "", "delivered"),
    "changed": (S.CONFLICT, "", "conflicts"),
    "unsound": (S.QUARANTINED, "", "quarantined"),
    "held": (S.HELD, "", "held"),
    "needs one that goes": (S.HELD, "ready", "pending"),
    "needs one that needs one that goes": (S.HELD, "needs one that goes", "pending"),
    "needs one that is held": (S.HELD, "held", "held"),
    "needs one that is nowhere": (S.HELD, "nowhere", "held"),
    "needs itself": (S.HELD, "needs itself", "held"),
}


def test_a_rehearsal_counts_what_would_become_of_each_record():
    rehearsed = Collected(read=len(REHEARSED))
    rehearsed.seen.add(Row(one, READ, "USD", Decimal(5), needs, state) for one, (state, needs, _) in REHEARSED.items())
    counted = tally(rehearsed, [entry("changed", S.DELIVERED)])
    places = Counter(place for _, _, place in REHEARSED.values())
    assert {place: getattr(counted, place) for place in places} == places
    assert counted.pending_sums == {"USD": Decimal(5) * places["pending"]}
    assert counted.holds


def test_sources_add_up():
    one = Tally(read=2, delivered=2, sums={"USD": Decimal(1)})
    two = Tally(read=1, rejected=1, sums={"EUR": Decimal(2), "USD": Decimal(3)})
    total = together([one, two])
    assert (total.read, total.delivered, total.rejected) == (3, 2, 1)
    assert total.sums == {"EUR": Decimal(2), "USD": Decimal(4)}


def test_reasons_are_grouped_and_the_most_frequent_comes_first():
    entries = [
        entry("inv_1", S.REJECTED, reasons=("inv_1 is late",)),
        entry("inv_2", S.REJECTED, reasons=("inv_2 is late", "and wrong")),
        entry("inv_3", S.QUARANTINED, reasons=("id: is missing",)),
        entry("inv_4", S.DELIVERED, reasons=("old",)),
    ]
    found = troubles(entries)
    assert [(one.count, one.place, one.reason) for one in found] == [
        (2, "rejected", "<id> is late"),
        (1, "quarantined", "id: is missing"),
        (1, "rejected", "and wrong"),
    ]
    assert found[0].examples == ("inv_1", "inv_2")


CODES = [
    # tally                                       stops                  interrupted  code
    (Tally(read=1, delivered=1),                  [],                    False,       0),
    (Tally(),                                     [],                    False,       0),
    (Tally(read=2, delivered=1),                  [Misconfigured("x")],  True,        1),
    (Tally(read=1, delivered=1),                  [Misconfigured("x")],  True,        130),
    (Tally(read=1, pending=1),                    [Misconfigured("x")],  False,       2),
    (Tally(read=1, rejected=1),                   [],                    False,       3),
    (Tally(read=1, quarantined=1),                [],                    False,       3),
    (Tally(read=1, conflicts=1),                  [],                    False,       3),
    (Tally(read=2, rejected=1, ambiguous=1),      [],                    False,       4),
    (Tally(read=1, pending=1),                    [Unavailable("x")],    False,       5),
    (Tally(read=1, pending=1),                    [],                    False,       5),
    (Tally(read=1, held=1),                       [],                    False,       0),
]  # fmt: skip


@pytest.mark.parametrize(("counted", "stops", "interrupted", "code"), CODES)
def test_the_exit_code_tells_the_worst_that_happened(counted, stops, interrupted, code):
    result = Result(
        tallies={"postman": counted}, stops=stops, interrupted=interrupted, unknown_fields={"postman": Counter()}
    )
    assert result.exit_code == code


def test_what_waits_is_told_with_its_reason_and_days_make_no_reasons_of_their_own():
    held = [entry(f"p{day}", S.HELD, reasons=(f"dated in the future, on 2026-12-0{day}",)) for day in range(1, 4)]
    (group,) = troubles(held)
    assert (group.place, group.reason, group.count) == ("held", "dated in the future, on <day>", 3)


def test_however_many_reasons_there_are_only_so_many_are_told_apart():
    found = troubles(
        entry(f"r{number}", S.REJECTED, reasons=(f"reason {number}",)) for number in range(MOST_REASONS + 5)
    )
    assert len(found) == MOST_REASONS + 1
    assert (found[0].reason, found[0].count) == (OTHER, 5)


GONE = [(False, 2), (True, 0)]


@pytest.mark.parametrize(("is_incremental", "gone"), GONE)
def test_what_a_source_that_gives_everything_did_not_give_is_gone(is_incremental, gone):
    """P18: an invoice that its source lists no longer is told, and counted nowhere else."""
    entries = [entry(one, S.DELIVERED) for one in "abc"]
    counted = count(read("b", is_incremental=is_incremental), entries, 0)
    assert (counted.gone, counted.tally.delivered, counted.tally.holds) == (gone, 1, True)


CARRIED = {
    # what becomes of an invoice that a source did not give this time: whether it counts, where a source gives
    # everything, and where it gives only what has changed
    S.DELIVERED: (False, False),
    S.CONFIRMED: (False, False),
    S.AMBIGUOUS: (True, True),
    S.RESOLVING: (True, True),
    S.SENDING: (True, True),
    S.READY: (True, True),
    S.CONFLICT: (True, True),
    S.VANISHED: (True, True),
    S.REJECTED: (False, True),
    S.QUARANTINED: (False, True),
    S.HELD: (False, True),
}


@pytest.mark.parametrize("is_incremental", [False, True])
@pytest.mark.parametrize("state", CARRIED)
def test_what_is_unsettled_counts_though_its_source_did_not_give_it(state, is_incremental):
    """P23: a run does not end well while an invoice may be in SAP that its source lists no longer."""
    counted = tally(read(is_incremental=is_incremental), [entry("a", state)])
    assert counted.carried == getattr(counted, PLACES[state]) == CARRIED[state][is_incremental]
    assert counted.holds


@pytest.mark.parametrize("is_incremental", [False, True])
def test_what_a_run_has_brought_to_sap_counts_whoever_had_read_it(is_incremental):
    """P23: what an interrupted run had read is sent by the next one, and is in its numbers and sums."""
    earlier = [replace(entry(one, S.DELIVERED), changed_at=at) for one, at in (("a", 10), ("b", 11))]
    counted = count(read(is_incremental=is_incremental), earlier, 1, since=10).tally
    assert (counted.carried, counted.delivered, counted.sums) == (1, 1, {"USD": Decimal("1.00")})
    assert counted.equation.startswith("0 read + 1 carried over = 1 delivered")


def test_a_run_does_not_end_well_while_anything_may_be_in_sap():
    """Also where its source could not be read, or what it gives by now waits for the fate of what it gave before."""
    assert Result(tallies={"postman": Tally(read=1, held=1)}, waiting=Waiting(count=1)).exit_code == 4


def test_what_was_accepted_as_sap_has_it_is_missed_by_nobody():
    assert count(read("a"), [entry("a", S.DELIVERED), entry("b", S.ACCEPTED)], 0).gone == 0
