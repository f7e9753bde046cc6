"""Which sources a command is about, and the settings it needs for them."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline import settings
from pipeline.assembly import Parts
from pipeline.clock import Clock
from pipeline.model.stops import Misconfigured
from pipeline.telemetry import logs, tracing
from pipeline.telemetry.listening import Listeners
from pipeline.telemetry.redaction import Redactor, passwords_in
from pipeline.telemetry.watch import Watch


def parts(*needs: str, level: str = "WARNING") -> Parts:
    """Settings, checked for these needs, and what is built from them; from now on logs go out without secrets.

    Raises Misconfigured.
    """
    given = settings.load(needs)
    addresses = (given.ledger_url, given.broker_url, given.sap_proxy, given.proxy)
    secrets = [*given.secrets, *passwords_in(*addresses), *tracing.secrets()]
    logs.set_up(given.log_level or level, Redactor(secrets))
    return Parts(settings=given, clock=Clock(), watch=Watch(of_transitions=(logs.transitions,)))


def watched(plain: Parts, metrics_file: str | None) -> tuple[Parts, Listeners]:
    """Parts that count what they do, if a metrics file is wanted, and those who write it."""
    listeners = Listeners(metrics_file=metrics_file or plain.settings.metrics_file)
    return replace(plain, watch=listeners.watch()), listeners


def sources(named: Sequence[str]) -> tuple[str, ...]:
    """The named sources, or every configured one. Raises Misconfigured for unknown names and for none at all."""
    return known(named) or _configured()


def named_or_all(named: Sequence[str], *, every: bool) -> tuple[str, ...]:
    """The named sources, or every configured one if that was asked for: none is guessed. Raises Misconfigured."""
    if named and every:
        raise Misconfigured("name sources, or say --all, not both")
    if not named and not every:
        raise Misconfigured("name a source, or say --all")
    return sources(named)


def known(named: Sequence[str]) -> tuple[str, ...]:
    """The named sources, each once. Raises Misconfigured for names that no source has."""
    unknown = sorted(set(named) - set(settings.SOURCES))
    if unknown:
        raise Misconfigured(f"unknown source {', '.join(unknown)}; there is: {', '.join(settings.SOURCES)}")
    return tuple(dict.fromkeys(named))


def _configured() -> tuple[str, ...]:
    configured = settings.configured_sources()
    if not configured:
        settings.load()  # what is wrong with them comes before what is missing
        addresses = ", ".join(f"B2S_{name.upper()}_URL" for name in settings.SOURCES)
        raise Misconfigured(f"no source is configured: set at least one of {addresses} and what goes with it")
    return configured
