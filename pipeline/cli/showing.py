"""`status` and `show`: what the ledger knows. Neither asks SAP or a source for anything."""

import json
from collections.abc import Sequence

import click

from pipeline.cli import choosing
from pipeline.clock import readable
from pipeline.delivery.report import REMEDIES, Trouble, Troubles
from pipeline.ledger.rows import Story
from pipeline.model.stops import Misconfigured


def status(*, as_json: bool) -> int:
    """Counts per source and state; for people also every reason, by what is to be done about it."""
    ledger = choosing.parts().kept_ledger()
    troubles = Troubles()
    try:
        counts = ledger.counts()
        for entry in () if as_json else ledger.in_trouble(list(counts)):
            troubles.add(entry)
    finally:
        ledger.close()
    if as_json:
        click.echo(
            json.dumps({source: {str(state): n for state, n in states.items()} for source, states in counts.items()})
        )
    elif not counts:
        click.echo("the ledger is empty")
    for source, states in () if as_json else counts.items():
        click.echo(f"{source}: " + ", ".join(f"{count} {state}" for state, count in states.items()))
    _print_troubles(troubles.groups())
    return 0


def _print_troubles(groups: Sequence[Trouble]) -> None:
    for place, remedy in REMEDIES.items():
        mine = [group for group in groups if group.place == place]
        if mine:
            click.echo(f"{place}: {remedy}")
        for group in mine:
            click.echo(f"  {group.count:>6} {group.reason}   ({', '.join(group.examples)})")


def show(*, source: str, source_id: str) -> int:
    """Everything of one invoice. Raises Misconfigured if the ledger has none of this name."""
    ledger = choosing.parts().kept_ledger()
    try:
        stories = ledger.stories(source, source_id)
    finally:
        ledger.close()
    if not stories:
        raise Misconfigured(f"the ledger knows no invoice {source_id} of {source}")
    for story in stories:
        _print(story)
    return 0


def _print(story: Story) -> None:
    document = story.document
    click.echo(f"{document['source']} {document['source_id']}  revision {document['revision']}  {document['state']}")
    if document["amount"] is not None:
        click.echo(f"  {document['amount']} {document['currency']}  as {document['target']} {document['doc_key']}")
    for reason in json.loads(str(document["reasons"])):
        click.echo(f"  because: {reason}")
    for step in story.history:
        why = f"  {step['why']}" if step["why"] else ""
        click.echo(f"  {readable(_instant(step['at']))}  {step['before'] or '-':>11} -> {step['after']}{why}")
    for attempt in story.attempts:
        ended = readable(_instant(attempt["settled_at"])) if attempt["settled_at"] else "no answer was recorded"
        answer = " ".join(
            str(attempt[name]) for name in ("outcome", "http_status", "sap_code", "sap_message") if attempt[name]
        )
        click.echo(f"  attempt {attempt['id']}  {readable(_instant(attempt['created_at']))}  {ended}  {answer}")


def _instant(value: object) -> int:
    return int(str(value))
