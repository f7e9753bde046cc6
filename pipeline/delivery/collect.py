"""From a source into the ledger.

Every page judged and stored, together with the mark from which a later run may go on, in one transaction. One run at a
time reads a source: of two, the one that had read earlier could store later, and what is newer would give way to it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from pipeline.delivery.judge import Judge
from pipeline.delivery.scratch import Row, Scratch
from pipeline.delivery.stop import Stop
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Arrival, Place, Receipt
from pipeline.ledger.states import State
from pipeline.sources.page import Page, Source

READ = "read"
_POLL = 250


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
    """What one run read from one source; an incremental one gives only what has changed since the last run.

    `seen` knows each id that was read and what its record is worth; of a rehearsal also what would become of it, and
    `first` is the first that would be sent.
    """

    is_incremental: bool = False
    receipt: Receipt = field(default_factory=Receipt)
    seen: Scratch = field(default_factory=Scratch)
    read: int = 0
    repeated: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    first: Arrival | None = None


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How far a source is read: to its end or to `limit` records, until somebody asks to stop; kept, or only judged.

    From where the last run ended, or `anew` from the source's beginning. `progress` is told how many records each page
    brought.
    """

    stop: Stop
    limit: int | None = None
    keep: bool = True
    anew: bool = False
    progress: Callable[[int], None] = lambda _count: None


def collect(feed: Feed, ledger: Ledger, extent: Extent) -> Collected:
    """Read the source, once nobody else reads it; nothing of it where somebody asks to stop before.

    Raises Misconfigured or Unavailable; the pages stored until then stay.
    """
    found = Collected(is_incremental=feed.source.is_incremental)
    with _alone(feed, ledger, extent) as alone:
        if alone:
            _read(found, feed, ledger, extent)
    return found


@contextmanager
def _alone(feed: Feed, ledger: Ledger, extent: Extent) -> Iterator[bool]:
    """Wait until no other run that keeps what it reads reads this source; whether that came before the stop."""
    while extent.keep and not extent.stop.is_set:
        with ledger.lock(f"source-{feed.name}") as free:
            if free:
                yield True
                return
        extent.stop.wait(_POLL)
    yield not extent.keep


def _read(found: Collected, feed: Feed, ledger: Ledger, extent: Extent) -> None:
    since = {} if extent.anew else ledger.positions(feed.name)
    left = extent.limit
    for page in feed.source.pages(since):
        taken = page if left is None else _cut(page, left, since)
        _take(found, feed, ledger, taken, keep=extent.keep)
        extent.progress(len(taken.records))
        left = None if left is None else left - len(taken.records)
        if extent.stop.is_set or left == 0:
            break


def _cut(page: Page, left: int, since: Mapping[str, str]) -> Page:
    """The page with at most so many records; what is left out must be read again, so the mark stays where it was."""
    if len(page.records) <= left:
        return page
    return replace(page, records=tuple(islice(page.records, left)), mark=since.get(page.stream))


def _take(found: Collected, feed: Feed, ledger: Ledger, page: Page, *, keep: bool) -> None:
    arrivals, repeated = feed.judge.judge_page(page.records)
    rows = [Row(one.source_id, READ, one.currency, one.amount) for one in arrivals]
    if keep and (arrivals or page.mark):
        found.receipt += ledger.receive(feed.name, arrivals, Place(stream=page.stream, cursor=page.mark))
    elif arrivals:
        receipt, known = ledger.rehearse(feed.name, arrivals)
        found.receipt += receipt
        rows = [Row(one.source_id, READ, one.currency, one.amount, one.needs, one.state, one.reasons) for one in known]
        ready = {one.source_id for one in known if one.state is State.READY}
        found.first = found.first or next((one for one in arrivals if one.source_id in ready), None)
    new = found.seen.add(rows)
    found.read += new
    found.repeated += repeated + len(arrivals) - new
    for record in page.records:
        found.unknown.update(feed.unknown_fields(record))
