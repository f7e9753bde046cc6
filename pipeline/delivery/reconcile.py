"""Source, ledger and SAP side by side.

Count and sum per currency, to the last unit, and which documents are not everywhere. What is in SAP and equal to what
was sent is thereby read back, and the ledger confirms it: a 201 alone is no proof, since SAP's update task may fail
after it (SAP Help "Synchronous or Asynchronous Processing?").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipeline.delivery.collect import Feed
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.states import State
from pipeline.model.money import totals
from pipeline.odata_client.entities import Entities
from pipeline.odata_client.literals import BadLiteral, typed
from pipeline.sap import invoice_entity

MOST_SHOWN = 20
Side = dict[str, tuple[str, Decimal]]


@dataclass(frozen=True, kw_only=True)
class Sums:
    """One currency on one side."""

    count: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """Three sides; per side, per currency a count and a sum; and what is not the same on all."""

    sides: dict[str, dict[str, Sums]]
    missing: dict[str, tuple[str, ...]]
    different: tuple[str, ...]
    quarantined: int
    confirmed: int = field(default=0)

    @property
    def agrees(self) -> bool:
        """Whether the three sides are the same, document by document."""
        return not self.different and not any(self.missing.values())


def reconcile(feeds: Sequence[Feed], ledger: Ledger, entities: Entities) -> Reconciliation:
    """Read all three sides and compare them. Raises Misconfigured or Unavailable when one cannot be read."""
    entities.log_on()
    names = [feed.name for feed in feeds]
    source, quarantined = _source_side(feeds)
    booked = {row.doc_key: row for row in ledger.delivered(names)}
    ours: Side = {key: (row.currency, Decimal(row.amount)) for key, row in booked.items()}
    foreign = {row.doc_key for row in ledger.delivered([name for name in ledger.sources() if name not in names])}
    sap, unequal, equal = _sap_side(entities.everything(), booked, foreign)
    confirmed = ledger.confirm(equal)
    sides = {"source": source, "ledger": ours, "sap": sap}
    amounts = [
        f"{key}: source {_text(source[key])}, ledger {_text(ours[key])}, SAP {_text(sap[key])}"
        for key in sorted(source.keys() & ours.keys() & sap.keys())
        if not source[key] == ours[key] == sap[key]
    ]
    return Reconciliation(
        sides={name: _sums(side.values()) for name, side in sides.items()},
        missing=_missing(sides),
        different=tuple(dict.fromkeys([*amounts, *unequal])),
        quarantined=quarantined,
        confirmed=confirmed,
    )


def _source_side(feeds: Iterable[Feed]) -> tuple[Side, int]:
    side: Side = {}
    quarantined = 0
    for feed in feeds:
        for page in feed.source.pages():
            for arrival in feed.judge.judge_page(page.records)[0]:
                if arrival.doc_key is None or arrival.currency is None or arrival.amount is None:
                    quarantined += 1
                else:
                    side[arrival.doc_key] = (arrival.currency, arrival.amount)
    return side, quarantined


def _sap_side(
    shown: Iterable[dict[str, Any]], booked: dict[str, Any], foreign: set[str]
) -> tuple[Side, list[str], list[int]]:
    side: Side = {}
    unequal: list[str] = []
    equal: list[int] = []
    for entity in shown:
        key = str(entity.get(invoice_entity.KEY))
        if key in foreign:
            continue
        try:
            values = typed(entity, invoice_entity.TYPES)
        except BadLiteral as error:
            unequal.append(f"{key}: {error}")
            continue
        side[key] = (str(values[invoice_entity.CURRENCY]), values[invoice_entity.VALUE] or Decimal(0))
        row = booked.get(key)
        if row is None:
            continue
        different = [
            text
            for text in invoice_entity.differences(row.payload, values)
            if not text.startswith(invoice_entity.VALUE)
        ]
        unequal += [f"{key}: {text}" for text in different]
        if not different and row.state == State.DELIVERED and side[key] == (row.currency, Decimal(row.amount)):
            equal.append(row.id)
    return side, unequal, equal


def _missing(sides: dict[str, Side]) -> dict[str, tuple[str, ...]]:
    everywhere = set().union(*(side.keys() for side in sides.values()))
    return {name: tuple(sorted(everywhere - side.keys())) for name, side in sides.items()}


def _sums(values: Iterable[tuple[str, Decimal]]) -> dict[str, Sums]:
    pairs = list(values)
    sums = totals(pairs)
    return {code: Sums(count=sum(1 for one, _ in pairs if one == code), amount=amount) for code, amount in sums.items()}


def _text(value: tuple[str, Decimal]) -> str:
    return f"{format(value[1], 'f')} {value[0]}"
