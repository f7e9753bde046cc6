"""What goes into the ledger and comes out of it. Frozen values; no SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from pipeline.ledger.states import State

ANY = 2**62
"""As much as any id, or any number of attempts, may be."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One record as it was judged: ready with its frozen payload, or quarantined with all its reasons.

    `held` says why a sound one must wait; `needs` is the id of another one of its source that must be in SAP first;
    `cancelled` tells that its source has withdrawn it.
    """

    source: str
    source_id: str
    target: str
    record: str = field(repr=False)
    digest: str
    doc_key: str | None = None
    payload: bytes | None = field(default=None, repr=False)
    currency: str | None = None
    amount: Decimal | None = None
    reasons: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    needs: str = ""
    cancelled: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether it can be sent."""
        return not self.reasons


@dataclass(frozen=True, kw_only=True)
class Place:
    """How far a stream of a source has been read; no cursor at its end."""

    stream: str
    cursor: str | None = None


@dataclass(frozen=True, kw_only=True)
class Lease:
    """From when to when an owner may work on what it claims."""

    owner: str
    begins: int
    ends: int


class Lot(NamedTuple):
    """What may be claimed at once: so many invoices of one source for one target, at most, up to a document's id."""

    source: str
    target: str
    most: int
    until: int = ANY


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What receiving a page changed."""

    new: int = 0
    unchanged: int = 0
    changed: int = 0

    def __add__(self, other: "Receipt") -> "Receipt":
        return Receipt(
            new=self.new + other.new, unchanged=self.unchanged + other.unchanged, changed=self.changed + other.changed
        )


class Claim(NamedTuple):
    """One invoice that one owner may work on until its lease ends; `fence` tells this claim from any later one.

    `attempt` is the request that is being made, or, of a look, the last one if its outcome is unknown: its RequestID,
    made at `attempted_at`. `sent_at` is when it left last: a repeated request is the same attempt, sent later.
    `claimed_at` is the ledger's instant of the claim or the reading, `begun` this machine's, on a clock nobody sets.
    """

    id: int
    owner: str
    fence: int
    source: str
    source_id: str
    revision: int
    target: str
    doc_key: str
    payload: bytes
    attempts: int
    sent_at: int | None
    attempt: str = ""
    attempted_at: int | None = None
    claimed_at: int = 0
    begun: int | None = None

    def __repr__(self) -> str:
        """Without the payload, which is nobody's business in a log."""
        return f"Claim(id={self.id}, doc_key={self.doc_key!r}, owner={self.owner!r}, fence={self.fence})"


class Verdict(NamedTuple):
    """Where a claimed invoice goes next, and what is to be remembered of the attempt that led there."""

    claim: Claim
    after: State
    why: str = ""
    reasons: tuple[str, ...] = ()
    outcome: str = ""
    status: int | None = None
    code: str = ""
    transaction_id: str | None = None
    not_before: int = 0
    look_at: int | None = None


@dataclass(frozen=True, kw_only=True)
class TargetProfile:
    """What was learnt of a target: whether it honours a RequestID, how many requests at a time it bears."""

    repeatability: str | None = None
    capacity: int | None = None


class Transition(NamedTuple):
    """A step that was made: of which revision, from where to where, when, why, in which attempt, by whose claim."""

    document_id: int
    source: str
    source_id: str
    revision: int
    target: str
    before: State | None
    after: State
    at: int
    why: str = ""
    attempt: str = ""
    transaction_id: str = ""
    owner: str = ""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What may be in SAP: how many, how many of them may be looked up by now; from when on the first, and the last."""

    count: int = 0
    due: int = 0
    first: int = 0
    last: int = 0


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The current revision of one invoice."""

    source: str
    source_id: str
    revision: int
    doc_key: str | None
    state: State
    currency: str | None
    amount: Decimal | None
    reasons: tuple[str, ...]
    due: int | None
    changed_at: int = 0
    needs: str = ""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How many invoices of a source are in a state, and since when the oldest of them has been: an instant."""

    source: str
    state: State
    count: int
    oldest: int


@dataclass(frozen=True, kw_only=True)
class Known:
    """One revision as it is compared with what others show; what was not asked for is empty."""

    id: int
    source: str
    source_id: str
    state: State
    target: str = ""
    doc_key: str = ""
    digest: str = ""
    record: str = field(default="", repr=False)
    payload: bytes = field(default=b"", repr=False)
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What one invoice is, or was, in SAP as far as the ledger knows; `accepted` if a person left SAP as it is."""

    id: int
    source: str
    target: str
    doc_key: str
    currency: str
    amount: Decimal
    state: State
    changed_at: int
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class Story:
    """Everything the ledger knows of one revision: itself, its transitions, its attempts."""

    document: Mapping[str, object]
    history: tuple[Mapping[str, object], ...]
    attempts: tuple[Mapping[str, object], ...]
