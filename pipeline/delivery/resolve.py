"""Looking in SAP for what may be there, and the only way out of AMBIGUOUS.

Equal: delivered. Another document under our key: a conflict, for a person. Absent: sent again, but only when the grace
period is over, since a request whose sender has given up may still commit (measured: looking at once doubled 4.5 % of
the invoices).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.clock import Clock
from pipeline.delivery import retry
from pipeline.delivery.stop import Stop
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Claim, Verdict
from pipeline.ledger.states import State
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.odata_client.answers import Absent, Found, Sight, Unknown
from pipeline.odata_client.entities import Entities
from pipeline.odata_client.literals import BadLiteral, typed
from pipeline.sap.form import Form


@dataclass(kw_only=True)
class Resolution:
    """What the looks showed, and how long the rest must wait."""

    delivered: int = 0
    ready: int = 0
    conflicts: int = 0
    unknown: int = 0
    released: int = 0
    waiting: list[int] = field(default_factory=list)
    stops: list[Misconfigured | Unavailable] = field(default_factory=list)


_COUNTERS = {
    State.DELIVERED: "delivered",
    State.READY: "ready",
    State.CONFLICT: "conflicts",
    State.AMBIGUOUS: "unknown",
}


@dataclass(frozen=True, kw_only=True)
class Lookout:
    """What is needed to look: ledger, SAP's forms, a connection per form, time, how many looks a request holds."""

    ledger: Ledger
    forms: Mapping[str, Form]
    connect: Callable[[str], Entities]
    clock: Clock
    at_once: int


def resolve(lookout: Lookout, sources: Sequence[str], *, stop: Stop, wait: bool = False) -> Resolution:
    """Look up everything that is due; with `wait`, also what is not due yet.

    Trouble with SAP ends it and is told, not raised.
    """
    found = Resolution()
    while not stop.is_set:
        lookout.ledger.expire()
        times = lookout.ledger.look_times(sources)
        if not times:
            break
        delay = times[0] - lookout.clock.now()
        if delay > 0:
            if not wait:
                break
            stop.wait(min(delay, 1_000))
            continue
        _look_at_what_is_due(lookout, sources, found, stop)
        if found.stops:
            break
    found.released = lookout.ledger.release_held()
    found.waiting = lookout.ledger.look_times(sources)
    return found


def _look_at_what_is_due(lookout: Lookout, sources: Sequence[str], found: Resolution, stop: Stop) -> None:
    owner = lookout.clock.guid()
    failures = 0
    connections: dict[str, Entities] = {}
    try:
        while not stop.is_set and (claims := lookout.ledger.looks(sources, lookout.at_once, owner)):
            sights = _sights(lookout, claims, connections)
            verdicts = [_verdict(lookout, claim, sight) for claim, sight in zip(claims, sights, strict=True)]
            lookout.ledger.settle(verdicts, before=State.RESOLVING)
            for verdict in verdicts:
                name = _COUNTERS[verdict.after]
                setattr(found, name, getattr(found, name) + 1)
            failures = failures + 1 if all(isinstance(sight, Unknown) for sight in sights) else 0
            if failures == retry.LOOKS_IN_A_ROW:
                why = f"SAP does not show its documents: {verdicts[-1].why}. Nothing was sent; repeat later"
                found.stops.append(Unavailable(why))
                return
    except (Misconfigured, Unavailable) as trouble:
        found.stops.append(trouble)
    finally:
        for entities in connections.values():
            entities.close()


def _sights(lookout: Lookout, claims: Sequence[Claim], connections: dict[str, Entities]) -> list[Sight]:
    """What SAP shows for each claim, in their order, asked of each one's own target."""
    sights: dict[int, Sight] = {}
    for target in dict.fromkeys(claim.target for claim in claims):
        if target not in connections:
            connections[target] = lookout.connect(target)
            connections[target].log_on()
        mine = [claim for claim in claims if claim.target == target]
        shown = connections[target].look([claim.doc_key for claim in mine])
        sights.update((claim.id, sight) for claim, sight in zip(mine, shown, strict=True))
    return [sights[claim.id] for claim in claims]


def _verdict(lookout: Lookout, claim: Claim, sight: Sight) -> Verdict:
    match sight:
        case Found():
            return _compared(lookout.forms[claim.target], claim, sight)
        case Absent() if lookout.ledger.grace_is_over(claim):
            return Verdict(claim=claim, after=State.READY, why="looked after the grace period, and absent")
        case Absent():
            later = (claim.sent_at or 0) + lookout.ledger.grace
            return Verdict(
                claim=claim, after=State.AMBIGUOUS, why="absent, but the grace period is not over", look_at=later
            )
    later = lookout.clock.now() + retry.LOOK_AGAIN
    return Verdict(claim=claim, after=State.AMBIGUOUS, why=sight.why, reasons=(sight.why,), look_at=later)


def _compared(form: Form, claim: Claim, found: Found) -> Verdict:
    try:
        different = form.differences(claim.payload, typed(found.entity, form.types))
    except BadLiteral as error:
        different = (str(error),)
    if different:
        return Verdict(
            claim=claim, after=State.CONFLICT, why="SAP shows another document under this key", reasons=different
        )
    return Verdict(claim=claim, after=State.DELIVERED, why="found in SAP, equal")
