"""The states of an invoice and the only ways between them.

This table is the law; the picture in the docs is drawn from it. From "perhaps in SAP" back to "send again" there are
two ways and no third: SAP provably did nothing, or somebody looked, after the grace period, and the document was
absent. What was in SAP and is not shown any more is sent again only as a new revision, which a person asked for.
"""

from enum import StrEnum
from itertools import pairwise


class State(StrEnum):
    """Where an invoice is."""

    RECEIVED = "RECEIVED"
    VALID = "VALID"
    QUARANTINED = "QUARANTINED"
    HELD = "HELD"
    READY = "READY"
    SENDING = "SENDING"
    AMBIGUOUS = "AMBIGUOUS"
    RESOLVING = "RESOLVING"
    DELIVERED = "DELIVERED"
    CONFIRMED = "CONFIRMED"
    VANISHED = "VANISHED"
    REJECTED = "REJECTED"
    CONFLICT = "CONFLICT"
    ACCEPTED = "ACCEPTED"
    SUPERSEDED = "SUPERSEDED"


class ForbiddenTransition(Exception):
    """The table does not know this way: a defect of ours."""


S = State
START = S.RECEIVED
UNSENT = "SAP shows it, though this ledger never sent it"
CHANGED_THERE = "SAP shows other content than it took"
MENDED = "a person had it mended: SAP shows it as it was sent"
REMOVED = "a person had it removed: SAP shows nothing under its key any more"
NEWER = "a newer revision came"
TRANSITIONS: dict[State, dict[State, str]] = {
    S.RECEIVED: {
        S.VALID: "the record is an invoice",
        S.QUARANTINED: "the record is no invoice",
    },
    S.VALID: {
        S.READY: "SAP's entity can hold it",
        S.QUARANTINED: "SAP's entity cannot hold it",
        S.HELD: "it must wait for its source, another document or an earlier revision",
        S.CONFLICT: "an earlier revision is in SAP",
    },
    S.QUARANTINED: {S.SUPERSEDED: NEWER},
    S.HELD: {
        S.READY: "what it waited for has come",
        S.QUARANTINED: "its key in SAP belongs to another invoice by now",
        S.AMBIGUOUS: UNSENT,
        S.CONFLICT: "the earlier revision is in SAP",
        S.SUPERSEDED: NEWER,
    },
    S.READY: {
        S.SENDING: "the intent is durable",
        S.HELD: "what it needs is not in SAP any more",
        S.AMBIGUOUS: UNSENT,
        S.SUPERSEDED: NEWER,
    },
    S.SENDING: {
        S.DELIVERED: "SAP created it",
        S.REJECTED: "SAP definitely refused it",
        S.READY: "SAP provably did nothing",
        S.AMBIGUOUS: "SAP may have it",
    },
    S.AMBIGUOUS: {S.RESOLVING: "somebody looks"},
    S.RESOLVING: {
        S.DELIVERED: "SAP shows the same document",
        S.CONFLICT: "SAP shows another document under this key",
        S.REJECTED: "SAP repeated its first answer, a refusal",
        S.READY: "looked after the grace period, and absent",
        S.AMBIGUOUS: "the look told nothing, or came too early",
    },
    S.DELIVERED: {
        S.CONFIRMED: "read back from SAP",
        S.VANISHED: "SAP does not show it",
        S.CONFLICT: CHANGED_THERE,
    },
    S.CONFIRMED: {
        S.VANISHED: "SAP does not show it any more",
        S.CONFLICT: CHANGED_THERE,
        S.ACCEPTED: "a person leaves SAP as it is, though its source lists it no longer",
    },
    S.VANISHED: {
        S.CONFIRMED: "SAP shows it again",
        S.CONFLICT: CHANGED_THERE,
        S.SUPERSEDED: "it is to be sent again, as a new revision",
    },
    S.REJECTED: {S.AMBIGUOUS: UNSENT, S.SUPERSEDED: NEWER},
    S.CONFLICT: {
        S.CONFIRMED: MENDED,
        S.VANISHED: REMOVED,
        S.ACCEPTED: "a person leaves SAP as it is",
        S.SUPERSEDED: NEWER,
    },
    S.ACCEPTED: {S.SUPERSEDED: NEWER},
    S.SUPERSEDED: {},
}

IN_SAP = frozenset({S.DELIVERED, S.CONFIRMED})
PERHAPS_IN_SAP = frozenset({S.SENDING, S.AMBIGUOUS, S.RESOLVING})
OUTSIDE_SAP = frozenset({S.RECEIVED, S.VALID, S.QUARANTINED, S.HELD, S.READY, S.REJECTED})
# SAP has, or had, something under this key that is not what we sent: only a person leads on from here.
FOR_A_PERSON = frozenset({S.VANISHED, S.CONFLICT, S.ACCEPTED})
# At most one revision of a document may be in one of these: a unique index of the database holds it, too.
LIVE = frozenset({S.READY, *PERHAPS_IN_SAP, *IN_SAP})


def check(before: State, after: State) -> None:
    """Raises ForbiddenTransition unless the table knows this way."""
    if after not in TRANSITIONS[before]:
        raise ForbiddenTransition(f"no way leads from {before} to {after}")


def path_to(state: State) -> tuple[State, ...]:
    """The states a received record passes on its way to the one it enters the ledger in, itself included."""
    paths = {S.RECEIVED: (S.RECEIVED,), S.QUARANTINED: (S.RECEIVED, S.QUARANTINED)}
    path = paths.get(state, (S.RECEIVED, S.VALID, state))
    for before, after in pairwise(path):
        check(before, after)
    return path
