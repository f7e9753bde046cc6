"""The way in: pages of judged records, what they mean for what is known, and what may go on by now."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from pipeline.ledger import queries, receiving, releasing, shapes, statements
from pipeline.ledger.engine import new_ids, one_receiver
from pipeline.ledger.receiving import Owner, Plan, Revision
from pipeline.ledger.rows import Arrival, Entry, Place, Receipt
from pipeline.ledger.states import LIVE, NEWER, State
from pipeline.ledger.store import Change, Store


class Intake(Store):
    """Receives."""

    def receive(self, source: str, arrivals: Sequence[Arrival], place: Place) -> Receipt:
        """Store one page, no id twice, together with the place behind it, in one transaction."""
        with self._changing() as change:
            receipt = _receive(change, source, arrivals)
            statements.set_cursor(change.connection, source, place.stream, place.cursor, change.now)
        return receipt

    def rehearse(self, source: str, arrivals: Sequence[Arrival]) -> tuple[Receipt, list[Entry]]:
        """What `receive` would change, and what would then be known of each. Nothing is stored."""
        with self._changing(keep=False) as change:
            receipt = _receive(change, source, arrivals)
            rows = queries.entries_of(change.connection, source, [one.source_id for one in arrivals])
        return receipt, [shapes.entry(row) for row in rows]

    def renew(self, source: str, arrivals: Sequence[Arrival]) -> Receipt:
        """Enter anew, as a new revision, what was rejected, quarantined or is not shown by SAP any more."""
        with self._changing() as change:
            return _receive(change, source, arrivals, again=True)

    def positions(self, source: str) -> dict[str, str]:
        """How far each stream of a source has been read, as far as it said so."""
        with self._reading() as connection:
            return queries.positions(connection, source)

    def release_held(self) -> Counter[State]:
        """What waited for an earlier revision, or for another document, goes on where that one's fate is known.

        How many did, by where they went. What its source holds waits for its source.
        """
        with self._changing() as change:
            one_receiver(change.connection)
            releasing.release(change)
        return Counter(step.after for step in change.made if step.before is State.HELD)


def _receive(change: Change, source: str, arrivals: Sequence[Arrival], *, again: bool = False) -> Receipt:
    one_receiver(change.connection)
    rows = _known(change, source, arrivals, whole=again)
    plan = _plan(change, source, arrivals, rows, again=again)
    if rows and (plan.entering or plan.superseded or plan.released):
        rows = _known(change, source, arrivals, whole=True)  # a claim may have moved them since
        plan = _plan(change, source, arrivals, rows, again=again)
    by_id = {row.id: row for row in rows}
    change.move([by_id[one.id] for one in plan.superseded], State.SUPERSEDED, NEWER)
    for needs, some in plan.released.items():
        values = {"reasons": shapes.NO_REASONS, "needs": needs or None}
        change.move([by_id[one.id] for one in some], State.READY, receiving.RELEASED, values=values)
    entering = list(zip(new_ids(change.connection, len(plan.entering)), plan.entering, strict=True))
    statements.insert_documents(change.connection, [shapes.document_row(one, id_, change.now) for id_, one in entering])
    for id_, one in entering:
        change.made += shapes.path(one, id_, change.now)
    return plan.receipt


def _known(change: Change, source: str, arrivals: Sequence[Arrival], *, whole: bool) -> list[Row[Any]]:
    """Every revision of what arrives; `whole` with its record, and so that it stays as it is."""
    ids = [one.source_id for one in arrivals]
    return queries.revisions_of(change.connection, source, ids, lock=whole, record=whole)


def _plan(change: Change, source: str, arrivals: Sequence[Arrival], rows: Sequence[Row[Any]], *, again: bool) -> Plan:
    known: dict[str, list[Revision]] = {}
    for row in rows:
        known.setdefault(row.source_id, []).append(releasing.revision(row))
    owners = _owners(change, arrivals, rows)
    needed = [one.needs for one in arrivals if one.needs]
    present = queries.ids_in_sap(change.connection, source, needed) if needed else set()
    return receiving.plan(arrivals, known, owners, present, again=again)


def _owners(change: Change, arrivals: Sequence[Arrival], rows: Sequence[Row[Any]]) -> dict[str, Owner]:
    """Whose the keys of what arrives are; nobody is asked of those that the revisions at hand have."""
    target = next((one.target for one in arrivals), "")
    found = {row.doc_key: (row.source, row.source_id) for row in rows if row.state in LIVE and row.target == target}
    keys = [one.doc_key for one in arrivals if one.doc_key and one.doc_key not in found]
    return found | (queries.owners_of_keys(change.connection, target, keys) if keys else {})
