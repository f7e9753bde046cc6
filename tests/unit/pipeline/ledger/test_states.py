"""The transition table holds what it promises."""

import pytest

from pipeline.ledger.states import (
    FOR_A_PERSON,
    IN_SAP,
    LIVE,
    OUTSIDE_SAP,
    PERHAPS_IN_SAP,
    START,
    TRANSITIONS,
    ForbiddenTransition,
    State,
    check,
    path_to,
)

S = State


def reachable(start):
    found, todo = set(), [start]
    while todo:
        state = todo.pop()
        if state not in found:
            found.add(state)
            todo += TRANSITIONS[state]
    return found


def test_every_state_can_be_reached():
    assert reachable(START) == set(State)


def test_every_state_has_its_row():
    assert set(TRANSITIONS) == set(State)


def test_from_perhaps_in_sap_back_to_send_again_there_are_two_ways_and_no_third():
    ways = {before: why for before in PERHAPS_IN_SAP for after, why in TRANSITIONS[before].items() if after is S.READY}
    assert ways == {
        S.SENDING: "SAP provably did nothing",
        S.RESOLVING: "looked after the grace period, and absent",
    }


def test_what_is_in_sap_is_neither_sent_nor_superseded_unless_sap_or_a_person_says_otherwise():
    for state in IN_SAP:
        assert set(TRANSITIONS[state]) <= {S.CONFIRMED, *FOR_A_PERSON}
    for state in FOR_A_PERSON:
        assert not set(TRANSITIONS[state]) & {S.READY, S.SENDING, *PERHAPS_IN_SAP}


def test_ambiguity_ends_only_by_looking():
    assert set(TRANSITIONS[S.AMBIGUOUS]) == {S.RESOLVING}


def test_only_what_is_ready_is_sent():
    assert [before for before in State if S.SENDING in TRANSITIONS[before]] == [S.READY]


def test_every_state_but_the_ends_can_still_end_well():
    ends = {S.CONFIRMED, S.SUPERSEDED}
    for state in set(State) - ends:
        assert reachable(state) & ends


def test_a_state_is_in_sap_or_perhaps_or_outside_or_a_persons_matter():
    groups = [IN_SAP, PERHAPS_IN_SAP, OUTSIDE_SAP, FOR_A_PERSON, {S.SUPERSEDED}]
    assert set().union(*groups) == set(State)
    assert sum(map(len, groups)) == len(State)
    assert LIVE >= IN_SAP | PERHAPS_IN_SAP


@pytest.mark.parametrize("before", State)
def test_what_the_table_does_not_know_is_refused(before):
    for after in set(State) - set(TRANSITIONS[before]):
        with pytest.raises(ForbiddenTransition):
            check(before, after)
    for after in TRANSITIONS[before]:
        check(before, after)


@pytest.mark.parametrize("state", [S.READY, S.QUARANTINED, S.HELD, S.CONFLICT])
def test_a_record_enters_by_allowed_steps(state):
    assert path_to(state)[0] is START
    assert path_to(state)[-1] is state
