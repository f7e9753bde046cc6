"""What a source gives: pages of raw records, and where to go on from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

START: Mapping[str, str] = MappingProxyType({})
"""From the beginning of every stream."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some records of one stream of a source; `next` is the cursor behind them, None at the end.

    `mark` is where a later run may begin, once this page and all before it are stored; None where every run begins at
    the beginning.
    """

    stream: str
    records: tuple[Any, ...] = field(repr=False)
    next: str | None = None
    mark: str | None = None


class Source(Protocol):
    """A billing system."""

    @property
    def name(self) -> str:
        """The source's name in commands, settings and the ledger."""

    @property
    def is_incremental(self) -> bool:
        """Whether a later run reads only what has changed since the marks it is given."""

    def pages(self, since: Mapping[str, str] = START) -> Iterator[Page]:
        """Every page, or those behind each stream's mark. Raises Misconfigured or Unavailable, in one sentence."""

    def check(self) -> str:
        """Log on and say, in a few words, as whom. Raises Misconfigured or Unavailable."""
