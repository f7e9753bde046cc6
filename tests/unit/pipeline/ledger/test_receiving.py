"""What an arriving record does to what is known."""

import pytest

from pipeline.ledger.receiving import CHANGED, TAKEN, WAITS, Revision, plan
from pipeline.ledger.rows import Receipt
from pipeline.ledger.states import State

S = State
NEW, UNCHANGED, OTHER = Receipt(new=1), Receipt(unchanged=1), Receipt(changed=1)


def known(*states):
    """Revisions 1, 2, ... with contents a, b, ..."""
    return [
        Revision(id=number, number=number, state=state, digest=f"inv_1-{'abcdef'[number - 1]}")
        for number, state in enumerate(states, start=1)
    ]


TABLE = [
    # known                        arrives  receipt    enters        superseded
    ((),                           "a",     NEW,       S.READY,      []),
    ((S.READY,),                   "a",     UNCHANGED, None,         []),
    ((S.DELIVERED,),               "a",     UNCHANGED, None,         []),
    ((S.READY,),                   "b",     OTHER,     S.READY,      [1]),
    ((S.QUARANTINED,),             "b",     OTHER,     S.READY,      [1]),
    ((S.REJECTED,),                "b",     OTHER,     S.READY,      [1]),
    ((S.SENDING,),                 "b",     OTHER,     S.HELD,       []),
    ((S.AMBIGUOUS,),               "b",     OTHER,     S.HELD,       []),
    ((S.RESOLVING,),               "b",     OTHER,     S.HELD,       []),
    ((S.DELIVERED,),               "b",     OTHER,     S.CONFLICT,   []),
    ((S.CONFIRMED,),               "b",     OTHER,     S.CONFLICT,   []),
    ((S.CONFLICT,),                "b",     OTHER,     S.CONFLICT,   []),
    ((S.DELIVERED, S.CONFLICT),    "b",     UNCHANGED, None,         []),
    ((S.DELIVERED, S.CONFLICT),    "c",     OTHER,     S.CONFLICT,   [2]),
    ((S.DELIVERED, S.CONFLICT),    "a",     UNCHANGED, None,         [2]),
    ((S.DELIVERED, S.SUPERSEDED),  "a",     UNCHANGED, None,         []),
    ((S.AMBIGUOUS, S.HELD),        "c",     OTHER,     S.HELD,       [2]),
    ((S.AMBIGUOUS, S.HELD),        "a",     UNCHANGED, None,         [2]),
    ((S.READY, S.HELD),            "b",     UNCHANGED, None,         [1]),
    ((S.REJECTED, S.HELD),         "b",     UNCHANGED, None,         [1]),
    ((S.DELIVERED, S.QUARANTINED), "c",     OTHER,     S.CONFLICT,   [2]),
    ((S.SUPERSEDED, S.READY),      "b",     UNCHANGED, None,         []),
    ((S.VANISHED,),                "a",     UNCHANGED, None,         []),
    ((S.VANISHED,),                "b",     OTHER,     S.CONFLICT,   []),
    ((S.ACCEPTED,),                "a",     UNCHANGED, None,         []),
    ((S.ACCEPTED,),                "b",     OTHER,     S.CONFLICT,   []),
    ((S.DELIVERED, S.ACCEPTED),    "b",     UNCHANGED, None,         []),
    ((S.DELIVERED, S.ACCEPTED),    "c",     OTHER,     S.CONFLICT,   [2]),
]  # fmt: skip


@pytest.mark.parametrize(("states", "content", "receipt", "enters", "superseded"), TABLE)
def test_a_sound_record_enters_by_what_is_known_of_its_invoice(
    arrival, *, states, content, receipt, enters, superseded
):
    made = plan([arrival(content=content)], {"inv_1": known(*states)}, set())
    assert made.receipt == receipt
    assert [one.state for one in made.entering] == ([enters] if enters else [])
    assert [one.number for one in made.superseded] == superseded
    assert all(one.number == len(states) + 1 for one in made.entering)


@pytest.mark.parametrize("states", [(), (S.READY,), (S.DELIVERED,), (S.AMBIGUOUS,)])
def test_an_unsound_record_is_quarantined_whatever_is_known(arrival, states):
    made = plan([arrival(content="z", reasons=["id: is missing"])], {"inv_1": known(*states)}, set())
    assert [(one.state, one.reasons) for one in made.entering] == [(S.QUARANTINED, ("id: is missing",))]


def test_a_conflict_and_a_wait_say_why(arrival):
    assert plan([arrival(content="b")], {"inv_1": known(S.DELIVERED)}, set()).entering[0].reasons == (CHANGED,)
    assert plan([arrival(content="b")], {"inv_1": known(S.SENDING)}, set()).entering[0].reasons == (WAITS,)


def test_a_key_that_another_source_has_in_sap_is_not_sent_a_second_time(arrival):
    made = plan([arrival()], {}, {"inv_1"})
    assert [(one.state, one.reasons) for one in made.entering] == [(S.QUARANTINED, (TAKEN,))]


@pytest.mark.parametrize("state", [S.REJECTED, S.QUARANTINED, S.VANISHED])
def test_retrying_enters_even_unchanged_content_as_a_new_revision(arrival, state):
    made = plan([arrival(content="a")], {"inv_1": known(state)}, set(), again=True)
    assert [(one.state, one.number) for one in made.entering] == [(S.READY, 2)]
    assert [one.number for one in made.superseded] == [1]


@pytest.mark.parametrize("state", sorted(set(State) - {S.REJECTED, S.QUARANTINED, S.VANISHED, S.SUPERSEDED}))
def test_retrying_touches_nothing_that_was_not_refused(arrival, state):
    made = plan([arrival(content="a")], {"inv_1": known(state)}, set(), again=True)
    assert (made.entering, made.superseded) == ([], [])


AGAIN = [
    # known                    arrives  enters       superseded
    ((S.VANISHED,),            "b",     S.READY,     [1]),
    ((S.VANISHED, S.CONFLICT), "b",     S.READY,     [1, 2]),
    ((S.DELIVERED, S.QUARANTINED), "c", S.CONFLICT,  [2]),
    ((S.ACCEPTED, S.VANISHED), "b",     None,        []),
]  # fmt: skip


@pytest.mark.parametrize(("states", "content", "enters", "superseded"), AGAIN)
def test_what_sap_does_not_show_any_more_is_sent_again_only_where_no_other_revision_may_be_there(
    arrival, *, states, content, enters, superseded
):
    made = plan([arrival(content=content)], {"inv_1": known(*states)}, set(), again=True)
    assert [one.state for one in made.entering] == ([enters] if enters else [])
    assert [one.number for one in made.superseded] == superseded
