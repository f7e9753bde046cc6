"""The way in: pages of judged records, what they mean for what is known, and what may go on by now."""

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Row

from pipeline.ledger import queries, receiving, shapes, statements
from pipeline.ledger.engine import new_ids, one_receiver
from pipeline.ledger.receiving import Plan, Revision
from pipeline.ledger.rows import Arrival, Place, Receipt
from pipeline.ledger.states import NEWER, State
from pipeline.ledger.store import Change, Store


class Intake(Store):
    """Receives."""

    def receive(self, source: str, arrivals: Sequence[Arrival], place: Place) -> Receipt:
        """Store one page, no id twice, together with the place behind it, in one transaction."""
        with self._changing() as change:
            receipt = _receive(change, source, arrivals)
            statements.set_cursor(change.connection, source, place.stream, place.cursor, change.now)
        return receipt

    def rehearse(self, source: str, arrivals: Sequence[Arrival]) -> Receipt:
        """What `receive` would change. Nothing is stored."""
        with self._changing(keep=False) as change:
            return _receive(change, source, arrivals)

    def renew(self, source: str, arrivals: Sequence[Arrival]) -> Receipt:
        """Enter anew, as a new revision, what was rejected, quarantined or is not shown by SAP any more."""
        with self._changing() as change:
            return _receive(change, source, arrivals, again=True)

    def positions(self, source: str) -> dict[str, str]:
        """How far each stream of a source has been read, as far as it said so."""
        with self._reading() as connection:
            return queries.positions(connection, source)

    def release_held(self) -> int:
        """What waited for an earlier revision, or for another document, goes on where that one's fate is known.

        How many did. What its source holds waits for its source.
        """
        moved = 0
        with self._changing() as change:
            one_receiver(change.connection)
            rows = queries.held_families(change.connection)
            for _family, members in groupby(rows, key=lambda row: (row.source, row.source_id)):
                moved += _release(change, list(members))
            needed = queries.held_no_longer(change.connection)
            held = statements.locked(change.connection, needed, [State.HELD])
            moved += change.move(held, State.READY, receiving.THERE)
        return moved


def _receive(change: Change, source: str, arrivals: Sequence[Arrival], *, again: bool = False) -> Receipt:
    one_receiver(change.connection)
    rows = _known(change, source, arrivals)
    plan = _plan(change, source, arrivals, rows, again=again)
    if rows and (plan.entering or plan.superseded or plan.released):
        rows = _known(change, source, arrivals, lock=True)  # a claim may have moved them since
        plan = _plan(change, source, arrivals, rows, again=again)
    by_id = {row.id: row for row in rows}
    change.move([by_id[one.id] for one in plan.superseded], State.SUPERSEDED, NEWER)
    change.move([by_id[one.id] for one in plan.released], State.READY, receiving.RELEASED)
    entering = list(zip(new_ids(change.connection, len(plan.entering)), plan.entering, strict=True))
    statements.insert_documents(change.connection, [shapes.document_row(one, id_, change.now) for id_, one in entering])
    for id_, one in entering:
        change.made += shapes.path(one, id_, change.now)
    return plan.receipt


def _known(change: Change, source: str, arrivals: Sequence[Arrival], *, lock: bool = False) -> list[Row[Any]]:
    return queries.revisions_of(change.connection, source, [one.source_id for one in arrivals], lock=lock)


def _plan(change: Change, source: str, arrivals: Sequence[Arrival], rows: Sequence[Row[Any]], *, again: bool) -> Plan:
    known: dict[str, list[Revision]] = {}
    for row in rows:
        known.setdefault(row.source_id, []).append(_revision(row))
    keys = [one.doc_key for one in arrivals if one.doc_key]
    taken = queries.keys_of_others(change.connection, source, arrivals[0].target, keys) if keys else set()
    needed = [one.needs for one in arrivals if one.needs]
    present = queries.ids_in_sap(change.connection, source, needed) if needed else set()
    return receiving.plan(arrivals, known, taken, present, again=again)


def _release(change: Change, members: Sequence[Row[Any]]) -> int:
    """The held revision of a family goes on, if its earlier revisions let it."""
    standing = [row for row in members if row.state != State.SUPERSEDED]
    earlier, held = standing[:-1], standing[-1]
    after = receiving.release([_revision(row) for row in earlier]) if earlier else None
    if after is None:
        return 0
    states = {row.id: row.state for row in standing}
    now = statements.locked(change.connection, list(states), [State(state) for state in states.values()])
    if {row.id: row.state for row in now} != states:
        return 0  # somebody moved one of them meanwhile: the next pass sees it
    if after is State.READY:
        change.move([row for row in now if row.id != held.id], State.SUPERSEDED, NEWER)
    values = {"reasons": shapes.text((receiving.CHANGED,) if after is State.CONFLICT else ())}
    mine = [row for row in now if row.id == held.id]
    return change.move(mine, after, "the earlier revision's fate is known", values=values)


def _revision(row: Row[Any]) -> Revision:
    return Revision(
        id=row.id,
        number=row.revision,
        state=State(row.state),
        digest=getattr(row, "digest", ""),
        reasons=tuple(json.loads(getattr(row, "reasons", "[]"))),
    )
