"""What an arriving record does to the ledger. Pure: from what is known to a plan of rows; the ledger carries it out.

Nothing is ever overwritten. Same content: nothing happens. Other content: a new revision, which takes the place of one
that was never in SAP, waits for one whose fate is unknown, and is reported as a conflict where one is in SAP already.
What its source holds, or what needs another document in SAP first, waits with its reason, and goes on once the source
lets go or that document is there.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from pipeline.ledger.rows import Arrival, Receipt
from pipeline.ledger.states import FOR_A_PERSON, IN_SAP, PERHAPS_IN_SAP, State

CHANGED = "changed at the source after it was delivered; SAP keeps the delivered revision"
CANCELLED = "cancelled at the source after it was delivered; SAP keeps it until a person reverses it there"
BESIDE = "changed at the source while SAP shows something else under its key"
WAITS = "changed at the source while the earlier revision may be in SAP; waits until that is known"
WITHDRAWN = "cancelled at the source while the earlier revision may be in SAP; waits until that is known"
NEEDS = "waits until {} of the same source, which it reverses, is in SAP"
RELEASED = "its source holds it no longer"
THERE = "what it needed is in SAP"
KNOWN = "the earlier revision's fate is known"
TAKEN = "its key in SAP belongs to another invoice"
BEHIND = {WAITS: CHANGED, WITHDRAWN: CANCELLED}
"""Why a revision waits for an earlier one, and what is to be said of it if that one is in SAP."""

Owner = tuple[str, str]
"""Whose a key in SAP is: source and id."""


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One known revision of an invoice; without its record where that was not asked for.

    `unsent` is what would be sent of it, while it waits for that.
    """

    id: int
    number: int
    state: State
    digest: str
    record: str = ""
    reasons: tuple[str, ...] = ()
    needs: str = ""
    unsent: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Entering:
    """A new revision: its number, the state it enters with, and why."""

    arrival: Arrival
    number: int
    state: State
    reasons: tuple[str, ...]

    @property
    def needs(self) -> str:
        """The document without which it must not be sent; what its source holds is asked anew when that lets go."""
        return "" if self.arrival.held else self.arrival.needs


@dataclass(kw_only=True)
class Plan:
    """What is to be written for one page; what is released by the document that it needs, if any."""

    entering: list[Entering] = field(default_factory=list)
    superseded: list[Revision] = field(default_factory=list)
    released: defaultdict[str, list[Revision]] = field(default_factory=lambda: defaultdict(list))
    receipt: Receipt = field(default_factory=Receipt)


def plan(
    arrivals: Sequence[Arrival],
    known: Mapping[str, list[Revision]],
    owners: Mapping[str, Owner],
    present: AbstractSet[str] = frozenset(),
    *,
    again: bool = False,
) -> Plan:
    """What these arrivals, no id twice, mean for what is known.

    `owners` tells whose the keys are, `present` are the needed documents that are in SAP. `again` enters also what is
    unchanged but was not accepted, unless something else has come since.
    """
    result = Plan()
    keys = dict(owners)
    for arrival in arrivals:
        world = _World(revisions=known.get(arrival.source_id, []), owners=keys, present=present)
        result.receipt += _place(arrival, world, result, again=again)
    return result


@dataclass(frozen=True, kw_only=True)
class _World:
    """What is known when one record arrives."""

    revisions: list[Revision]
    owners: dict[str, Owner]
    present: AbstractSet[str]


def _place(arrival: Arrival, world: _World, result: Plan, *, again: bool) -> Receipt:
    revisions = world.revisions
    standing = [revision for revision in revisions if revision.state is not State.SUPERSEDED]
    number = revisions[-1].number + 1 if revisions else 1
    if again and standing and standing[-1].record != arrival.record:
        return Receipt(unchanged=1)
    anew = again and arrival.is_sound
    lost = anew and _is_lost(standing)
    anchor = None if lost else _anchor(standing)
    others = [one for one in standing if one is not anchor]
    state, reasons = _entry(arrival, anchor, world)
    if (
        standing
        and _says(standing[-1], arrival)
        and not lost
        and not (anew and standing[-1].state in RETRIED and state is not State.QUARANTINED)
        and not _waits_otherwise(standing[-1], state, reasons)
    ):
        if standing[-1].state is State.HELD and state is State.READY:
            result.released[arrival.needs].append(standing[-1])
            result.superseded += standing[:-1]
            _takes_its_key(arrival, world)
        return Receipt(unchanged=1)
    result.superseded += others
    if anchor and _says(anchor, arrival):
        return Receipt(unchanged=1)
    result.entering.append(Entering(arrival=arrival, number=number, state=state, reasons=reasons))
    if state is State.READY:
        _takes_its_key(arrival, world)
    return Receipt(changed=1) if standing else Receipt(new=1)


RETRIED = frozenset({State.REJECTED, State.QUARANTINED})
NAMED = frozenset({*RETRIED, State.VANISHED, State.CONFLICT})
_ANCHORS = IN_SAP | PERHAPS_IN_SAP | FOR_A_PERSON


def _anchor(standing: Sequence[Revision]) -> Revision | None:
    """The revision by which any other is measured: the one that is, or may be, in SAP, or what a person must decide."""
    ranks = (IN_SAP | PERHAPS_IN_SAP, FOR_A_PERSON)
    return next((one for rank in ranks for one in standing if one.state in rank), None)


def _says(revision: Revision, arrival: Arrival) -> bool:
    """Whether the source tells what this revision is.

    What was sent may be mapped otherwise by now. What was not is to be sent as the source tells it last, even where
    the difference (a status that moves with payments) makes no other content.
    """
    if revision.unsent not in {None, arrival.payload}:
        return False
    same_record = revision.state in _ANCHORS and revision.record == arrival.record
    return revision.digest == arrival.digest or same_record


def _takes_its_key(arrival: Arrival, world: _World) -> None:
    world.owners[arrival.doc_key or ""] = (arrival.source, arrival.source_id)


def _is_lost(standing: Sequence[Revision]) -> bool:
    """Whether SAP does not show this invoice any more, in any revision, so that a person may have it sent again."""
    states = {one.state for one in standing}
    return State.VANISHED in states and not states & (IN_SAP | PERHAPS_IN_SAP | {State.ACCEPTED})


def _waits_otherwise(newest: Revision, state: State, reasons: tuple[str, ...]) -> bool:
    """Whether what is not sent must wait, or waits for another reason by now, which people should be able to read."""
    return newest.state in {State.HELD, State.READY} and state is State.HELD and reasons != newest.reasons


def _entry(arrival: Arrival, anchor: Revision | None, world: _World) -> tuple[State, tuple[str, ...]]:
    if not arrival.is_sound:
        return State.QUARANTINED, arrival.reasons
    me = (arrival.source, arrival.source_id)
    if world.owners.get(arrival.doc_key or "", me) != me:
        return State.QUARANTINED, (TAKEN,)
    missing = (NEEDS.format(arrival.needs),) if arrival.needs and arrival.needs not in world.present else ()
    waits = arrival.held or missing
    if anchor and anchor.state in PERHAPS_IN_SAP:
        return State.HELD, (WITHDRAWN if arrival.cancelled else WAITS, *waits)
    if anchor:
        return State.CONFLICT, (_beside(anchor, CANCELLED if arrival.cancelled else CHANGED),)
    return (State.HELD, waits) if waits else (State.READY, ())


def _beside(earlier: Revision, said: str) -> str:
    """What is said of other content beside an earlier revision, which is not in SAP if that is in conflict itself."""
    return BESIDE if earlier.state is State.CONFLICT and said == CHANGED else said


@dataclass(frozen=True, kw_only=True)
class Onward:
    """What becomes of the newest revision of an invoice, and which earlier ones give way to it."""

    state: State
    reasons: tuple[str, ...] = ()
    superseded: Sequence[Revision] = ()


def onward(standing: Sequence[Revision], *, present: bool, taken: bool) -> Onward | None:
    """Where an invoice goes, of which these revisions stand, oldest first, now that they are where they are.

    `present` tells whether what the newest one needs is in SAP, `taken` whether another invoice has its key. None while
    it must wait on. What SAP took and does not show any more is sent again only when a person asks.
    """
    *earlier, newest = standing
    states = {one.state for one in earlier}
    if states & PERHAPS_IN_SAP:
        return None
    if states & (IN_SAP | FOR_A_PERSON):
        said = next((BEHIND[reason] for reason in newest.reasons if reason in BEHIND), CHANGED)
        reasons = (_beside(earlier[0], said),)
        return Onward(state=State.CONFLICT, reasons=reasons) if newest.state is State.HELD else None
    if newest.state is not State.HELD:
        return Onward(state=newest.state, reasons=newest.reasons, superseded=earlier)
    missing = NEEDS.format(newest.needs)
    waits = tuple(reason for reason in newest.reasons if reason not in {*BEHIND, missing})
    waits = waits or ((missing,) if newest.needs and not present else ())
    if waits:
        return Onward(state=State.HELD, reasons=waits, superseded=earlier)
    if taken:
        return Onward(state=State.QUARANTINED, reasons=(TAKEN,), superseded=earlier)
    return Onward(state=State.READY, superseded=earlier)
