"""What waits goes on: once an earlier revision's fate is known, or what it needs is in SAP; or waits again.

All of it while nobody receives, so that no revision comes unseen.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row

from pipeline.ledger import queries, receiving, shapes, statements
from pipeline.ledger.receiving import Onward, Owner, Revision
from pipeline.ledger.states import NEWER, State
from pipeline.ledger.store import Change, alike

GONE = "what it needs is not in SAP any more"


def release(change: Change) -> None:
    """Everything that was held and need not wait goes on. What its source holds waits for its source."""
    _move_on(change, queries.releasable(change.connection))


def overtake(change: Change, document_ids: Sequence[int]) -> None:
    """Those of these documents that are to be sent, though a newer revision stands, give way to it."""
    _move_on(change, queries.overtaken(change.connection, document_ids))


def hold_again(change: Change, gone: Iterable[Row[Any]]) -> None:
    """What is to be sent and needs one of these documents, which have just left SAP, waits until that is there."""
    for source, some in alike(gone, attrgetter("source")):
        ids = queries.ready_for(change.connection, source, [row.source_id for row in some])
        for row in statements.locked(change.connection, ids, [State.READY]):
            reasons = shapes.text((receiving.NEEDS.format(row.needs),))
            change.move([row], State.HELD, GONE, values={"reasons": reasons})


def revision(row: Row[Any]) -> Revision:
    """A revision as the rules see it."""
    return Revision(
        id=row.id,
        number=row.revision,
        state=State(row.state),
        digest=row.digest,
        record=getattr(row, "record", ""),
        reasons=tuple(json.loads(row.reasons)),
        needs=row.needs or "",
        unsent=row.unsent,
    )


def _move_on(change: Change, families: Sequence[Row[Any]]) -> None:
    for source, some in alike(families, attrgetter("source")):
        ids = [row.source_id for row in some]
        rows = queries.revisions_of(change.connection, source, ids, lock=True)
        standing = [row for row in rows if row.state != State.SUPERSEDED]
        needed = [row.needs for row in standing if row.needs]
        present = queries.ids_in_sap(change.connection, source, needed) if needed else set()
        owners: dict[tuple[str, str], Owner] = {}
        for target, mine in alike(standing, attrgetter("target")):
            keys = [row.doc_key for row in mine if row.doc_key]
            found = queries.owners_of_keys(change.connection, target, keys)
            owners |= {(target, key): owner for key, owner in found.items()}
        for _id, members in groupby(sorted(standing, key=_place), key=attrgetter("source_id")):
            _move_one_on(change, list(members), present, owners)


def _place(row: Row[Any]) -> tuple[str, int]:
    return row.source_id, row.revision


def _move_one_on(
    change: Change, standing: Sequence[Row[Any]], present: set[str], owners: dict[tuple[str, str], Owner]
) -> None:
    newest = standing[-1]
    me, key = (newest.source, newest.source_id), (newest.target, newest.doc_key)
    taken = owners.get(key, me) != me
    end = receiving.onward([revision(row) for row in standing], present=newest.needs in present, taken=taken)
    if end is None:
        return
    gone = {one.id for one in end.superseded}
    change.move([row for row in standing if row.id in gone], State.SUPERSEDED, NEWER)
    if end.state == State.READY:
        owners[key] = me
    _settle(change, newest, end, receiving.KNOWN if len(standing) > 1 else receiving.THERE)


def _settle(change: Change, newest: Row[Any], end: Onward, why: str) -> None:
    values = {"reasons": shapes.text(end.reasons)}
    if end.state == newest.state:
        statements.set_state(change.connection, end.state, end.state, [newest.id], values)
    else:
        change.move([newest], end.state, why, values=values)
