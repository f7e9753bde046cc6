"""`reconcile`: prints the three sides, what is not the same on all, and what a repair did and did not do."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from pipeline.assembly import Parts
from pipeline.cli import choosing
from pipeline.cli.signals import INTERRUPTED, draining
from pipeline.clock import readable
from pipeline.delivery.reconcile import Reconciliation, Sums
from pipeline.delivery.reconcile import reconcile as compare
from pipeline.delivery.repair import Repair
from pipeline.delivery.repair import repair as mend
from pipeline.delivery.sides import SOURCE, Some
from pipeline.delivery.stop import Stop
from pipeline.ledger.ledger import Ledger
from pipeline.model.money import texts
from pipeline.model.stops import Misconfigured, Unavailable

UNAVAILABLE, DIFFERS = 5, 6


def reconcile(*, sources: Sequence[str], as_json: bool, lines: bool, repair: bool) -> int:
    """Compare, after a repair if that was asked for; 0 if all agree, 6 if not, 5 if it is too early for a repair."""
    names = choosing.sources(sources)
    parts = choosing.parts(*names, "sap")
    ledger = parts.ledger()
    done = None
    try:
        if repair and sources and ledger.distrusted():
            raise Misconfigured("this ledger must be repaired as a whole: leave the sources out")
        if repair:
            with draining() as stop:
                done = _mended(parts, names, ledger, stop)
            if stop.is_set:
                _print_repair(None if as_json else done)
                return INTERRUPTED
            if done and done.stops:
                raise done.stops[0]
        found = compare(parts.feeds(names), parts.lookout(ledger, Stop()), by_line=lines)
    finally:
        ledger.close()
    if as_json:
        click.echo(json.dumps(_json(found, done, by_line=lines), ensure_ascii=False))
    else:
        _print_repair(done)
        _print(found, by_line=lines)
    if done and done.trusted_from:
        return UNAVAILABLE
    return 0 if found.agrees else DIFFERS


def _mended(parts: Parts, names: Sequence[str], ledger: Ledger, stop: Stop) -> Repair | None:
    """What a repair did; nothing where it was asked to end before it could."""
    try:
        return mend(parts.feeds(names), parts.lookout(ledger, stop), stop)
    except Unavailable:
        if stop.is_set:
            return None
        raise


def _json(found: Reconciliation, done: Repair | None, *, by_line: bool) -> dict[str, Any]:
    walk = found.walk
    told = {
        "agrees": found.agrees,
        "sides": _sides(found.sides),
        "sources": {name: _sides(sides) for name, sides in found.by_source.items()},
        "missing": {side: some.first for side, some in found.missing.items()},
        "missing_counts": {side: some.count for side, some in found.missing.items()},
        "different": found.different.first,
        "different_count": found.different.count,
        "quarantined": walk.quarantined,
        "held": walk.held,
        "accepted": walk.accepted,
        "confirmed": walk.confirmed,
        "vanished": walk.vanished,
        "changed_in_sap": walk.conflicts,
        "never_sent": walk.unsent,
        "unknown_in_sap": walk.strangers.count,
    }
    if by_line:
        told["lines"] = walk.lines
    if done:
        told["repair"] = {
            "adopted": done.adopted,
            "delivered": done.settled.delivered,
            "conflicts": done.settled.conflicts,
            "requeued": done.requeued,
            "left_in_sap": done.strangers.count,
            "trusted_again": done.trusted_again,
            "trusted_from": done.trusted_from and readable(done.trusted_from),
        }
    return told


def _sides(sides: Mapping[str, Mapping[str, Sums]]) -> dict[str, Any]:
    return {
        side: {code: {"count": one.count, "sum": texts({code: one.amount})[code]} for code, one in sorted(sums.items())}
        for side, sums in sides.items()
    }


def _print_sides(title: str, sides: Mapping[str, Mapping[str, Sums]]) -> None:
    click.echo(f"{title:8}" + "".join(f"{side:>30}" for side in sides))
    for code in sorted({code for sums in sides.values() for code in sums}):
        cells = []
        for sums in sides.values():
            one = sums.get(code)
            cells.append(f"{one.count:>8} {texts({code: one.amount})[code]:>21}" if one else f"{'-':>30}")
        click.echo(f"{code:8}" + "".join(cells))


def _print_repair(done: Repair | None) -> None:
    if not done:
        return
    settled = done.settled
    click.echo(
        f"taken over from SAP: {done.adopted}, of which {settled.delivered} are equal and {settled.conflicts} are not"
    )
    click.echo(f"back in line, since SAP said created but never showed them: {done.requeued}")
    if done.strangers.count:
        click.echo(f"left as they are, since no source lists them: {done.strangers.count}   {_some(done.strangers)}")
    click.echo("left to a person: what SAP once showed and does not show any more (billing-to-sap retry --id ID)")
    if done.trusted_again:
        click.echo("the ledger knows what SAP has, and sends again")
    if done.trusted_from:
        click.echo(
            "the ledger sends nothing yet, since SAP may still be working on what another copy of it has sent: "
            f"billing-to-sap reconcile --repair once more, after {readable(done.trusted_from)}"
        )


def _print(found: Reconciliation, *, by_line: bool) -> None:
    for name, sides in found.by_source.items() if len(found.by_source) > 1 else ():
        _print_sides(name, sides)
    _print_sides("all" if len(found.by_source) > 1 else "", found.sides)
    for side, some in found.missing.items():
        if some.count:
            click.echo(f"not in {side}: {some.count}   {_some(some)}")
    if found.missing[SOURCE].count > found.walk.strangers.count:
        click.echo(
            "  where SAP is to keep what was withdrawn: billing-to-sap accept SOURCE ID --withdrawn --reason TEXT"
        )
    if found.different.count:
        click.echo(f"not equal: {found.different.count}")
        for text in found.different.first:
            click.echo(f"  {text}")
    for line in _remarks(found):
        click.echo(line)
    if by_line:
        click.echo(f"{found.walk.lines} lines of the source were compared with what was sent and what SAP shows")
    click.echo("source = ledger = SAP" if found.agrees else "source, ledger and SAP differ")


def _remarks(found: Reconciliation) -> list[str]:
    walk = found.walk
    remarks = (
        (walk.quarantined, "records of the source are no sound invoices and are left out (billing-to-sap status)"),
        (walk.held, "documents of the source must wait and are left out (billing-to-sap sync says why)"),
        (walk.accepted, "documents were accepted as SAP has them and are left out"),
        (walk.vanished, "were delivered but SAP does not show them (any more): VANISHED"),
        (walk.conflicts, "were changed in SAP after they were delivered: CONFLICT"),
        (
            walk.unsent,
            "are in SAP though this ledger never sent them: reconcile --repair takes them over",
        ),
    )
    return [f"{count} {text}" for count, text in remarks if count]


def _some(some: Some) -> str:
    return ", ".join(some.first) + (", ..." if some.count > len(some.first) else "")
