"""`reconcile --repair`: brings the ledger up to what SAP has, and puts back in line only what is safe to send.

What it does: learns what the sources list; takes over what SAP shows though this ledger never sent it (an old copy of a
ledger, or a lost one), looks it up and settles it; sends again, as a new revision, what SAP said it had created but has
never shown, neither now nor a grace period ago. What it does not do: it never deletes or changes anything in SAP, and
what SAP once showed and does not show any more it leaves to a person, since a person may have deleted it there.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

from pipeline.delivery import sides
from pipeline.delivery.collect import Extent, Feed, collect
from pipeline.delivery.reconcile import log_on
from pipeline.delivery.resolve import Lookout, Resolution, resolve
from pipeline.delivery.sides import Some, Walk
from pipeline.delivery.stop import Stop
from pipeline.ledger.rows import Arrival
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.odata_client.answers import Absent


@dataclass(kw_only=True)
class Repair:
    """What was done and what was left."""

    adopted: int = 0
    settled: Resolution = field(default_factory=Resolution)
    requeued: int = 0
    strangers: Some = field(default_factory=Some)
    trusted_again: bool = False
    stops: list[Misconfigured | Unavailable] = field(default_factory=list)


def repair(feeds: Sequence[Feed], lookout: Lookout, stop: Stop) -> Repair:
    """Do it, until somebody asks to stop.

    Raises Misconfigured or Unavailable when a source or SAP cannot be read; what was done until then stays.
    """
    done = Repair()
    names = [feed.name for feed in feeds]
    log_on(feeds, lookout)
    for feed in feeds:
        collect(feed, lookout.ledger, Extent(stop=stop)).seen.close()
    walk = Walk()
    for form in {feed.judge.form.name: feed.judge.form for feed in feeds}.values():
        sides.read_sap(walk, form, lookout, names, adopting=stop)
    walk.scratch.close()
    done.adopted, done.strangers = walk.unsent, walk.strangers
    done.settled = resolve(lookout, names, stop=stop)
    done.stops = list(done.settled.stops)
    done.requeued = sum(_send_again(feed, lookout) for feed in feeds if not stop.is_set)
    if lookout.ledger.distrusted() and not stop.is_set and not done.stops:
        lookout.ledger.trust()
        done.trusted_again = True
    return done


def _send_again(feed: Feed, lookout: Lookout) -> int:
    """What SAP said it had created and never showed goes back in line, if it is absent now as well. How many did."""
    requeued = 0
    for some in sides.pages(lookout.ledger.lost([feed.name]), lookout.at_once):
        arrivals: list[Arrival] = []
        for target in dict.fromkeys(row.target for row in some):
            mine = [row for row in some if row.target == target]
            with closing(lookout.connect(target)) as entities:
                entities.log_on()
                sights = entities.look([row.doc_key for row in mine])
            absent = [row for row, sight in zip(mine, sights, strict=True) if isinstance(sight, Absent)]
            arrivals += [feed.judge.judge_again(row.record) for row in absent]
        sound = [arrival for arrival in arrivals if arrival.is_sound]
        requeued += lookout.ledger.renew(feed.name, sound).changed if sound else 0
    return requeued
