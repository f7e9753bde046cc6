"""The three sides of a reconciliation, each read to its end, page by page, into one scratch in the order of the keys.

What SAP shows is compared with what was sent as it passes, item by item: equal is confirmed, other content is a
conflict, and what the ledger never sent is counted, and adopted if that was asked for. A document that is on no page is
looked for once more by its key before it is said to have vanished.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from pipeline.delivery import lines
from pipeline.delivery.collect import Feed
from pipeline.delivery.resolve import Lookout
from pipeline.delivery.scratch import Row, Scratch
from pipeline.delivery.stop import Stop
from pipeline.ledger.receiving import BEHIND
from pipeline.ledger.rows import Arrival, Holding, Known
from pipeline.ledger.states import IN_SAP, State
from pipeline.model.record import plain
from pipeline.odata_client.answers import Absent, Found
from pipeline.odata_client.literals import BadLiteral, typed
from pipeline.sap.form import Form

PAGE = 500
MOST_SHOWN = 20
UNSENT = frozenset({State.READY, State.HELD, State.REJECTED})
SOURCE, LEDGER, SAP = "source", "ledger", "sap"
GONE = "SAP took it, but does not show it under its key"
T = TypeVar("T")


@dataclass(kw_only=True)
class Some:
    """How many there are of something, and the first few."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < MOST_SHOWN:
            self.first.append(text)


@dataclass(kw_only=True)
class Walk:
    """What was found on the way: every side's rows, what is left out of them, and what the ledger learnt."""

    scratch: Scratch = field(default_factory=Scratch)
    different: Some = field(default_factory=Some)
    strangers: Some = field(default_factory=Some)
    quarantined: int = 0
    held: int = 0
    accepted: int = 0
    confirmed: int = 0
    conflicts: int = 0
    vanished: int = 0
    unsent: int = 0
    lines: int = 0


def pages(items: Iterable[T], size: int = PAGE) -> Iterator[list[T]]:
    """The items in lists of this size."""
    rest = iter(items)
    while page := list(islice(rest, size)):
        yield page


def read_source(walk: Walk, feed: Feed, lookout: Lookout, *, by_line: bool = False) -> None:
    """What a source says is to be in SAP; what is unsound, must wait, or was accepted as SAP has it is left out.

    With `by_line` its documents are compared with those that were sent, line by line.
    """
    for page in feed.source.pages():
        arrivals = feed.judge.judge_page(page.records)[0]
        known = lookout.ledger.current(feed.name, [one.source_id for one in arrivals])
        states = {id_: State(row.state) for id_, row in known.items()}
        told: list[Arrival] = []
        for one in arrivals:
            aside = Row(f"{feed.name} {one.source_id}", "left out")
            if not one.is_sound or one.doc_key is None:
                walk.quarantined += walk.scratch.add([aside])
            elif one.held or _waits(known.get(one.source_id)):
                walk.held += walk.scratch.add([aside])
            elif states.get(one.source_id) is not State.ACCEPTED:
                told.append(one)
        walk.scratch.add(Row(one.doc_key or "", SOURCE, one.currency, one.amount, feed.name) for one in told)
        if by_line:
            _compare_lines(walk, feed, lookout, told)


def _waits(known: Known | None) -> bool:
    """Whether an invoice waits, and not only the newest revision of one that may be in SAP."""
    return known is not None and known.state == State.HELD and not BEHIND.keys() & set(known.reasons)


def _compare_lines(walk: Walk, feed: Feed, lookout: Lookout, told: Sequence[Arrival]) -> None:
    form = feed.judge.form
    known = lookout.ledger.by_key(form.name, [one.doc_key for one in told if one.doc_key])
    for one in told:
        sent = next((row for row in known.get(one.doc_key or "", []) if row.state in IN_SAP), None)
        walk.lines += lines.count(form, one.payload or b"{}")
        if sent and sent.digest != one.digest:
            for text in lines.differences(form, sent.payload, one.payload or b"{}"):
                walk.different.add(f"{one.doc_key}: {text}")


def read_sap(walk: Walk, form: Form, lookout: Lookout, names: Sequence[str], *, adopting: Stop | None = None) -> None:
    """What SAP shows of one form, compared with what was sent. Raises Unavailable.

    What was never sent is adopted, until somebody asks to stop, where such a stop is given.
    """
    with closing(lookout.connect(form.name)) as entities:
        for shown in pages(entities.everything()):
            if adopting and adopting.is_set:
                return
            keyed = [(plain(str(entity.get(form.key))), entity) for entity in shown]
            known = lookout.ledger.by_key(form.name, [key for key, _ in keyed])
            seen = _Seen()
            for key, entity in keyed:
                _see(walk, seen, form, entity, (key, _ours(known.get(key, []), names)))
            walk.confirmed += lookout.ledger.confirm(seen.equal)
            walk.conflicts += lookout.ledger.conflicted(seen.conflicts)
            walk.unsent += len(seen.unsent)
            if adopting:
                lookout.ledger.adopt(seen.unsent)


@dataclass(kw_only=True)
class _Seen:
    """What one page of SAP means for the ledger: documents by their ids."""

    equal: list[int] = field(default_factory=list)
    conflicts: dict[int, tuple[str, ...]] = field(default_factory=dict)
    unsent: list[int] = field(default_factory=list)


def _ours(rows: Sequence[Known], names: Sequence[str]) -> Sequence[Known] | None:
    """The revisions of a document; None if it belongs to sources that are not compared."""
    mine = [row for row in rows if row.source in names]
    return None if rows and not mine else mine


def _see(
    walk: Walk, seen: _Seen, form: Form, entity: dict[str, Any], whose: tuple[str, Sequence[Known] | None]
) -> None:
    key, rows = whose
    if rows is None or any(row.state == State.ACCEPTED for row in rows):
        return
    try:
        values = typed(entity, form.types)
        currency, amount = form.worth(values)
    except BadLiteral as error:
        walk.different.add(f"{key}: {error}")
        return
    owner = rows[0].source if rows else ""
    if not walk.scratch.add([Row(key, SAP, currency, amount, owner)]):
        walk.different.add(f"{key}: SAP shows it more than once")
    if not rows:
        walk.strangers.add(key)
    booked = next((row for row in rows if row.state in {*IN_SAP, State.VANISHED}), None)
    if booked:
        different = form.differences(booked.payload, values)
        if different:
            seen.conflicts[booked.id] = different
            for text in different:
                walk.different.add(f"{key}: {text}")
        elif booked.state != State.CONFIRMED:
            seen.equal.append(booked.id)
    if rows and all(row.state in UNSENT for row in rows):  # of the others one is, or may be, what SAP shows
        seen.unsent.append(rows[-1].id)


def read_ledger(walk: Walk, lookout: Lookout, names: Sequence[str]) -> None:
    """What the ledger says is in SAP, read after SAP: whatever is on no page of SAP's is looked up by its key."""
    for page in pages(lookout.ledger.holdings(names)):
        walk.accepted += sum(one.accepted for one in page)
        mine = [one for one in page if not one.accepted]
        walk.scratch.add(Row(one.doc_key, LEDGER, one.currency, one.amount, one.source) for one in mine)
        missing = [one for one in mine if (one.doc_key, SAP) not in walk.scratch and one.state is not State.CONFLICT]
        for target in dict.fromkeys(one.target for one in missing):
            _look_again(walk, lookout, target, [one for one in missing if one.target == target])


def _look_again(walk: Walk, lookout: Lookout, target: str, missing: Sequence[Holding]) -> None:
    form = lookout.forms[target]
    old = lookout.ledger.now() - lookout.ledger.grace
    with closing(lookout.connect(target)) as entities:
        entities.log_on()
        for some in pages(missing, lookout.at_once):
            gone = []
            for one, sight in zip(some, entities.look([one.doc_key for one in some]), strict=True):
                if isinstance(sight, Found):
                    with suppress(BadLiteral):  # was told when it passed
                        currency, amount = form.worth(typed(sight.entity, form.types))
                        walk.scratch.add([Row(one.doc_key, SAP, currency, amount, one.source)])
                elif isinstance(sight, Absent) and one.state in IN_SAP and one.changed_at <= old:
                    gone.append(one.id)
            walk.vanished += lookout.ledger.vanished(gone, GONE)
