"""`reconcile`: prints the three sides, and what is not the same on all."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from pipeline.cli import choosing
from pipeline.delivery.reconcile import MOST_SHOWN, Reconciliation, Sums
from pipeline.delivery.reconcile import reconcile as compare
from pipeline.model.money import texts

DIFFERS = 6


def reconcile(*, sources: Sequence[str], as_json: bool) -> int:
    """Compare; 0 if all agree, 6 if not."""
    names = choosing.sources(sources)
    parts = choosing.parts(*names, "sap")
    ledger = parts.ledger()
    try:
        found = compare(parts.feeds(names), ledger, parts.connect)
    finally:
        ledger.close()
    if as_json:
        click.echo(json.dumps(_json(found), ensure_ascii=False))
    else:
        _print(found)
    return 0 if found.agrees else DIFFERS


def _json(found: Reconciliation) -> dict[str, Any]:
    return {
        "agrees": found.agrees,
        "sides": _sides(found.sides),
        "sources": {name: _sides(sides) for name, sides in found.by_source.items()},
        "missing": {side: list(ids[:MOST_SHOWN]) for side, ids in found.missing.items()},
        "missing_counts": {side: len(ids) for side, ids in found.missing.items()},
        "different": list(found.different[:MOST_SHOWN]),
        "different_count": len(found.different),
        "quarantined": found.quarantined,
        "held": found.held,
        "confirmed": found.confirmed,
    }


def _sides(sides: Mapping[str, Mapping[str, Sums]]) -> dict[str, Any]:
    return {
        side: {code: {"count": one.count, "sum": texts({code: one.amount})[code]} for code, one in sums.items()}
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


def _print(found: Reconciliation) -> None:
    for name, sides in found.by_source.items() if len(found.by_source) > 1 else ():
        _print_sides(name, sides)
    _print_sides("all" if len(found.by_source) > 1 else "", found.sides)
    for side, ids in found.missing.items():
        if ids:
            click.echo(f"not in {side}: {len(ids)}   {_some(ids)}")
    if found.different:
        click.echo(f"not equal: {len(found.different)}")
        for text in found.different[:MOST_SHOWN]:
            click.echo(f"  {text}")
    if found.quarantined:
        click.echo(
            f"{found.quarantined} records of the source are no sound invoices and are left out (billing-to-sap status)"
        )
    if found.held:
        click.echo(f"{found.held} documents of the source must wait and are left out (billing-to-sap sync says why)")
    click.echo("source = ledger = SAP" if found.agrees else "source, ledger and SAP differ")


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:MOST_SHOWN]) + (", ..." if len(ids) > MOST_SHOWN else "")
