"""Looking in SAP for what may be there, and the only way out of AMBIGUOUS.

Equal: delivered. Another document under our key, or more than one: a conflict, for a person. Absent: sent again, but
only when the grace period is over, since a request whose sender has given up may still commit (measured: looking at
once doubled 4.5 % of the invoices). Where the target does a request only once, the same request is repeated instead
(`repeat`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.clock import Clock
from pipeline.delivery import repeat, retry
from pipeline.delivery.stop import Stop
from pipeline.delivery.targets import Targets, stop_of
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Claim, Verdict, Waiting
from pipeline.ledger.states import State
from pipeline.model.outcome import Delivered, Outcome
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.odata_client.answers import Absent, Found, Several, Sight, Unknown
from pipeline.odata_client.entities import Entities
from pipeline.odata_client.literals import BadLiteral, typed
from pipeline.sap.form import Form

SIX_HOURS = 21_600_000


@dataclass(kw_only=True)
class Resolution:
    """What the looks showed, and how long the rest must wait."""

    delivered: int = 0
    rejected: int = 0
    ready: int = 0
    conflicts: int = 0
    unknown: int = 0
    released: int = 0
    waiting: Waiting = field(default_factory=Waiting)
    targets: Targets = field(default_factory=Targets)

    @property
    def stops(self) -> list[Misconfigured | Unavailable]:
        """What kept us from looking, at one target or at all."""
        return self.targets.stops

    @property
    def settled(self) -> int:
        """How many are in doubt no longer."""
        return self.delivered + self.rejected + self.ready + self.conflicts


_COUNTERS = {
    State.DELIVERED: "delivered",
    State.REJECTED: "rejected",
    State.READY: "ready",
    State.CONFLICT: "conflicts",
    State.AMBIGUOUS: "unknown",
}


@dataclass(frozen=True, kw_only=True)
class Lookout:
    """What is needed to look: ledger, SAP's forms, a connection per form, time, how many looks a request holds.

    `retention` is for how long a target that does a request only once keeps its answers.
    """

    ledger: Ledger
    forms: Mapping[str, Form]
    connect: Callable[[str], Entities]
    clock: Clock
    at_once: int
    retention: int = SIX_HOURS


def resolve(
    lookout: Lookout, sources: Sequence[str], *, stop: Stop, wait: bool = False, targets: Targets | None = None
) -> Resolution:
    """Look up everything that is due at these targets, or at all; with `wait`, also what is not due yet.

    Trouble with a target is told, not raised.
    """
    found = Resolution(targets=targets or Targets())
    while not stop.is_set:
        lookout.ledger.expire()
        for target in lookout.forms:
            if target in found.targets:
                _look_at_what_is_due(lookout, sources, found, stop, target)
        if not wait or found.stops:
            break
        left = lookout.ledger.waiting(sources)
        if not left.count:
            break
        stop.wait(min(max(left.first - lookout.ledger.now(), 0), 1_000))
    released = lookout.ledger.release_held()
    found.released, found.conflicts = released[State.READY], found.conflicts + released[State.CONFLICT]
    found.waiting = lookout.ledger.waiting(sources)
    return found


def _look_at_what_is_due(lookout: Lookout, sources: Sequence[str], found: Resolution, stop: Stop, target: str) -> None:
    owner = lookout.clock.guid()
    looks = _Looks(lookout, target)
    failures = 0
    try:
        while not stop.is_set and (claims := lookout.ledger.looks(sources, lookout.at_once, owner, target=target)):
            verdicts = looks.verdicts(claims)
            lookout.ledger.settle(verdicts, before=State.RESOLVING)
            for verdict in verdicts:
                name = _COUNTERS[verdict.after]
                setattr(found, name, getattr(found, name) + 1)
            failures = failures + 1 if looks.told_nothing else 0
            if looks.trouble:
                found.targets.give_up(looks.trouble, target)
                return
            if failures == retry.LOOKS_IN_A_ROW:
                why = f"SAP does not show its documents: {verdicts[-1].why}. Nothing was sent; repeat later"
                found.targets.give_up(Unavailable(why), target)
                return
    finally:
        looks.close()


class _Looks:
    """Asks one target about its own, and remembers whether it told anything."""

    def __init__(self, lookout: Lookout, target: str) -> None:
        self._lookout = lookout
        self._target = target
        self._entities: Entities | None = None
        self._repeatability: str | None = None
        self.told_nothing = False
        self.trouble: Misconfigured | Unavailable | None = None

    def close(self) -> None:
        """Give the connection back."""
        if self._entities:
            self._entities.close()

    def verdicts(self, claims: Sequence[Claim]) -> list[Verdict]:
        """Where each claim goes next. What concerns all is kept in `trouble`; what it left is still in doubt."""
        self.told_nothing = True
        try:
            return self._asked(claims)
        except (Misconfigured, Unavailable) as trouble:
            self.trouble = trouble
            return [self._still_in_doubt(claim, str(trouble)) for claim in claims]

    def _asked(self, claims: Sequence[Claim]) -> list[Verdict]:
        if self._entities is None:
            self._entities = self._lookout.connect(self._target)
            self._repeatability = self._lookout.ledger.target(self._target).repeatability
            self._entities.log_on()
        now = self._lookout.ledger.now()
        repeated = [
            claim
            for claim in claims
            if repeat.may_be_repeated(claim, self._repeatability, now, self._lookout.retention)
        ]
        verdicts: list[Verdict] = []
        for lot in repeat.lots(repeated, self._lookout.at_once):
            verdicts += self._repeated(self._entities, lot)
        known = {verdict.claim.id for verdict in verdicts}
        rest = [claim for claim in claims if claim.id not in known]
        return verdicts + (self._seen(self._entities, rest) if rest else [])

    def _repeated(self, entities: Entities, claims: list[Claim]) -> list[Verdict]:
        """What the same requests lead to, sent once more; nothing of what is too late to begin with, or another's."""
        ledger = self._lookout.ledger
        again = ledger.send_again(claims)
        if not again or ledger.is_stale(again[0]):
            return []
        ids = {claim.id for claim in again}
        mine = [claim for claim in claims if claim.id in ids]
        outcomes = entities.create([repeat.request_of(claim) for claim in mine])
        self._learn(outcomes)
        judged = [
            repeat.verdict(claim, outcome, ledger, self._lookout.clock)
            for claim, outcome in zip(mine, outcomes, strict=True)
        ]
        verdicts = [verdict for verdict in judged if verdict]
        self.told_nothing &= all(verdict.after is State.AMBIGUOUS for verdict in verdicts)
        return verdicts

    def _learn(self, outcomes: Sequence[Outcome]) -> None:
        """Notice that a target does not keep its promise any longer, and what ends the run."""
        if any(isinstance(one, Delivered) and one.repeatability != repeat.ACCEPTED for one in outcomes):
            self._lookout.ledger.note_repeatability(self._target, repeat.UNSUPPORTED)
            self._repeatability = repeat.UNSUPPORTED
        for one in outcomes:
            if not isinstance(one, Delivered) and one.stops:
                self.trouble = stop_of(one)

    def _seen(self, entities: Entities, claims: list[Claim]) -> list[Verdict]:
        sights = entities.look([claim.doc_key for claim in claims])
        self.told_nothing &= all(isinstance(sight, Unknown) for sight in sights)
        return [self._verdict(claim, sight) for claim, sight in zip(claims, sights, strict=True)]

    def _verdict(self, claim: Claim, sight: Sight) -> Verdict:
        ledger = self._lookout.ledger
        match sight:
            case Found():
                return _compared(self._lookout.forms[claim.target], claim, sight)
            case Several():
                return Verdict(claim=claim, after=State.CONFLICT, why=sight.why, reasons=(sight.why,))
            case Absent() if ledger.grace_is_over(claim):
                return Verdict(claim=claim, after=State.READY, why="looked after the grace period, and absent")
            case Absent():
                why, later = "absent, but the grace period is not over", (claim.sent_at or 0) + ledger.grace
                return Verdict(claim=claim, after=State.AMBIGUOUS, why=why, look_at=later)
        return self._still_in_doubt(claim, sight.why)

    def _still_in_doubt(self, claim: Claim, why: str) -> Verdict:
        later = self._lookout.ledger.now() + retry.LOOK_AGAIN
        return Verdict(claim=claim, after=State.AMBIGUOUS, why=why, reasons=(why,), look_at=later)


def differences(form: Form, claim: Claim, found: Found) -> tuple[str, ...]:
    """What of a claim's payload SAP shows otherwise."""
    try:
        return form.differences(claim.payload, typed(found.entity, form.types))
    except BadLiteral as error:
        return (str(error),)


def _compared(form: Form, claim: Claim, found: Found) -> Verdict:
    different = differences(form, claim, found)
    if different:
        why = "SAP shows another document under this key"
        return Verdict(claim=claim, after=State.CONFLICT, why=why, reasons=different)
    return Verdict(claim=claim, after=State.DELIVERED, why="found in SAP, equal")
