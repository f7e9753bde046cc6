"""From a source into the ledger.

Every page judged and stored, together with the cursor behind it, in one transaction.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
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
    """What one run read from one source."""

    receipt: Receipt = field(default_factory=Receipt)
    ids: set[str] = field(default_factory=set)
    repeated: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    judged: dict[str, tuple[str | None, Decimal | None]] = field(default_factory=dict)
    first_payload: bytes | None = None


def collect(feed: Feed, ledger: Ledger, *, limit: int | None, stop: Stop, keep: bool = True) -> Collected:
    """Read the source to its end, to `limit` records, or until somebody asks to stop.

    `keep=False` stores nothing and remembers what each record would be worth. Raises Misconfigured or Unavailable;
    the pages stored until then stay.
    """
    found = Collected()
    left = limit
    for page in feed.source.pages():
        records = page.records if left is None else tuple(islice(page.records, left))
        _take(found, feed, ledger, Page(stream=page.stream, records=records, next=page.next), keep=keep)
        left = None if left is None else left - len(records)
        if stop.is_set or left == 0:
            break
    return found


def _take(found: Collected, feed: Feed, ledger: Ledger, page: Page, *, keep: bool) -> None:
    arrivals, repeated = feed.judge.judge_page(page.records)
    if arrivals:
        place = Place(stream=page.stream, cursor=page.next)
        found.receipt += ledger.receive(feed.name, arrivals, place) if keep else ledger.rehearse(feed.name, arrivals)
    found.repeated += repeated + sum(one.source_id in found.ids for one in arrivals)
    found.ids.update(one.source_id for one in arrivals)
    for record in page.records:
        found.unknown.update(feed.unknown_fields(record))
    if not keep:
        _remember(found, arrivals)


def _remember(found: Collected, arrivals: list[Arrival]) -> None:
    found.judged.update({one.source_id: (one.currency, one.amount) for one in arrivals})
    if found.first_payload is None:
        found.first_payload = next((one.payload for one in arrivals if one.payload), None)
