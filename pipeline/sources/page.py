"""What a source gives: pages of raw records, and where to go on from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some records of one stream of a source; `next` is the cursor behind them, None at the end."""

    stream: str
    records: tuple[Any, ...] = field(repr=False)
    next: str | None = None


class Source(Protocol):
    """A billing system."""

    @property
    def name(self) -> str:
        """The source's name in commands, settings and the ledger."""

    def pages(self) -> Iterator[Page]:
        """Every page there is. Raises Misconfigured or Unavailable, in one sentence."""

    def check(self) -> str:
        """Log on and say, in a few words, as whom. Raises Misconfigured or Unavailable."""
