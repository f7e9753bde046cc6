"""Source, ledger and SAP side by side.

Count and sum per currency, to the last unit, and which documents are not everywhere. What is in SAP and equal to what
was sent is thereby read back, and the ledger confirms it: a 201 alone is no proof, since SAP's update task may fail
after it (SAP Help "Synchronous or Asynchronous Processing?"). Memory stays flat however many documents there are.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from pipeline.delivery import sides
from pipeline.delivery.collect import Feed
from pipeline.delivery.resolve import Lookout
from pipeline.delivery.scratch import Row
from pipeline.delivery.sides import LEDGER, SAP, SOURCE, Some, Walk
from pipeline.model.money import add

SIDES = (SOURCE, LEDGER, SAP)


@dataclass(kw_only=True)
class Sums:
    """One currency on one side."""

    count: int = 0
    amount: Decimal = Decimal(0)


Side = dict[str, Sums]


def _sides() -> dict[str, Side]:
    return {side: {} for side in SIDES}


@dataclass(kw_only=True)
class Reconciliation:
    """Three sides; per side, per currency a count and a sum; and what is not the same on all.

    `by_source` tells the same for each source; what only SAP knows is nobody's.
    """

    sides: dict[str, Side] = field(default_factory=_sides)
    by_source: dict[str, dict[str, Side]] = field(default_factory=dict)
    missing: dict[str, Some] = field(default_factory=lambda: {side: Some() for side in SIDES})
    walk: Walk = field(default_factory=Walk)

    @property
    def different(self) -> Some:
        """What is everywhere, but not the same."""
        return self.walk.different

    @property
    def agrees(self) -> bool:
        """Whether the three sides are the same, document by document."""
        return not self.different.count and not any(some.count for some in self.missing.values())


def reconcile(feeds: Sequence[Feed], lookout: Lookout, *, by_line: bool = False) -> Reconciliation:
    """Read all three sides and compare them; with `by_line` also what the source lists now with what was sent.

    Raises Misconfigured or Unavailable when one cannot be read.
    """
    names = [feed.name for feed in feeds]
    found = Reconciliation(by_source={name: _sides() for name in names})
    log_on(feeds, lookout)
    for feed in feeds:
        sides.read_source(found.walk, feed, lookout, by_line=by_line)
    for form in {feed.judge.form.name: feed.judge.form for feed in feeds}.values():
        sides.read_sap(found.walk, form, lookout, names)
    sides.read_ledger(found.walk, lookout, names)
    for key, rows in groupby(found.walk.scratch, key=lambda row: row.key):
        _compare(found, key, {row.side: row for row in rows if row.side in SIDES})
    found.walk.scratch.close()
    return found


def log_on(feeds: Sequence[Feed], lookout: Lookout) -> None:
    """Make sure that SAP lets us in, before anything long begins. Raises Misconfigured or Unavailable."""
    for target in dict.fromkeys(feed.judge.form.name for feed in feeds):
        with closing(lookout.connect(target)) as entities:
            entities.log_on()


def _compare(found: Reconciliation, key: str, rows: dict[str, Row]) -> None:
    owner = next((row.owner for row in rows.values() if row.owner), "")
    for row in rows.values():
        _count(found.sides[row.side], row)
        if owner in found.by_source:
            _count(found.by_source[owner][row.side], row)
    for side in SIDES if rows else ():
        if side not in rows:
            found.missing[side].add(key)
    worths = {(row.currency, row.amount) for row in rows.values()}
    if len(rows) == len(SIDES) and len(worths) > 1:
        found.different.add(
            f"{key}: source {_text(rows[SOURCE])}, ledger {_text(rows[LEDGER])}, SAP {_text(rows[SAP])}"
        )


def _count(side: Side, row: Row) -> None:
    if row.currency is None or row.amount is None:
        return
    sums = side.setdefault(row.currency, Sums())
    total = {row.currency: sums.amount}
    add(total, row.currency, row.amount)
    sums.count, sums.amount = sums.count + 1, total[row.currency]


def _text(row: Row) -> str:
    return f"{format(row.amount or Decimal(0), 'f')} {row.currency}"
