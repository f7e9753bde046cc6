"""Everything read is in exactly one place, and the report says so or says that it is not."""

from collections import Counter
from decimal import Decimal

import pytest

from pipeline.delivery.collect import Collected
from pipeline.delivery.report import PARTS, PLACES, RARE, Tally, tally, together, troubles
from pipeline.delivery.sync import Result
from pipeline.ledger.rows import Entry
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


def test_every_state_but_superseded_has_one_place():
    assert set(PLACES) == set(State) - {S.SUPERSEDED}
    assert set(PLACES.values()) == {*PARTS, *RARE}


@pytest.mark.parametrize("state", sorted(PLACES))
def test_an_invoice_counts_in_the_place_of_its_state(state):
    counted = tally(Collected(ids={"a"}), [entry("a", state)], 0)
    assert getattr(counted, PLACES[state]) == 1
    assert counted.holds


def test_an_invoice_that_was_read_but_is_nowhere_breaks_the_equation():
    counted = tally(Collected(ids={"a", "b"}), [entry("a", S.DELIVERED)], 0)
    assert not counted.holds
    assert "2 read IS NOT 1 delivered" in counted.equation


def test_what_was_not_read_in_this_run_is_not_counted():
    assert tally(Collected(ids={"a"}), [entry("a", S.DELIVERED), entry("b", S.DELIVERED)], 0).delivered == 1


def test_sums_are_exact_and_per_currency_and_only_of_what_is_in_sap():
    entries = [entry("a", S.DELIVERED, amount="0.10"), entry("b", S.CONFIRMED, amount="0.20"), entry("c", S.REJECTED)]
    assert tally(Collected(ids={"a", "b", "c"}), entries, 0).as_json()["sums"] == {"USD": "0.30"}


def test_a_rehearsal_counts_what_it_did_not_store():
    judged = {"a": ("USD", Decimal(5)), "b": (None, None)}
    counted = tally(Collected(ids={"a", "b"}, judged=judged), [], 0)
    assert (counted.pending, counted.quarantined, counted.holds) == (1, 1, True)
    assert counted.pending_sums == {"USD": Decimal(5)}


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
