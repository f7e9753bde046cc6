"""Source, ledger and SAP side by side.

Count and sum per currency, to the last unit, and which documents are not everywhere. What is in SAP and equal to what
was sent is thereby read back, and the ledger confirms it: a 201 alone is no proof, since SAP's update task may fail
after it (SAP Help "Synchronous or Asynchronous Processing?").
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipeline.delivery.collect import Feed
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.states import State
from pipeline.model.money import totals
from pipeline.odata_client.entities import Entities
from pipeline.odata_client.literals import BadLiteral, typed
from pipeline.sap.form import Form

MOST_SHOWN = 20
Side = dict[str, tuple[str, Decimal]]


@dataclass(frozen=True, kw_only=True)
class Sums:
    """One currency on one side."""

    count: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """Three sides; per side, per currency a count and a sum; and what is not the same on all.

    `by_source` tells the same for each source; what only SAP knows is nobody's.
    """

    sides: dict[str, dict[str, Sums]]
    missing: dict[str, tuple[str, ...]]
    different: tuple[str, ...]
    quarantined: int
    held: int
    confirmed: int
    by_source: dict[str, dict[str, dict[str, Sums]]]

    @property
    def agrees(self) -> bool:
        """Whether the three sides are the same, document by document."""
        return not self.different and not any(self.missing.values())


def reconcile(feeds: Sequence[Feed], ledger: Ledger, connect: Callable[[str], Entities]) -> Reconciliation:
    """Read all three sides and compare them. Raises Misconfigured or Unavailable when one cannot be read."""
    forms = {feed.judge.form.name: feed.judge.form for feed in feeds}
    for name in forms:
        with closing(connect(name)) as entities:
            entities.log_on()
    names = [feed.name for feed in feeds]
    told = _source_side(feeds, ledger)
    booked = {row.doc_key: row for row in ledger.delivered(names)}
    ours: Side = {key: (row.currency, Decimal(row.amount)) for key, row in booked.items()}
    foreign = {row.doc_key for row in ledger.delivered([name for name in ledger.sources() if name not in names])}
    seen = _Seen()
    for form in forms.values():
        with closing(connect(form.name)) as entities:
            _look_at_sap(seen, form, entities.everything(), booked, foreign)
    confirmed = ledger.confirm(seen.equal)
    source, sap = told.side, seen.side
    sides = {"source": source, "ledger": ours, "sap": sap}
    owners = {**told.owners, **{key: row.source for key, row in booked.items()}}
    amounts = [
        f"{key}: source {_text(source[key])}, ledger {_text(ours[key])}, SAP {_text(sap[key])}"
        for key in sorted(source.keys() & ours.keys() & sap.keys())
        if not source[key] == ours[key] == sap[key]
    ]
    return Reconciliation(
        sides={name: _sums(side.values()) for name, side in sides.items()},
        missing=_missing(sides),
        different=tuple(dict.fromkeys([*amounts, *seen.unequal])),
        quarantined=told.quarantined,
        held=told.held,
        confirmed=confirmed,
        by_source={
            owner: {
                side: _sums(worth for key, worth in shown.items() if owners.get(key) == owner)
                for side, shown in sides.items()
            }
            for owner in names
        },
    )


@dataclass(kw_only=True)
class _Told:
    """What the sources say is to be in SAP, whose each document is, and how many are not to be there."""

    side: Side = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    quarantined: int = 0
    held: int = 0


def _source_side(feeds: Sequence[Feed], ledger: Ledger) -> _Told:
    told = _Told()
    for feed in feeds:
        waiting = {entry.source_id for entry in ledger.entries([feed.name]) if entry.state is State.HELD}
        counted: set[str] = set()
        for page in feed.source.pages():
            for arrival in feed.judge.judge_page(page.records)[0]:
                first = arrival.source_id not in counted
                counted.add(arrival.source_id)
                if arrival.doc_key is None or arrival.currency is None or arrival.amount is None:
                    told.quarantined += first
                elif arrival.held or arrival.source_id in waiting:
                    told.held += first
                else:
                    told.side[arrival.doc_key] = (arrival.currency, arrival.amount)
                    told.owners[arrival.doc_key] = feed.name
    return told


@dataclass(kw_only=True)
class _Seen:
    """What SAP shows, what of it is not what was sent, and the ledger's ids of what is."""

    side: Side = field(default_factory=dict)
    unequal: list[str] = field(default_factory=list)
    equal: list[int] = field(default_factory=list)


def _look_at_sap(
    seen: _Seen, form: Form, shown: Iterable[dict[str, Any]], booked: dict[str, Any], foreign: set[str]
) -> None:
    for entity in shown:
        key = str(entity.get(form.key))
        if key in foreign:
            continue
        try:
            values = typed(entity, form.types)
            worth = form.worth(values)
        except BadLiteral as error:
            seen.unequal.append(f"{key}: {error}")
            continue
        seen.side[key] = worth
        row = booked.get(key)
        if row is None:
            continue
        is_worth = worth == (row.currency, Decimal(row.amount))
        different = form.differences(row.payload, values) if is_worth else ()
        seen.unequal += [f"{key}: {text}" for text in different]
        if is_worth and not different and row.state == State.DELIVERED:
            seen.equal.append(row.id)


def _missing(sides: dict[str, Side]) -> dict[str, tuple[str, ...]]:
    everywhere = set().union(*(side.keys() for side in sides.values()))
    return {name: tuple(sorted(everywhere - side.keys())) for name, side in sides.items()}


def _sums(values: Iterable[tuple[str, Decimal]]) -> dict[str, Sums]:
    pairs = list(values)
    sums = totals(pairs)
    return {code: Sums(count=sum(1 for one, _ in pairs if one == code), amount=amount) for code, amount in sums.items()}


def _text(value: tuple[str, Decimal]) -> str:
    return f"{format(value[1], 'f')} {value[0]}"
