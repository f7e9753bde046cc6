"""One run: look up what is due, read back what was delivered, collect from every source, deliver, look again, count.

One source's trouble stops no other, nor does one target's (`targets`). Nothing is sent before everything is read: only
then is it known whether this ledger may be older than what SAP has (`guard`).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.delivery.collect import Collected, Extent, Feed, collect
from pipeline.delivery.confirm import confirm
from pipeline.delivery.deliver import Route, deliver
from pipeline.delivery.guard import look_before_sending
from pipeline.delivery.report import Tally, Trouble, count, together
from pipeline.delivery.resolve import Lookout, Resolution, resolve
from pipeline.delivery.stop import Stop
from pipeline.delivery.targets import Targets
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Arrival, Waiting
from pipeline.model.stops import Misconfigured, Unavailable

FIFTEEN_MINUTES = 900_000


@dataclass(frozen=True, kw_only=True)
class Watcher:
    """Told how the run goes on: `begin(what, total)`, then `advance(how many)`. Does nothing by itself."""

    begin: Callable[[str, int | None], None] = lambda _what, _total: None
    advance: Callable[[int], None] = lambda _count: None


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a run is to do: these sources, at most so many records of each, until somebody asks to stop."""

    feeds: Sequence[Feed]
    ledger: Ledger
    limit: int | None
    stop: Stop
    watcher: Watcher
    confirm_age: int = FIFTEEN_MINUTES

    @property
    def names(self) -> list[str]:
        """The sources' names."""
        return [feed.name for feed in self.feeds]


@dataclass(kw_only=True)
class Result:
    """What a run did, as far as it came."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    unknown_fields: dict[str, Counter[str]] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    stops: list[Misconfigured | Unavailable] = field(default_factory=list)
    waiting: Waiting = field(default_factory=Waiting)
    resolved: int = 0
    confirmed: int = 0
    remarks: list[str] = field(default_factory=list)
    first: Arrival | None = None
    interrupted: bool = False
    handed_over: bool = False

    @property
    def total(self) -> Tally:
        """All sources together."""
        return together(self.tallies.values())

    @property
    def in_doubt(self) -> int:
        """How many invoices may be in SAP; also one whose source could not be read, or has changed it meanwhile."""
        return 0 if self.handed_over else max(self.total.ambiguous, self.waiting.count)

    @property
    def exit_code(self) -> int:
        """The code of the worst thing that happened."""
        total = self.total
        codes = (
            (1, not all(one.holds for one in self.tallies.values())),
            (130, self.interrupted),
            (2, any(isinstance(stop, Misconfigured) for stop in self.stops)),
            (5, bool(self.stops)),
            (4, self.in_doubt > 0),
            (5, total.pending > 0 and not self.handed_over),
            (3, total.rejected + total.quarantined + total.conflicts + total.vanished > 0),
        )
        return next((code for code, applies in codes if applies), 0)


def sync(order: Order, route: Route, lookout: Lookout) -> Result:
    """Bring everything these sources have into SAP, each exactly once. Trouble is told in the result, not raised."""
    result, targets, began = Result(), Targets(), lookout.ledger.now()
    _resolve(order, lookout, result, targets)
    _confirm(order, lookout, result, targets)
    _tell(result, targets.stops)
    read = _collect(order, result, keep=True)
    look_before_sending(lookout, order.names, targets)
    sent = _deliver(order, route, result, targets)
    again = _resolve(order, lookout, result, targets)
    if again.ready or again.released:
        sent += _deliver(order, route, result, targets)
    _tell(result, targets.stops)
    result.waiting = order.ledger.waiting(order.names)
    _count(order, result, read, sent, since=began)
    return result


def gather(order: Order) -> Result:
    """Bring everything these sources have into the ledger, from which workers bring it into SAP."""
    result = Result(handed_over=True)
    read = _collect(order, result, keep=True)
    _count(order, result, read, Counter())
    return result


def rehearse(order: Order) -> Result:
    """What `sync` would do, from the same sources and the same ledger; nothing is stored and nothing is sent."""
    result = Result()
    read = _collect(order, result, keep=False)
    result.first = next((one.first for one in read.values() if one.first), None)
    _count(order, result, read, Counter())
    return result


def _resolve(order: Order, lookout: Lookout, result: Result, targets: Targets) -> Resolution:
    found = resolve(lookout, order.names, stop=order.stop, targets=targets)
    result.resolved += found.settled
    return found


def _confirm(order: Order, lookout: Lookout, result: Result, targets: Targets) -> None:
    found = confirm(lookout, order.names, stop=order.stop, age=order.confirm_age, targets=targets)
    result.confirmed += found.confirmed


def _collect(order: Order, result: Result, *, keep: bool) -> dict[str, Collected]:
    read: dict[str, Collected] = {}
    extent = Extent(stop=order.stop, limit=order.limit, keep=keep, progress=order.watcher.advance)
    for feed in order.feeds:
        if order.stop.is_set:
            break
        order.watcher.begin(f"reading {feed.name}", None)
        try:
            read[feed.name] = collect(feed, order.ledger, extent)
        except (Misconfigured, Unavailable) as trouble:
            _tell(result, [trouble])
    return read


def _deliver(order: Order, route: Route, result: Result, targets: Targets) -> Counter[str]:
    order.watcher.begin("delivering", order.ledger.ready(order.names))
    run = deliver(route, order.names, stop=order.stop, progress=order.watcher.advance, targets=targets)
    result.remarks += [text for text in run.remarks if text not in result.remarks]
    return run.sent


def _tell(result: Result, stops: Sequence[Misconfigured | Unavailable]) -> None:
    told = {str(stop) for stop in result.stops}
    result.stops += [stop for stop in stops if str(stop) not in told]


def _count(
    order: Order, result: Result, read: dict[str, Collected], sent: Counter[str], *, since: int | None = None
) -> None:
    result.interrupted = order.stop.is_set
    for name, collected in read.items():
        counted = count(collected, order.ledger.entries([name]), sent[name], since)
        collected.seen.close()
        result.tallies[name] = counted.tally
        result.troubles += counted.troubles.groups()
        result.unknown_fields[name] = collected.unknown
        result.gone[name] = counted.gone
