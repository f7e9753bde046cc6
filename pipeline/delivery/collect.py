"""From a source into the ledger.

Every page judged and stored, together with the mark from which a later run may go on, in one transaction.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import islice
from typing import Any

from pipeline.delivery.judge import Judge
from pipeline.delivery.stop import Stop
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Arrival, Place, Receipt
from pipeline.sources.page import Page, Source


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A configured source with the judge of its records and the eye for what its vendor added to them."""

    source: Source
    judge: Judge
    unknown_fields: Callable[[Any], list[str]]

    @property
    def name(self) -> str:
        """The source's name."""
        return self.source.name


@dataclass(kw_only=True)
class Collected:
    """What one run read from one source; an incremental one gives only what has changed since the last run."""

    is_incremental: bool = False
    receipt: Receipt = field(default_factory=Receipt)
    ids: set[str] = field(default_factory=set)
    repeated: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    judged: dict[str, tuple[str | None, Decimal | None]] = field(default_factory=dict)
    first: Arrival | None = None


def collect(feed: Feed, ledger: Ledger, *, limit: int | None, stop: Stop, keep: bool = True) -> Collected:
    """Read the source to its end, to `limit` records, or until somebody asks to stop.

    `keep=False` stores nothing and remembers what each record would be worth. Raises Misconfigured or Unavailable;
    the pages stored until then stay.
    """
    found = Collected(is_incremental=feed.source.is_incremental)
    since = ledger.positions(feed.name)
    left = limit
    for page in feed.source.pages(since):
        taken = page if left is None else _cut(page, left, since)
        _take(found, feed, ledger, taken, keep=keep)
        left = None if left is None else left - len(taken.records)
        if stop.is_set or left == 0:
            break
    return found


def _cut(page: Page, left: int, since: Mapping[str, str]) -> Page:
    """The page with at most so many records; what is left out must be read again, so the mark stays where it was."""
    if len(page.records) <= left:
        return page
    return replace(page, records=tuple(islice(page.records, left)), mark=since.get(page.stream))


def _take(found: Collected, feed: Feed, ledger: Ledger, page: Page, *, keep: bool) -> None:
    arrivals, repeated = feed.judge.judge_page(page.records)
    if arrivals or (keep and page.mark):
        place = Place(stream=page.stream, cursor=page.mark)
        found.receipt += ledger.receive(feed.name, arrivals, place) if keep else ledger.rehearse(feed.name, arrivals)
    found.repeated += repeated + sum(one.source_id in found.ids for one in arrivals)
    found.ids.update(one.source_id for one in arrivals)
    for record in page.records:
        found.unknown.update(feed.unknown_fields(record))
    if not keep:
        _remember(found, arrivals)


def _remember(found: Collected, arrivals: list[Arrival]) -> None:
    found.judged.update({one.source_id: (one.currency, one.amount) for one in arrivals})
    if found.first is None:
        found.first = next((one for one in arrivals if one.payload), None)
