"""What an arriving record does to the ledger. Pure: from what is known to a plan of rows; the ledger carries it out.

Nothing is ever overwritten. Same content: nothing happens. Other content: a new revision, which takes the place of one
that was never in SAP, waits for one whose fate is unknown, and is reported as a conflict where one is in SAP already.
What its source holds, or what needs another document in SAP first, waits with its reason, and goes on once the source
lets go or that document is there.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from pipeline.ledger.rows import Arrival, Receipt
from pipeline.ledger.states import FOR_A_PERSON, IN_SAP, PERHAPS_IN_SAP, State

CHANGED = "changed at the source after it was delivered; SAP keeps the delivered revision"
CANCELLED = "cancelled at the source after it was delivered; SAP keeps it until a person reverses it there"
WAITS = "changed at the source while the earlier revision may be in SAP; waits until that is known"
NEEDS = "waits until {} of the same source, which it reverses, is in SAP"
RELEASED = "its source holds it no longer"
THERE = "what it needed is in SAP"
TAKEN = "its key in SAP belongs to an invoice of another source"


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One known revision of an invoice."""

    id: int
    number: int
    state: State
    digest: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Entering:
    """A new revision: its number, the state it enters with, and why."""

    arrival: Arrival
    number: int
    state: State
    reasons: tuple[str, ...]

    @property
    def needs(self) -> str:
        """The document it waits for, if that is all it waits for."""
        return self.arrival.needs if self.state is State.HELD and self.reasons == _needs(self.arrival) else ""


@dataclass(kw_only=True)
class Plan:
    """What is to be written for one page."""

    entering: list[Entering] = field(default_factory=list)
    superseded: list[Revision] = field(default_factory=list)
    released: list[Revision] = field(default_factory=list)
    receipt: Receipt = field(default_factory=Receipt)


def plan(
    arrivals: Sequence[Arrival],
    known: Mapping[str, list[Revision]],
    taken: AbstractSet[str],
    present: AbstractSet[str] = frozenset(),
    *,
    again: bool = False,
) -> Plan:
    """What these arrivals, no id twice, mean for what is known.

    `taken` are the keys that belong to another source, `present` the needed documents that are in SAP. `again` enters
    also what is unchanged but was not accepted.
    """
    result = Plan()
    for arrival in arrivals:
        world = _World(revisions=known.get(arrival.source_id, []), taken=taken, present=present)
        result.receipt += _place(arrival, world, result, again=again)
    return result


@dataclass(frozen=True, kw_only=True)
class _World:
    """What is known when one record arrives."""

    revisions: list[Revision]
    taken: AbstractSet[str]
    present: AbstractSet[str]


def _place(arrival: Arrival, world: _World, result: Plan, *, again: bool) -> Receipt:
    revisions = world.revisions
    standing = [revision for revision in revisions if revision.state is not State.SUPERSEDED]
    number = revisions[-1].number + 1 if revisions else 1
    anew = again and arrival.is_sound
    lost = anew and _is_lost(standing)
    anchor = next((one for one in standing if one.state in _ANCHORS and not lost), None)
    others = [one for one in standing if one is not anchor]
    state, reasons = _entry(arrival, anchor, world)
    if (
        standing
        and standing[-1].digest == arrival.digest
        and not lost
        and not (anew and standing[-1].state in RETRIED)
        and not _waits_otherwise(standing[-1], anchor, state, reasons)
    ):
        if standing[-1].state is State.HELD and state is State.READY:
            result.released.append(standing[-1])
            result.superseded += standing[:-1]
        return Receipt(unchanged=1)
    if arrival.held and anchor and anchor.state in PERHAPS_IN_SAP:
        return Receipt(unchanged=1)  # held at both ends: it is read again once the fate of the earlier one is known
    result.superseded += others
    if anchor and anchor.digest == arrival.digest:
        return Receipt(unchanged=1)
    result.entering.append(Entering(arrival=arrival, number=number, state=state, reasons=reasons))
    return Receipt(changed=1) if standing else Receipt(new=1)


RETRIED = frozenset({State.REJECTED, State.QUARANTINED})
NAMED = frozenset({*RETRIED, State.VANISHED, State.CONFLICT})
_ANCHORS = IN_SAP | PERHAPS_IN_SAP | FOR_A_PERSON


def _is_lost(standing: Sequence[Revision]) -> bool:
    """Whether SAP does not show this invoice any more, in any revision, so that a person may have it sent again."""
    states = {one.state for one in standing}
    return State.VANISHED in states and not states & (IN_SAP | PERHAPS_IN_SAP | {State.ACCEPTED})


def _waits_otherwise(held: Revision, anchor: Revision | None, state: State, reasons: tuple[str, ...]) -> bool:
    """Whether something that is held waits for another reason by now, which people should be able to read."""
    return held.state is State.HELD and anchor is None and state is State.HELD and reasons != held.reasons


def _needs(arrival: Arrival) -> tuple[str, ...]:
    return (NEEDS.format(arrival.needs),)


def _entry(arrival: Arrival, anchor: Revision | None, world: _World) -> tuple[State, tuple[str, ...]]:
    if not arrival.is_sound:
        return State.QUARANTINED, arrival.reasons
    if arrival.doc_key in world.taken:
        return State.QUARANTINED, (TAKEN,)
    if anchor is None and arrival.held:
        return State.HELD, arrival.held
    if anchor is None and arrival.needs and arrival.needs not in world.present:
        return State.HELD, _needs(arrival)
    if anchor is None:
        return State.READY, ()
    if anchor.state in PERHAPS_IN_SAP:
        return State.HELD, (WAITS,)
    return State.CONFLICT, (CANCELLED if arrival.cancelled else CHANGED,)


def release(family: Sequence[Revision]) -> State | None:
    """What the held revision of this invoice becomes now that the others are where they are.

    None while it must wait on. What SAP took and does not show any more is sent again only when a person asks.
    """
    states = {one.state for one in family}
    if states & PERHAPS_IN_SAP:
        return None
    return State.CONFLICT if states & (IN_SAP | FOR_A_PERSON) else State.READY
