"""Counts and sums of a run, and the equation that must hold: everything read is in exactly one place.

read + carried = delivered + rejected + quarantined + ambiguous + held + conflicts + pending, where carried is what
earlier runs left unsettled and the source did not give again; what SAP does not show any more, and what a person
accepted as SAP has it, count beside them. A run whose equation fails is a defect of ours.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from pipeline.delivery.collect import Collected
from pipeline.delivery.scratch import Row, Scratch
from pipeline.ledger.rows import Entry
from pipeline.ledger.states import IN_SAP, State
from pipeline.model.money import add, texts, totals

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
WITHDRAWN = frozenset({State.QUARANTINED, State.REJECTED, State.HELD, State.ACCEPTED})
"""What ends here once a source that gives everything gives it no longer: nothing of it can still come to SAP by itself.
"""
REMEDIES = {
    "rejected": "mend what SAP refuses (its master data, or the mapping file), then billing-to-sap retry",
    "quarantined": "mend the record at its source, or the mapping file, then billing-to-sap retry",
    "conflicts": "decide: billing-to-sap accept SOURCE ID --reason TEXT leaves SAP as it is; or mend the source; "
    "or mend SAP, then billing-to-sap retry --id ID",
    "vanished": "find out who deleted it in SAP; billing-to-sap retry --id ID sends it again",
    "held": "nothing to do but wait, or see to what it waits for",
}
MOST_EXAMPLES = 3
MOST_REASONS = 1_000
OTHER = "other reasons than the first that were found"
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


@dataclass(frozen=True, kw_only=True)
class Count:
    """What came of one source: the numbers, what is in trouble, how many the source did not show this time."""

    tally: Tally
    troubles: "Troubles"
    gone: int


def count(collected: Collected, entries: Iterable[Entry], sent: int, since: int | None = None) -> Count:
    """The numbers of one source, from what was read and what the ledger says of each invoice, both by id.

    Whatever was read counts where the ledger has it, and so does what nobody repeats, if it is unsettled or was
    delivered after `since`, when the run began. A rehearsal counts what it read by what would become of it.
    """
    places: Counter[str] = Counter()
    sums: dict[str, dict[str, Decimal]] = {"delivered": {}, "pending": {}}
    troubles = Troubles()
    carried = gone = 0
    for read, known in side_by_side(collected.seen, entries):
        entry = _would_be(read, collected.seen) if read and read.state else known
        if entry is None:
            continue
        if not read and not _is_carried(entry, since, is_incremental=collected.is_incremental):
            gone += not collected.is_incremental and entry.state is not State.ACCEPTED
            continue
        place = PLACES[entry.state]
        places[place] += 1
        carried += read is None
        troubles.add(entry)
        if place in sums and entry.currency is not None and entry.amount is not None:
            add(sums[place], entry.currency, entry.amount)
    receipt = collected.receipt
    numbers = Tally(
        read=collected.read,
        carried=carried,
        repeated=collected.repeated,
        new=receipt.new,
        unchanged=receipt.unchanged,
        changed=receipt.changed,
        sent=sent,
        **places,
        sums=dict(sorted(sums["delivered"].items())),
        pending_sums=dict(sorted(sums["pending"].items())),
    )
    return Count(tally=numbers, troubles=troubles, gone=gone)


def _would_be(read: Row, seen: Scratch) -> Entry:
    """What would become of a record; what only needs another one that would be sent would be sent after it."""
    needed, known = read, {read.key}
    while needed.state == State.HELD and needed.owner and needed.owner not in known:
        known.add(needed.owner)
        needed = seen.get(needed.owner, needed.side) or needed
    goes = needed is not read and needed.state in {State.READY, *IN_SAP}
    return Entry(
        source="",
        source_id=read.key,
        revision=0,
        doc_key=None,
        state=State.READY if goes else State(read.state),
        currency=read.currency,
        amount=read.amount,
        reasons=read.reasons,
        due=None,
    )


def _is_carried(entry: Entry, since: int | None, *, is_incremental: bool) -> bool:
    if entry.state in IN_SAP:
        return entry.state is State.DELIVERED and since is not None and entry.changed_at > since
    return is_incremental or entry.state not in WITHDRAWN


def side_by_side(read: Iterable[Row], known: Iterable[Entry]) -> Iterator[tuple[Row | None, Entry | None]]:
    """Two sequences in the order of their ids, each id once, as pairs of what has the same id."""
    rows, entries = iter(read), iter(known)
    row, entry = next(rows, None), next(entries, None)
    while row or entry:
        if entry is None or (row and row.key < entry.source_id):
            yield row, None
            row = next(rows, None)
        elif row is None or entry.source_id < row.key:
            yield None, entry
            entry = next(entries, None)
        else:
            yield row, entry
            row, entry = next(rows, None), next(entries, None)


def together(tallies: Iterable[Tally]) -> Tally:
    """All sources in one."""
    total = Tally()
    for one in tallies:
        for name in (entry.name for entry in fields(Tally)):
            mine, other = getattr(total, name), getattr(one, name)
            setattr(total, name, totals([*mine.items(), *other.items()]) if isinstance(mine, dict) else mine + other)
    return total


class Troubles:
    """What was refused or set aside, grouped by reason; single invoices are not named in a reason.

    However many reasons there are, so many are told apart; what goes beyond is one group.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[int, tuple[str, ...]]] = {}

    def add(self, entry: Entry) -> None:
        """Count an invoice under each of its reasons, if it is in trouble."""
        if entry.state not in TROUBLE:
            return
        for reason in entry.reasons or ("no reason given",):
            general = _DAY.sub("<day>", _UUID.sub("<id>", reason.replace(entry.source_id, "<id>")))
            group = (PLACES[entry.state], general)
            if group not in self._found and len(self._found) >= MOST_REASONS:
                group = (PLACES[entry.state], OTHER)
            number, examples = self._found.get(group, (0, ()))
            self._found[group] = (number + 1, (*examples, entry.source_id)[:MOST_EXAMPLES])

    def groups(self) -> list[Trouble]:
        """The groups, the most frequent first."""
        found = [
            Trouble(place=place, reason=reason, count=number, examples=examples)
            for (place, reason), (number, examples) in self._found.items()
        ]
        return sorted(found, key=lambda group: (-group.count, group.place, group.reason))
