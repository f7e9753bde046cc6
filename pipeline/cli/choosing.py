"""Which sources a command is about, and the settings it needs for them."""

from collections.abc import Sequence

from pipeline import settings
from pipeline.assembly import Parts
from pipeline.clock import Clock
from pipeline.model.stops import Misconfigured


def parts(*needs: str) -> Parts:
    """Settings, checked for these needs, and what is built from them. Raises Misconfigured."""
    return Parts(settings=settings.load(needs), clock=Clock())


def sources(named: Sequence[str], *, every: bool = True) -> tuple[str, ...]:
    """The named sources, or every configured one. Raises Misconfigured for unknown names and for none at all."""
    unknown = sorted(set(named) - set(settings.SOURCES))
    if unknown:
        raise Misconfigured(f"unknown source {', '.join(unknown)}; there is: {', '.join(settings.SOURCES)}")
    if named:
        return tuple(dict.fromkeys(named))
    if not every:
        raise Misconfigured("name a source, or say --all")
    configured = settings.configured_sources()
    if not configured:
        addresses = ", ".join(f"B2S_{name.upper()}_URL" for name in settings.SOURCES)
        raise Misconfigured(f"no source is configured: set at least one of {addresses} and what goes with it")
    return configured
