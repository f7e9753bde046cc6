"""Reading back what SAP took: a 201 may come before SAP's update task has run, and that task can still fail.

COMMIT WORK without AND WAIT answers first and writes later (SAP Help, "Synchronous and Asynchronous Processing"). So a
document is CONFIRMED only once it was seen in SAP some time after its delivery. One that SAP does not show has
VANISHED, one that it shows with other content is a CONFLICT: both are for a person, nothing is sent again by itself.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from pipeline.delivery import retry
from pipeline.delivery.resolve import Lookout, differences
from pipeline.delivery.sides import pages
from pipeline.delivery.stop import Stop
from pipeline.ledger.rows import Claim
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.odata_client.answers import Absent, Found, Sight
from pipeline.odata_client.entities import Entities

VANISHED = "SAP took it, but does not show it later: its update task may have failed (transaction SM13)"


@dataclass(kw_only=True)
class Confirmation:
    """What reading back showed."""

    confirmed: int = 0
    vanished: int = 0
    conflicts: int = 0
    stops: list[Misconfigured | Unavailable] = field(default_factory=list)


def confirm(
    lookout: Lookout, sources: Sequence[str], *, stop: Stop, age: int, target: str | None = None
) -> Confirmation:
    """Read back everything that was delivered at least `age` milliseconds ago and not since, of one target or of all.

    Trouble with SAP ends it and is told, not raised: what was not read back is read back next time.
    """
    found = Confirmation()
    owner = lookout.clock.guid()
    connections: dict[str, Entities] = {}
    older_than = lookout.clock.now() - age
    failures = 0
    try:
        while not stop.is_set and (
            claims := lookout.ledger.confirmable(sources, lookout.at_once, owner, older_than, target=target)
        ):
            told = _read_back(lookout, claims, connections, found)
            failures = 0 if told else failures + 1
            if failures == retry.LOOKS_IN_A_ROW:
                found.stops.append(Unavailable("SAP does not show its documents: nothing was confirmed. Repeat later"))
                break
    except (Misconfigured, Unavailable) as trouble:
        found.stops.append(trouble)
    finally:
        lookout.ledger.release(owner)
        for entities in connections.values():
            entities.close()
    return found


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


def _read_back(
    lookout: Lookout, claims: Sequence[Claim], connections: dict[str, Entities], found: Confirmation
) -> bool:
    """Ask each target for its own and write down what it shows; whether anything was told at all."""
    told = False
    for target, group in groupby(sorted(claims, key=attrgetter("target")), key=attrgetter("target")):
        mine = list(group)
        if target not in connections:
            connections[target] = lookout.connect(target)
            connections[target].log_on()
        sights = connections[target].look([claim.doc_key for claim in mine])
        told |= any(isinstance(sight, Found | Absent) for sight in sights)
        _write_down_shown(lookout, mine, sights, found)
        absent = [claim.id for claim in _absent(mine, sights)]
        found.vanished += lookout.ledger.vanished(absent, VANISHED) if absent else 0
    return told


def _absent(claims: Sequence[Claim], sights: Sequence[Sight]) -> list[Claim]:
    return [claim for claim, sight in zip(claims, sights, strict=True) if isinstance(sight, Absent)]


def _write_down_shown(
    lookout: Lookout, claims: Sequence[Claim], sights: Sequence[Sight], found: Confirmation
) -> list[int]:
    """The documents that SAP shows as they were sent."""
    equal: list[int] = []
    different: dict[int, tuple[str, ...]] = {}
    for claim, sight in zip(claims, sights, strict=True):
        if isinstance(sight, Found):
            seen = differences(lookout.forms[claim.target], claim, sight)
            if seen:
                different[claim.id] = seen
            else:
                equal.append(claim.id)
    found.confirmed += lookout.ledger.confirm(equal) if equal else 0
    found.conflicts += lookout.ledger.conflicted(different) if different else 0
    return equal
