"""`resolve` and `retry`: what is in doubt is looked up, what was refused is put back in line."""

import json
from collections.abc import Sequence
from decimal import Decimal

import click

from pipeline.cli import choosing
from pipeline.cli.signals import INTERRUPTED, draining
from pipeline.clock import readable
from pipeline.delivery.resolve import Resolution
from pipeline.delivery.resolve import resolve as look
from pipeline.model.stops import Misconfigured

AMBIGUOUS = 4
CONFLICTS = 3


def resolve(*, sources: Sequence[str], wait: bool) -> int:
    """Look up what is due; 4 if something still waits, 3 if something differs."""
    names = choosing.sources(sources)
    parts = choosing.parts("sap")
    ledger = parts.ledger()
    try:
        with draining() as stop:
            found = look(parts.lookout(ledger), names, stop=stop, wait=wait)
            interrupted = stop.is_set
    finally:
        ledger.close()
    _print(found, parts.clock.now())
    if interrupted:
        return INTERRUPTED
    if found.stops:
        raise found.stops[0]
    return AMBIGUOUS if found.waiting else CONFLICTS if found.conflicts else 0


def _print(found: Resolution, now: int) -> None:
    click.echo(
        f"looked up: {found.delivered} delivered, {found.ready} absent and ready again, {found.conflicts} different"
    )
    if found.waiting:
        due = sum(time <= now for time in found.waiting)
        click.echo(
            f"still in doubt: {len(found.waiting)}, {due} of them due, the last at {readable(found.waiting[-1])}"
        )
    if found.ready:
        click.echo("next: billing-to-sap sync sends what was absent")


def retry(*, sources: Sequence[str], ids: Sequence[str]) -> int:
    """Judge anew; 3 if something stays where it was."""
    names = choosing.sources(sources)
    parts = choosing.parts(*names)
    ledger = parts.ledger()
    entered = stayed = 0
    missing = set(ids)
    try:
        candidates = ledger.retryable(names)
        for feed in parts.feeds(names):
            mine = [(id_, text) for source, id_, text in candidates if source == feed.name and (not ids or id_ in ids)]
            missing -= {id_ for id_, _ in mine}
            arrivals = [feed.judge.judge(json.loads(text, parse_float=Decimal)) for _, text in mine]
            sound = [arrival for arrival in arrivals if arrival.is_sound]
            if sound:
                receipt = ledger.renew(feed.name, sound)
                entered += receipt.changed + receipt.new
            stayed += len(arrivals) - len(sound)
    finally:
        ledger.close()
    if missing:
        raise Misconfigured(f"neither rejected nor quarantined: {', '.join(sorted(missing))}")
    click.echo(f"{entered} back in line as a new revision, {stayed} still no sound invoice")
    if entered:
        click.echo("next: billing-to-sap sync sends them")
    return CONFLICTS if stayed else 0
