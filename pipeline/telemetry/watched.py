"""Sources, ledger and SAP's documents as they are, each telling how long its work took and how it ended."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pipeline.clock import Clock
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Verdict
from pipeline.ledger.states import State
from pipeline.model.outcome import Outcome
from pipeline.odata_client.answers import Sight, came_to_nothing
from pipeline.odata_client.client import Client
from pipeline.odata_client.entities import Document, Entities, EntitySet
from pipeline.sources.page import START, Page, Source
from pipeline.telemetry.watch import Done, Watch


class WatchedSource:
    """A source whose pages are timed."""

    def __init__(self, source: Source, watch: Watch, clock: Clock) -> None:
        self._source = source
        self._watch = watch
        self._clock = clock
        self.name = source.name
        self.is_incremental = source.is_incremental

    def check(self) -> str:
        return self._source.check()

    def pages(self, since: Mapping[str, str] = START) -> Iterator[Page]:
        pages = self._source.pages(since)
        while True:
            timing = _Timing(self._clock)
            page = next(pages, None)
            if page is None:
                return
            count = len(page.records)
            self._watch.done(timing.done("page", self.name, count, {"read": count}))
            yield page


class WatchedEntities(Entities):
    """Documents of one target whose creations and looks are timed."""

    def __init__(self, client: Client, entity_set: EntitySet, clock: Clock, *, watch: Watch, target: str) -> None:
        super().__init__(client, entity_set, clock)
        self._watch = watch
        self._target = target

    def create(self, documents: Sequence[Document]) -> list[Outcome]:
        timing = _Timing(self._clock)
        outcomes = super().create(documents)
        self._tell(timing, "exchange", outcomes, opens=all(map(came_to_nothing, outcomes)))
        return outcomes

    def look(self, keys: Sequence[str]) -> list[Sight]:
        timing = _Timing(self._clock)
        sights = super().look(keys)
        self._tell(timing, "look", sights)
        return sights

    def _tell(self, timing: "_Timing", what: str, ended: Sequence[object], *, opens: bool | None = None) -> None:
        results = Counter(type(one).__name__ for one in ended)
        self._watch.done(timing.done(what, self._target, len(ended), results, opens=opens))


class WatchedLedger(Ledger):
    """A ledger whose settlements are timed."""

    watch = Watch()

    def settle(self, verdicts: Sequence[Verdict], *, before: State = State.SENDING) -> int:
        timing = _Timing(self._clock)
        moved = super().settle(verdicts, before=before)
        self.watch.done(timing.done("settle", "ledger", len(verdicts), {}))
        return moved


class _Timing:
    """When a piece of work began."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._instant = clock.now()
        self._ticks = clock.monotonic()

    def done(self, what: str, where: str, count: int, results: Mapping[str, int], *, opens: bool | None = None) -> Done:
        """The piece of work, ended now."""
        took = self._clock.monotonic() - self._ticks
        return Done(
            what=what, where=where, began=self._instant, milliseconds=took, count=count, results=results, opens=opens
        )
