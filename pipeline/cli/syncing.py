"""`sync`: runs it, prints its summary for people or for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from pipeline.assembly import Parts
from pipeline.cli import choosing
from pipeline.cli.progress import watching
from pipeline.cli.signals import draining
from pipeline.clock import readable
from pipeline.delivery.report import Tally
from pipeline.delivery.sync import Order, Result, rehearse
from pipeline.delivery.sync import sync as run
from pipeline.model.money import texts

MOST_TROUBLES = 10


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line."""

    sources: Sequence[str]
    every: bool
    dry_run: bool
    as_json: bool
    batch_size: int | None
    concurrency: int | None
    limit: int | None
    metrics_file: str | None


def sync(options: Options) -> int:
    """Run it; the exit code of the worst thing that happened."""
    names = choosing.named_or_all(options.sources, every=options.every)
    plain = choosing.parts(*names, *(() if options.dry_run else ("sap",)))
    parts, listeners = choosing.watched(plain, options.metrics_file)
    began = parts.clock.monotonic()
    ledger = parts.existing_ledger() if options.dry_run else parts.ledger()
    try:
        with draining() as stop, watching(quiet=options.as_json) as watcher:
            order = Order(
                feeds=parts.feeds(names),
                ledger=ledger,
                limit=options.limit,
                stop=stop,
                watcher=watcher,
                confirm_age=parts.settings.confirm_age,
            )
            result = rehearse(order) if options.dry_run else _run(parts, order, options)
        elapsed = parts.clock.monotonic() - began
        if options.as_json:
            click.echo(json.dumps(as_json(result, elapsed), ensure_ascii=False))
        else:
            show(result, elapsed, parts.clock.now(), dry_run=options.dry_run)
        for trouble in result.stops:
            click.echo(f"billing-to-sap: {trouble}", err=True)
        listeners.write(ledger, parts.clock)
    finally:
        ledger.close()
    return result.exit_code if _matters(result, options) else 0


def _matters(result: Result, options: Options) -> bool:
    """A rehearsal is not to be blamed for what is still waiting."""
    return not options.dry_run or bool(result.stops) or result.exit_code in {1, 130}


def _run(parts: Parts, order: Order, options: Options) -> Result:
    at_once = options.concurrency or parts.settings.sap_slots
    route = parts.route(order.ledger, order.stop, senders=at_once, slots=at_once, batch_size=options.batch_size)
    return run(order, route, parts.lookout(order.ledger, order.stop, batch_size=options.batch_size))


def as_json(result: Result, elapsed: int) -> dict[str, Any]:
    """What programs are told of a run."""
    return {
        "sources": {name: tally.as_json() for name, tally in result.tallies.items()},
        "totals": result.total.as_json(),
        "troubles": [
            {"place": one.place, "reason": one.reason, "count": one.count, "examples": list(one.examples)}
            for one in result.troubles
        ],
        "stopped": [str(stop) for stop in result.stops],
        "seconds": round(elapsed / 1000, 3),
    }


def show(result: Result, elapsed: int, now: int, *, dry_run: bool = False) -> None:
    """What people are told of a run."""
    for name, tally in result.tallies.items():
        _print_tally(name, tally, dry_run=dry_run)
        _print_remarks(name, result)
    if result.troubles:
        click.echo("not delivered, and why:")
    for trouble in result.troubles[:MOST_TROUBLES]:
        click.echo(f"  {trouble.count:>6} {trouble.place}: {trouble.reason}   ({', '.join(trouble.examples)})")
    if len(result.troubles) > MOST_TROUBLES:
        click.echo(f"         and {len(result.troubles) - MOST_TROUBLES} other reasons")
    for line in _advice(result, now, dry_run=dry_run):
        click.echo(line)
    if dry_run and result.first and result.first.payload:
        entity_set = result.first.target.rpartition("/")[2]
        click.echo(f"the first request would be:\n  POST {entity_set}\n  {result.first.payload.decode()}")
    click.echo(f"{elapsed // 1000}.{elapsed % 1000 // 100} s")


def _print_tally(name: str, tally: Tally, *, dry_run: bool) -> None:
    click.echo(f"{name}: {tally.equation}")
    news = f"{tally.new} new, {tally.unchanged} unchanged, {tally.changed} changed"
    click.echo(f"  {news}, {tally.sent} sent" if not dry_run else f"  {news}; nothing was stored or sent")
    if tally.sums:
        click.echo(f"  in SAP      {_sums(tally)}")
    if tally.pending_sums:
        waiting = " + ".join(f"{amount} {currency}" for currency, amount in texts(tally.pending_sums).items())
        click.echo(f"  {'to be sent' if dry_run else 'waiting   '}  {waiting}")


def _print_remarks(name: str, result: Result) -> None:
    if result.tallies[name].repeated:
        click.echo(f"  {result.tallies[name].repeated} records repeated another one and were counted once")
    if result.gone[name]:
        click.echo(f"  {result.gone[name]} invoices of the ledger were not read from the source this time")
    unknown = result.unknown_fields[name].most_common(5)
    if unknown:
        click.echo(f"  fields we do not know: {', '.join(f'{field} ({count}x)' for field, count in unknown)}")


def _sums(tally: Tally) -> str:
    return " + ".join(f"{amount} {currency}" for currency, amount in texts(tally.sums).items())


def _advice(result: Result, now: int, *, dry_run: bool) -> list[str]:
    total = result.total
    advice: list[str] = []
    if dry_run:
        return advice
    if result.in_doubt:
        last = result.waiting.last
        when = "now" if last <= now else f"the last at {readable(last)}"
        advice.append(
            f"next: {result.in_doubt} may be in SAP and must be looked up, {when}: "
            "billing-to-sap resolve --wait, then sync again"
        )
    if total.rejected or total.quarantined:
        advice.append(
            "next: mend the reasons above, then billing-to-sap retry, then sync; or mend the source, then sync"
        )
    if total.conflicts:
        advice.append(
            f"next: {total.conflicts} differ from what is in SAP; a person must decide: billing-to-sap show SOURCE ID"
        )
    if total.pending and not result.stops and not result.handed_over:
        advice.append(f"next: {total.pending} were not taken yet: billing-to-sap sync again")
    advice += result.remarks
    if result.confirmed:
        advice.append(f"read back from SAP and confirmed: {result.confirmed}")
    if result.resolved:
        advice.append(f"looked up in SAP and settled: {result.resolved}")
    return advice
