"""`resolve`, `retry`, `accept`: what is in doubt is looked up, what was refused goes back in line, a conflict ends."""

from collections.abc import Iterator, Sequence

import click

from pipeline.cli import choosing
from pipeline.cli.signals import INTERRUPTED, draining
from pipeline.clock import readable
from pipeline.delivery.collect import Feed
from pipeline.delivery.confirm import still_absent
from pipeline.delivery.resolve import Resolution
from pipeline.delivery.resolve import resolve as look
from pipeline.delivery.stop import Stop
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Claim, Receipt
from pipeline.model.record import plain
from pipeline.model.stops import Misconfigured

AMBIGUOUS = 4
CONFLICTS = 3
_NEXT = "billing-to-sap show tells which; accept SOURCE ID ends a conflict"


def resolve(*, sources: Sequence[str], wait: bool) -> int:
    """Look up what is due; 4 if something still waits, 3 if something differs."""
    names = choosing.sources(sources)
    parts = choosing.parts("sap")
    ledger = parts.kept_ledger()
    try:
        with draining() as stop:
            found = look(parts.lookout(ledger, stop), names, stop=stop, wait=wait)
            interrupted = stop.is_set
    finally:
        ledger.close()
    _print(found)
    if interrupted:
        return INTERRUPTED
    if found.stops:
        raise found.stops[0]
    return AMBIGUOUS if found.waiting.count else CONFLICTS if found.conflicts else 0


def _print(found: Resolution) -> None:
    click.echo(
        f"looked up: {found.delivered} delivered, {found.ready} absent and ready again, {found.conflicts} different, "
        f"{found.rejected} refused"
    )
    left = found.waiting
    if left.count:
        click.echo(f"still in doubt: {left.count}, {left.due} of them due, the last at {readable(left.last)}")
    if found.ready or found.released:
        click.echo("next: billing-to-sap sync sends what was absent, or waited for what was found")
    if found.conflicts:
        click.echo("next: a person must decide what differs: billing-to-sap status tells of each why")


def retry(*, sources: Sequence[str], ids: Sequence[str]) -> int:
    """Judge anew; 3 if something stays where it was."""
    names = choosing.sources(sources)
    parts = choosing.parts(*names)
    ledger = parts.kept_ledger()
    entered = unsound = kept = 0
    try:
        _check(ledger, names, ids)
        for feed in parts.feeds(names):
            for records in _named(ledger, feed, ids) if ids else _refused(ledger, feed):
                arrivals = [feed.judge.judge_again(text) for text in records]
                sound = [arrival for arrival in arrivals if arrival.is_sound]
                receipt = ledger.renew(feed.name, sound) if sound else Receipt()
                entered += receipt.changed
                unsound += len(arrivals) - len(sound)
                kept += receipt.unchanged
        stays = any(ledger.missed(name, id_) for name in names for id_ in ids)
    finally:
        ledger.close()
    click.echo(f"{entered} back in line as a new revision, {unsound} still no sound invoice")
    if kept:
        click.echo(f"{kept} not put back: SAP has, or may have, another revision or document under the key. {_NEXT}")
    if entered:
        click.echo("next: billing-to-sap sync sends them")
    return CONFLICTS if unsound or kept or stays else 0


def _refused(ledger: Ledger, feed: Feed) -> Iterator[list[str]]:
    """The records of everything that was rejected or quarantined, page by page; what enters anew comes behind."""
    last = 0
    ends = ledger.last_document()
    while page := [one for one in ledger.refused(feed.name, last) if one.id <= ends]:
        yield [one.record for one in page]
        last = page[-1].id


def _check(ledger: Ledger, names: Sequence[str], ids: Sequence[str]) -> None:
    """Raises Misconfigured, before anything is changed, for what there is nothing to retry of."""
    missing = [id_ for id_ in dict.fromkeys(ids) if not any(ledger.record(name, id_) for name in names)]
    if missing:
        raise Misconfigured(
            f"neither rejected, quarantined, vanished nor in conflict: {', '.join(map(plain, missing))}. "
            "Nothing was changed; leave them out"
        )


def _named(ledger: Ledger, feed: Feed, ids: Sequence[str]) -> Iterator[list[str]]:
    """The records of these invoices; only by their names does what SAP does not show go back in line."""
    missed = [claim for id_ in dict.fromkeys(ids) for claim in ledger.missed(feed.name, id_)]
    stay = {claim.source_id for claim in missed} - _absent(ledger, missed)
    if stay:
        click.echo(
            f"{len(stay)} not sent again, since SAP shows something under their key, or does not tell yet: "
            f"{', '.join(sorted(stay))}"
        )
    for id_ in dict.fromkeys(ids):
        if id_ not in stay and (record := ledger.record(feed.name, id_)):
            yield [record]


def _absent(ledger: Ledger, missed: Sequence[Claim]) -> set[str]:
    """Those that SAP, asked once more, does not show; SAP's settings are needed only where it must be asked."""
    if not missed:
        return set()
    parts = choosing.parts("sap")
    return {claim.source_id for claim in still_absent(parts.lookout(ledger, Stop()), missed)}


def accept(*, source: str, source_id: str, reason: str, withdrawn: bool) -> int:
    """A person leaves SAP as it is. Raises Misconfigured if there is nothing to accept."""
    if not reason.strip():
        raise Misconfigured("--reason is empty: say why SAP is right")
    ledger = choosing.parts().kept_ledger()
    try:
        accepted = ledger.accept(source, source_id, plain(reason.strip()), withdrawn=withdrawn)
    finally:
        ledger.close()
    if not accepted and withdrawn:
        raise Misconfigured(
            f"{source} {source_id} is neither CONFIRMED nor in conflict: there is nothing to accept; "
            "reconcile confirms what SAP shows"
        )
    if not accepted:
        raise Misconfigured(
            f"{source} {source_id} is in no conflict: there is nothing to accept; "
            "if SAP has it and its source lists it no longer, add --withdrawn"
        )
    click.echo(f"{source} {source_id} stays as SAP has it; the history says who decided, and why")
    return 0
