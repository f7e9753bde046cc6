"""Counts and sums of a run, and the equation that must hold: everything read is in exactly one place.

read + carried = delivered + rejected + quarantined + ambiguous + held + conflicts + pending, where carried is what
earlier runs left unsettled and an incremental source did not give again; what SAP does not show any more, and what a
person accepted as SAP has it, count beside them. A run whose equation fails is a defect of ours.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from pipeline.delivery.collect import Collected
from pipeline.ledger.rows import Entry
from pipeline.ledger.states import IN_SAP, State
from pipeline.model.money import texts, totals

PLACES = {
    State.DELIVERED: "delivered",
    State.CONFIRMED: "delivered",
    State.REJECTED: "rejected",
    State.QUARANTINED: "quarantined",
    State.SENDING: "ambiguous",
    State.AMBIGUOUS: "ambiguous",
    State.RESOLVING: "ambiguous",
    State.HELD: "held",
    State.CONFLICT: "conflicts",
    State.VANISHED: "vanished",
    State.ACCEPTED: "accepted",
    State.RECEIVED: "pending",
    State.VALID: "pending",
    State.READY: "pending",
}
PARTS = ("delivered", "rejected", "quarantined", "ambiguous", "held", "conflicts", "pending")
RARE = ("vanished", "accepted")
TROUBLE = frozenset({State.REJECTED, State.QUARANTINED, State.CONFLICT, State.VANISHED, State.HELD})
MOST_EXAMPLES = 3
_DAY = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b", re.ASCII)
_UUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.ASCII)


@dataclass(kw_only=True)
class Tally:
    """The numbers of one source, or of all together."""

    read: int = 0
    carried: int = 0
    repeated: int = 0
    new: int = 0
    unchanged: int = 0
    changed: int = 0
    sent: int = 0
    delivered: int = 0
    rejected: int = 0
    quarantined: int = 0
    ambiguous: int = 0
    held: int = 0
    conflicts: int = 0
    pending: int = 0
    vanished: int = 0
    accepted: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    pending_sums: dict[str, Decimal] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """The conservation equation."""
        parts: list[int] = [getattr(self, part) for part in (*PARTS, *RARE)]
        return self.read + self.carried == sum(parts)

    @property
    def equation(self) -> str:
        """The equation with its numbers: `1000 read = 990 delivered + 10 rejected + ...`."""
        shown = [*PARTS, *(part for part in RARE if getattr(self, part))]
        right = " + ".join(f"{getattr(self, part)} {part}" for part in shown)
        left = f"{self.read} read" + (f" + {self.carried} carried over" if self.carried else "")
        return f"{left} {'=' if self.holds else 'IS NOT'} {right}"

    def as_json(self) -> dict[str, Any]:
        """For `--json`; sums as texts."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**values, "sums": texts(self.sums), "pending_sums": texts(self.pending_sums)}


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One reason, how many invoices have it, and a few of them."""

    place: str
    reason: str
    count: int
    examples: tuple[str, ...]


def tally(collected: Collected, entries: Iterable[Entry], sent: int) -> Tally:
    """The numbers of one source: what was read, and where the ledger says each of it is now."""
    places: Counter[str] = Counter()
    delivered: list[tuple[str, Decimal]] = []
    pending: list[tuple[str, Decimal]] = []
    unplaced = dict(collected.judged)
    carried = 0
    for entry in entries:
        if not counts(collected, entry):
            continue
        carried += entry.source_id not in collected.ids
        unplaced.pop(entry.source_id, None)
        place = PLACES[entry.state]
        places[place] += 1
        _add(delivered if place == "delivered" else pending if place == "pending" else [], entry.currency, entry.amount)
    for currency, amount in unplaced.values():
        places["pending" if currency else "quarantined"] += 1
        _add(pending, currency, amount)
    receipt = collected.receipt
    return Tally(
        read=len(collected.ids),
        carried=carried,
        repeated=collected.repeated,
        new=receipt.new,
        unchanged=receipt.unchanged,
        changed=receipt.changed,
        sent=sent,
        **places,
        sums=totals(delivered),
        pending_sums=totals(pending),
    )


def counts(collected: Collected, entry: Entry) -> bool:
    """Whether this run answers for an invoice: it was read, or is unsettled and nobody repeats it."""
    return entry.source_id in collected.ids or (collected.is_incremental and entry.state not in IN_SAP)


def _add(parts: list[tuple[str, Decimal]], currency: str | None, amount: Decimal | None) -> None:
    if currency is not None and amount is not None:
        parts.append((currency, amount))


def together(tallies: Iterable[Tally]) -> Tally:
    """All sources in one."""
    total = Tally()
    for one in tallies:
        for name in (entry.name for entry in fields(Tally)):
            mine, other = getattr(total, name), getattr(one, name)
            setattr(total, name, totals([*mine.items(), *other.items()]) if isinstance(mine, dict) else mine + other)
    return total


def troubles(entries: Iterable[Entry]) -> list[Trouble]:
    """What was refused or set aside and why, the most frequent first; single invoices are not named in it."""
    found: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        if entry.state in TROUBLE:
            for reason in entry.reasons or ("no reason given",):
                general = _DAY.sub("<day>", _UUID.sub("<id>", reason.replace(entry.source_id, "<id>")))
                found.setdefault((PLACES[entry.state], general), []).append(entry.source_id)
    groups = [
        Trouble(place=place, reason=reason, count=len(ids), examples=tuple(ids[:MOST_EXAMPLES]))
        for (place, reason), ids in found.items()
    ]
    return sorted(groups, key=lambda group: (-group.count, group.place, group.reason))
