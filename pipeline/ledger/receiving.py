"""What an arriving record does to the ledger. Pure: from what is known to a plan of rows; the ledger carries it out.

Nothing is ever overwritten. Same content: nothing happens. Other content: a new revision, which takes the place of one
that was never in SAP, waits for one whose fate is unknown, and is reported as a conflict where one is in SAP already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.ledger.rows import Arrival, Receipt
from pipeline.ledger.states import IN_SAP, PERHAPS_IN_SAP, State

CHANGED = "changed at the source after it was delivered; SAP keeps the delivered revision"
WAITS = "changed at the source while the earlier revision may be in SAP; waits until that is known"
TAKEN = "its key in SAP belongs to an invoice of another source"


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One known revision of an invoice."""

    id: int
    number: int
    state: State
    digest: str


@dataclass(frozen=True, kw_only=True)
class Entering:
    """A new revision: its number, the state it enters with, and why."""

    arrival: Arrival
    number: int
    state: State
    reasons: tuple[str, ...]


@dataclass(kw_only=True)
class Plan:
    """What is to be written for one page."""

    entering: list[Entering] = field(default_factory=list)
    superseded: list[Revision] = field(default_factory=list)
    receipt: Receipt = field(default_factory=Receipt)


def plan(
    arrivals: Sequence[Arrival], known: Mapping[str, list[Revision]], taken: set[str], *, again: bool = False
) -> Plan:
    """What these arrivals, no id twice, mean for what is known.

    `again` enters also what is unchanged but was not accepted.
    """
    result = Plan()
    for arrival in arrivals:
        result.receipt += _place(arrival, known.get(arrival.source_id, []), result, taken, again=again)
    return result


def _place(arrival: Arrival, revisions: list[Revision], result: Plan, taken: set[str], *, again: bool) -> Receipt:
    standing = [revision for revision in revisions if revision.state is not State.SUPERSEDED]
    number = revisions[-1].number + 1 if revisions else 1
    anchor = next((one for one in standing if one.state in IN_SAP | PERHAPS_IN_SAP | {State.CONFLICT}), None)
    others = [one for one in standing if one is not anchor]
    if (
        standing
        and standing[-1].digest == arrival.digest
        and not (again and arrival.is_sound and standing[-1].state in RETRIED)
    ):
        return Receipt(unchanged=1)
    result.superseded += others
    if anchor and anchor.digest == arrival.digest:
        return Receipt(unchanged=1)
    state, reasons = _entry(arrival, anchor, taken)
    result.entering.append(Entering(arrival=arrival, number=number, state=state, reasons=reasons))
    return Receipt(changed=1) if standing else Receipt(new=1)


RETRIED = frozenset({State.REJECTED, State.QUARANTINED})


def _entry(arrival: Arrival, anchor: Revision | None, taken: set[str]) -> tuple[State, tuple[str, ...]]:
    if not arrival.is_sound:
        return State.QUARANTINED, arrival.reasons
    if arrival.doc_key in taken:
        return State.QUARANTINED, (TAKEN,)
    if anchor is None:
        return State.READY, ()
    if anchor.state in PERHAPS_IN_SAP:
        return State.HELD, (WAITS,)
    return State.CONFLICT, (CHANGED,)


def release(family: Sequence[Revision]) -> State | None:
    """What the held revision of this invoice becomes now that the others are where they are.

    None while it must wait on.
    """
    states = {one.state for one in family}
    if states & PERHAPS_IN_SAP:
        return None
    return State.CONFLICT if states & (IN_SAP | {State.CONFLICT}) else State.READY
