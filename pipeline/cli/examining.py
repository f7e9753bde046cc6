"""`doctor`: one line per check, ok or failed, with what to do."""

from dataclasses import replace

import click

from pipeline import settings
from pipeline.assembly import Parts, books
from pipeline.cli import choosing
from pipeline.delivery.checks import Check, attempt, grace_check, sap_checks
from pipeline.telemetry.redaction import Redactor

SKEW = 3_000
"""Milliseconds by which the clocks of two machines may differ before it is worth a word."""


def doctor() -> int:
    """Run every check that can be run; the exit code of the first failure."""
    given = attempt("settings", _settings)
    checks = [given, *_unknown()]
    if given.ok:
        checks += _checks(choosing.parts(*settings.configured_sources(), "sap"))
    elif (readable := attempt("settings", lambda: settings.load().mapping_file)).ok and readable.text:
        checks.append(attempt("mapping file", lambda: _mapping(choosing.parts())))
    for check in checks:
        for line in check.text.splitlines():
            click.echo(f"{'ok    ' if check.ok else 'failed'}  {check.name}: {line}")
    return next((check.code for check in checks if not check.ok), 0)


def _settings() -> str:
    names = choosing.sources(())
    settings.load((*names, "sap"))
    return f"complete for {', '.join(names)} and SAP"


def _unknown() -> list[Check]:
    """What another program may mean, or a typing error that is like nothing of ours."""
    strange = [name for name, meant in settings.unknown().items() if not meant]
    text = f"{', '.join(sorted(strange))} in the environment: no setting of this program"
    return [Check(name="settings", ok=True, text=text)] if strange else []


def _checks(parts: Parts) -> list[Check]:
    checks = [attempt("ledger", lambda: _ledger(parts)), grace_check(parts.settings.grace)]
    if parts.settings.broker_url:
        checks.append(attempt("RabbitMQ", lambda: _broker(parts)))
    mapping = attempt("mapping file", lambda: _mapping(parts))
    checks.append(mapping)
    if not mapping.ok:  # the rest can be asked under the mapping that is shipped
        parts = replace(parts, settings=replace(parts.settings, mapping_file=""))
    feeds = parts.feeds(settings.configured_sources())
    checks += [attempt(feed.name, feed.source.check) for feed in feeds]
    forms = {feed.judge.form.name: feed.judge.form for feed in feeds}
    return checks + sap_checks(parts.client, forms.values())


def _mapping(parts: Parts) -> str:
    found = books(parts.settings)
    return f"company code {found.company_code}, chart {found.chart}, {len(found.customers)} customers named"


def _ledger(parts: Parts) -> str:
    ledger = parts.ledger()
    try:
        count = sum(sum(states.values()) for states in ledger.counts().values())
        blind = [
            f"\n{one} cannot be written: an old copy of the ledger may go unnoticed" for one in ledger.unwitnessed()
        ]
        clock = told_apart(ledger.skew())
    finally:
        ledger.close()
    return f"{Redactor(()).clean(parts.settings.ledger_url)}, {count} invoices{clock}{''.join(blind)}"


def told_apart(skew: int) -> str:
    """A line about a server whose clock is ahead of this machine's by so many milliseconds, if anybody would see it."""
    if abs(skew) < SKEW:
        return ""
    which = "behind" if skew > 0 else "ahead of"
    return (
        f"\nthis machine's clock is {abs(skew) // 1000} s {which} the ledger's server, whose clock counts for all that "
        "is sent; mend it (NTP), since logs, and postings that wait for their day, go by this one"
    )


def _broker(parts: Parts) -> str:
    from pipeline.cli.working import celery_or_its_absence

    with celery_or_its_absence("doctor"):
        from pipeline.worker import engine, program, ticks
    version = ticks.Ticks(program.application(parts)).prepare()
    few = "; a ledger in a file serves one machine" if parts.settings.ledger_url.startswith("sqlite") else ""
    patience = f"consumer_timeout, which AMQP does not show, must be {3 * engine.HARD_LIMIT} s or more"
    return f"{version}, queues are there; {patience} (default {engine.CONSUMER_TIMEOUT}){few}"
