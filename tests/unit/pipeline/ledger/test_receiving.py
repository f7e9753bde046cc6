"""What an arriving record does to what is known."""

from dataclasses import replace

import pytest
from pipeline_stands import arrived

from pipeline.ledger.receiving import (
    BESIDE,
    CANCELLED,
    CHANGED,
    NEEDS,
    TAKEN,
    WAITS,
    WITHDRAWN,
    Onward,
    Revision,
    onward,
    plan,
)
from pipeline.ledger.rows import Receipt
from pipeline.ledger.states import State

S = State
NEW, UNCHANGED, OTHER = Receipt(new=1), Receipt(unchanged=1), Receipt(changed=1)


def known(*states):
    """Revisions 1, 2, ... with contents a, b, ..."""
    told = [arrived(content=content) for content in "abcdef"[: len(states)]]
    return [
        Revision(id=number, number=number, state=state, digest=one.digest, record=one.record)
        for number, (state, one) in enumerate(zip(states, told, strict=True), start=1)
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
    ((S.CONFLICT, S.AMBIGUOUS),    "c",     OTHER,     S.HELD,       [1]),
    ((S.ACCEPTED, S.RESOLVING),    "b",     UNCHANGED, None,         []),
    ((S.DELIVERED, S.ACCEPTED),    "b",     UNCHANGED, None,         []),
    ((S.DELIVERED, S.ACCEPTED),    "c",     OTHER,     S.CONFLICT,   [2]),
]  # fmt: skip


@pytest.mark.parametrize(("states", "content", "receipt", "enters", "superseded"), TABLE)
def test_a_sound_record_enters_by_what_is_known_of_its_invoice(
    arrival, *, states, content, receipt, enters, superseded
):
    made = plan([arrival(content=content)], {"inv_1": known(*states)}, {})
    assert made.receipt == receipt
    assert [one.state for one in made.entering] == ([enters] if enters else [])
    assert [one.number for one in made.superseded] == superseded
    assert all(one.number == len(states) + 1 for one in made.entering)


@pytest.mark.parametrize("states", [(), (S.READY,), (S.DELIVERED,), (S.AMBIGUOUS,)])
def test_an_unsound_record_is_quarantined_whatever_is_known(arrival, states):
    made = plan([arrival(content="z", reasons=["id: is missing"])], {"inv_1": known(*states)}, {})
    assert [(one.state, one.reasons) for one in made.entering] == [(S.QUARANTINED, ("id: is missing",))]


def test_a_conflict_and_a_wait_say_why(arrival):
    assert plan([arrival(content="b")], {"inv_1": known(S.DELIVERED)}, {}).entering[0].reasons == (CHANGED,)
    assert plan([arrival(content="b")], {"inv_1": known(S.SENDING)}, {}).entering[0].reasons == (WAITS,)


def test_a_change_of_what_is_in_conflict_itself_does_not_say_that_sap_keeps_it(arrival):
    made = plan([arrival(content="b")], {"inv_1": known(S.CONFLICT)}, {})
    assert made.entering[0].reasons == (BESIDE,)
    assert plan([arrival(content="b")], {"inv_1": known(S.CONFIRMED)}, {}).entering[0].reasons == (CHANGED,)


@pytest.mark.parametrize("owner", [("bill", "1"), ("postman", "2")])
def test_a_key_that_another_invoice_has_in_sap_is_not_sent_a_second_time(arrival, owner):
    made = plan([arrival()], {}, {"inv_1": owner})
    assert [(one.state, one.reasons) for one in made.entering] == [(S.QUARANTINED, (TAKEN,))]


def test_of_two_invoices_of_a_page_with_one_key_one_is_sent(arrival):
    made = plan([arrival("inv_1"), replace(arrival("inv_2"), doc_key="inv_1")], {}, {})
    assert [(one.state, one.reasons) for one in made.entering] == [(S.READY, ()), (S.QUARANTINED, (TAKEN,))]


@pytest.mark.parametrize("state", [S.REJECTED, S.QUARANTINED, S.VANISHED])
def test_retrying_enters_even_unchanged_content_as_a_new_revision(arrival, state):
    made = plan([arrival(content="a")], {"inv_1": known(state)}, {}, again=True)
    assert [(one.state, one.number) for one in made.entering] == [(S.READY, 2)]
    assert [one.number for one in made.superseded] == [1]


def test_retrying_what_still_has_the_key_of_another_invoice_changes_nothing(arrival):
    made = plan([arrival(content="a")], {"inv_1": known(S.QUARANTINED)}, {"inv_1": ("bill", "1")}, again=True)
    assert (made.entering, made.superseded, made.receipt) == ([], [], UNCHANGED)


@pytest.mark.parametrize("state", sorted(set(State) - {S.REJECTED, S.QUARANTINED, S.VANISHED, S.SUPERSEDED}))
def test_retrying_touches_nothing_that_was_not_refused(arrival, state):
    made = plan([arrival(content="a")], {"inv_1": known(state)}, {}, again=True)
    assert (made.entering, made.superseded) == ([], [])


AGAIN = [
    # known                        arrives  enters       superseded
    ((S.VANISHED, S.CONFLICT),     "b",     S.READY,     [1, 2]),
    ((S.DELIVERED, S.QUARANTINED), "b",     S.CONFLICT,  [2]),
    ((S.ACCEPTED, S.VANISHED),     "b",     None,        []),
    ((S.VANISHED,),                "b",     None,        []),
    ((S.REJECTED, S.READY),        "a",     None,        []),
    ((S.REJECTED, S.QUARANTINED),  "a",     None,        []),
]  # fmt: skip


@pytest.mark.parametrize(("states", "content", "enters", "superseded"), AGAIN)
def test_only_the_newest_record_is_entered_again_and_only_where_no_other_revision_may_be_in_sap(
    arrival, *, states, content, enters, superseded
):
    made = plan([arrival(content=content)], {"inv_1": known(*states)}, {}, again=True)
    assert [one.state for one in made.entering] == ([enters] if enters else [])
    assert [one.number for one in made.superseded] == superseded


MAPPED_OTHERWISE = [
    # known                        receipt    enters
    ((S.SENDING,),                 UNCHANGED, None),
    ((S.DELIVERED,),               UNCHANGED, None),
    ((S.CONFIRMED,),               UNCHANGED, None),
    ((S.VANISHED,),                UNCHANGED, None),
    ((S.CONFLICT,),                UNCHANGED, None),
    ((S.ACCEPTED,),                UNCHANGED, None),
    ((S.READY,),                   OTHER,     S.READY),
    ((S.REJECTED,),                OTHER,     S.READY),
    ((S.QUARANTINED,),             OTHER,     S.READY),
]  # fmt: skip


@pytest.mark.parametrize(("states", "receipt", "enters"), MAPPED_OTHERWISE)
def test_the_same_record_mapped_otherwise_changes_only_what_was_not_sent(arrival, *, states, receipt, enters):
    made = plan([replace(arrival(content="a"), digest="mapped otherwise")], {"inv_1": known(*states)}, {})
    assert made.receipt == receipt
    assert [one.state for one in made.entering] == ([enters] if enters else [])


WAITING = [
    # known          of the arrival                             enters with
    ((),             {"held": ("h",)},                          (S.HELD, ("h",))),
    ((),             {"needs": "p"},                            (S.HELD, (NEEDS.format("p"),))),
    ((),             {"held": ("h",), "needs": "p"},            (S.HELD, ("h",))),
    ((S.AMBIGUOUS,), {"held": ("h",)},                          (S.HELD, (WAITS, "h"))),
    ((S.AMBIGUOUS,), {"needs": "p"},                            (S.HELD, (WAITS, NEEDS.format("p")))),
    ((S.AMBIGUOUS,), {"cancelled": True},                       (S.HELD, (WITHDRAWN,))),
    ((S.AMBIGUOUS,), {"cancelled": True, "held": ("h",)},       (S.HELD, (WITHDRAWN, "h"))),
    ((S.DELIVERED,), {"cancelled": True, "held": ("h",)},       (S.CONFLICT, (CANCELLED,))),
]  # fmt: skip


@pytest.mark.parametrize(("states", "told", "enters"), WAITING)
def test_what_must_wait_enters_with_every_reason(arrival, *, states, told, enters):
    made = plan([replace(arrival(content="z"), **told)], {"inv_1": known(*states)}, {})
    assert [(one.state, one.reasons) for one in made.entering] == [enters]


@pytest.mark.parametrize("told", [{"held": ("not committed",)}, {"needs": "p"}])
def test_what_is_ready_and_must_wait_by_now_is_held(arrival, told):
    made = plan([replace(arrival(content="a"), **told)], {"inv_1": known(S.READY)}, {})
    assert ([one.state for one in made.entering], [one.number for one in made.superseded]) == ([S.HELD], [1])


ONWARD = [
    # earlier, newest, its reasons and need          the need is there, the key is taken   goes to
    ((S.AMBIGUOUS,),   S.HELD, (WAITS,), "",         False, False, None),
    ((S.DELIVERED,),   S.HELD, (WAITS,), "",         False, False, (S.CONFLICT, (CHANGED,), [])),
    ((S.VANISHED,),    S.HELD, (WITHDRAWN, "h"), "", False, False, (S.CONFLICT, (CANCELLED,), [])),
    ((S.CONFLICT,),    S.HELD, (WAITS,), "",         False, False, (S.CONFLICT, (BESIDE,), [])),
    ((S.ACCEPTED,),    S.QUARANTINED, ("r",), "",    False, False, None),
    ((S.REJECTED,),    S.HELD, (WAITS,), "",         False, False, (S.READY, (), [1])),
    ((S.READY,),       S.HELD, (WAITS,), "",         False, False, (S.READY, (), [1])),
    ((S.READY,),       S.HELD, (WAITS,), "",         False, True,  (S.QUARANTINED, (TAKEN,), [1])),
    ((S.READY,),       S.HELD, (WITHDRAWN, "h"), "", False, False, (S.HELD, ("h",), [1])),
    ((S.READY,),       S.HELD, (WAITS,), "p",        False, False, (S.HELD, (NEEDS.format("p"),), [1])),
    ((S.READY,),       S.HELD, (WAITS, NEEDS.format("p")), "p", True, False, (S.READY, (), [1])),
    ((S.READY,),       S.QUARANTINED, ("r",), "",    False, False, (S.QUARANTINED, ("r",), [1])),
    ((),               S.HELD, (NEEDS.format("p"),), "p", True, False, (S.READY, (), [])),
    ((),               S.HELD, (NEEDS.format("p"),), "p", True, True,  (S.QUARANTINED, (TAKEN,), [])),
]  # fmt: skip


@pytest.mark.parametrize(("earlier", "state", "reasons", "needs", "present", "taken", "end"), ONWARD)
def test_an_invoice_goes_on_by_where_its_revisions_are(*, earlier, state, reasons, needs, present, taken, end):
    *before, newest = known(*earlier, state)
    found = onward([*before, replace(newest, reasons=reasons, needs=needs)], present=present, taken=taken)
    if end is None:
        assert found is None
    else:
        assert isinstance(found, Onward)
        assert (found.state, found.reasons, [one.number for one in found.superseded]) == end
