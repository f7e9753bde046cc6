"""`reconcile --repair`: brings the ledger up to what SAP has, and puts back in line only what is safe to send.

What it does: learns what the sources list, from their beginning; takes over what SAP shows though this ledger never
sent it (an old copy of a ledger, or a lost one), looks it up and settles it; sends again, as a new revision, what SAP
said it had created but has never shown, neither now nor a grace period ago. A distrusted ledger is believed again once
all of its sources were read, and SAP was read when nothing that another copy had sent could still take effect. What it
does not do: it never deletes or changes anything in SAP, and what SAP once showed and does not show any more it leaves
to a person, since a person may have deleted it there.
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

PART = (
    "this ledger must be repaired as a whole, and it has documents of sources that are not read here: {unread}. "
    "Configure them here, or repair it where they are"
)


@dataclass(kw_only=True)
class Repair:
    """What was done and what was left; `trusted_from` where it is too early to trust the ledger again."""

    adopted: int = 0
    settled: Resolution = field(default_factory=Resolution)
    requeued: int = 0
    strangers: Some = field(default_factory=Some)
    trusted_again: bool = False
    trusted_from: int | None = None
    stops: list[Misconfigured | Unavailable] = field(default_factory=list)


def repair(feeds: Sequence[Feed], lookout: Lookout, stop: Stop) -> Repair:
    """Do it, until somebody asks to stop.

    Raises Misconfigured or Unavailable when a source or SAP cannot be read, what was done until then stays; and
    Misconfigured for a part of a distrusted ledger.
    """
    done = Repair()
    ledger = lookout.ledger
    names = [feed.name for feed in feeds]
    unread = sorted(set(ledger.sources()) - set(names))
    if unread and ledger.distrusted():
        raise Misconfigured(PART.format(unread=", ".join(unread)))
    log_on(feeds, lookout)
    for feed in feeds:
        collect(feed, ledger, Extent(stop=stop, anew=True)).seen.close()
    early = lookout.ledger.now() < ledger.trusted_from()
    walk = Walk()
    for form in {feed.judge.form.name: feed.judge.form for feed in feeds}.values():
        sides.read_sap(walk, form, lookout, names, adopting=stop)
    walk.scratch.close()
    done.adopted, done.strangers = walk.unsent, walk.strangers
    done.settled = resolve(lookout, names, stop=stop)
    done.stops = list(done.settled.stops)
    done.requeued = sum(_send_again(feed, lookout) for feed in feeds if not stop.is_set)
    if ledger.distrusted() and not stop.is_set and not done.stops:
        if early:
            done.trusted_from = ledger.trusted_from()
        else:
            ledger.trust()
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
