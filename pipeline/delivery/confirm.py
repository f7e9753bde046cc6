"""Reading back what SAP took: a 201 may come before SAP's update task has run, and that task can still fail.

COMMIT WORK without AND WAIT answers first and writes later (SAP Help, "Synchronous and Asynchronous Processing"). So a
document is CONFIRMED only once it was seen in SAP some time after its delivery. One that SAP does not show has
VANISHED, one that it shows with other content, or more than once, is a CONFLICT: both are for a person, nothing is sent
again by itself.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import attrgetter

from pipeline.delivery import retry
from pipeline.delivery.resolve import Lookout, differences
from pipeline.delivery.sides import pages
from pipeline.delivery.stop import Stop
from pipeline.delivery.targets import Targets
from pipeline.ledger.rows import Claim
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.odata_client.answers import Absent, Found, Several, Sight, Unknown
from pipeline.odata_client.entities import Entities

VANISHED = "SAP took it, but does not show it later: its update task may have failed (transaction SM13)"


@dataclass(kw_only=True)
class Confirmation:
    """What reading back showed."""

    confirmed: int = 0
    vanished: int = 0
    conflicts: int = 0
    targets: Targets = field(default_factory=Targets)

    @property
    def stops(self) -> list[Misconfigured | Unavailable]:
        """What kept us from reading back, from one target or from all."""
        return self.targets.stops


def confirm(
    lookout: Lookout, sources: Sequence[str], *, stop: Stop, age: int, targets: Targets | None = None
) -> Confirmation:
    """Read back everything that was delivered at least `age` milliseconds ago and not since, from these targets or all.

    Trouble with a target is told, not raised: what was not read back is read back next time.
    """
    found = Confirmation(targets=targets or Targets())
    owner = lookout.clock.guid()
    due = partial(lookout.ledger.confirmable, sources, lookout.at_once, owner, lookout.ledger.now() - age)
    try:
        for target in lookout.forms:
            if target in found.targets:
                _confirm(lookout, found, stop, partial(due, target=target), target)
    finally:
        lookout.ledger.release(owner)
    return found


def _confirm(lookout: Lookout, found: Confirmation, stop: Stop, due: Callable[[], list[Claim]], target: str) -> None:
    failures = 0
    entities: Entities | None = None
    try:
        while not stop.is_set and (claims := due()):
            if entities is None:
                entities = lookout.connect(target)
                entities.log_on()
            failures = 0 if _read_back(lookout, claims, entities, found) else failures + 1
            if failures == retry.LOOKS_IN_A_ROW:
                why = "SAP does not show its documents: nothing was confirmed. Repeat later"
                found.targets.give_up(Unavailable(why), target)
                return
    except (Misconfigured, Unavailable) as trouble:
        found.targets.give_up(trouble, target)
    finally:
        if entities:
            entities.close()


def still_absent(lookout: Lookout, vanished: Sequence[Claim]) -> list[Claim]:
    """Those that SAP does not show now: not again, after an update that failed was repeated, say (transaction SM13).

    What it shows as it was sent is confirmed, also where that was a conflict; anything else is a conflict, or stays
    one. What was sent too short a while ago may still come. Raises Misconfigured or Unavailable when SAP cannot be
    asked.
    """
    absent: list[Claim] = []
    for target, group in groupby(sorted(vanished, key=attrgetter("target")), key=attrgetter("target")):
        with closing(lookout.connect(target)) as entities:
            entities.log_on()
            for some in pages(group, lookout.at_once):
                sights = entities.look([claim.doc_key for claim in some])
                equal = _write_down_shown(lookout, some, sights, Confirmation())
                gone = [claim for claim in _absent(some, sights) if lookout.ledger.grace_is_over(claim)]
                lookout.ledger.mended(equal, [claim.id for claim in gone])
                absent += gone
    return absent


def _read_back(lookout: Lookout, claims: Sequence[Claim], entities: Entities, found: Confirmation) -> bool:
    """Write down what a target shows of its own; whether it told anything at all."""
    sights = entities.look([claim.doc_key for claim in claims])
    _write_down_shown(lookout, claims, sights, found)
    absent = [claim.id for claim in _absent(claims, sights)]
    found.vanished += lookout.ledger.vanished(absent, VANISHED) if absent else 0
    return not all(isinstance(sight, Unknown) for sight in sights)


def _absent(claims: Sequence[Claim], sights: Sequence[Sight]) -> list[Claim]:
    return [claim for claim, sight in zip(claims, sights, strict=True) if isinstance(sight, Absent)]


def _write_down_shown(
    lookout: Lookout, claims: Sequence[Claim], sights: Sequence[Sight], found: Confirmation
) -> list[int]:
    """The documents that SAP shows as they were sent."""
    equal: list[int] = []
    different: dict[int, tuple[str, ...]] = {}
    for claim, sight in zip(claims, sights, strict=True):
        if isinstance(sight, Several):
            different[claim.id] = (sight.why,)
        elif isinstance(sight, Found):
            seen = differences(lookout.forms[claim.target], claim, sight)
            if seen:
                different[claim.id] = seen
            else:
                equal.append(claim.id)
    found.confirmed += lookout.ledger.confirm(equal) if equal else 0
    found.conflicts += lookout.ledger.conflicted(different) if different else 0
    return equal
