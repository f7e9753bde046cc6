"""All SQL that changes the ledger, each statement named.

A row is locked before its state is compared, and the change names the state it expects. On SQLite the whole file is
locked by then; on PostgreSQL the rows are, and a claim skips what others have locked.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Row, bindparam, func, insert, literal_column, select, update

from pipeline.ledger.rows import Lease
from pipeline.ledger.states import State
from pipeline.ledger.tables import ACTOR, ATTEMPT, CURSOR, DOCUMENT, HISTORY, IDENTITY, TARGET

D = DOCUMENT.c
CHUNK = 500
Rows = Sequence[Mapping[str, Any]]
MOVED = (D.id, D.source, D.source_id, D.revision, D.target, D.state, D.owner, D.fence)
CLAIMED = (*MOVED, D.doc_key, D.payload, D.attempts, D.sent_at)
_ATTEMPT = ("id", "document_id", "batch_id", "position", "created_at")
_STEP = ("document_id", "before", "after", "at", "why", "attempt", "actor")
_END = ("settled_at", "outcome", "http_status", "sap_code", "sap_message", "sap_transaction_id")
_NEW_ATTEMPT = insert(ATTEMPT).inline().values({name: bindparam(name) for name in _ATTEMPT})
_NEW_STEP = insert(HISTORY).inline().values({name: bindparam(name) for name in _STEP})
_SETTLED = (
    update(ATTEMPT)
    .where(ATTEMPT.c.id == bindparam("of_attempt"), ATTEMPT.c.outcome.is_(None))
    .values({name: bindparam(f"of_{name}") for name in _END})
)


def chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """The values in pieces that a statement can hold."""
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def is_in(*states: State) -> ColumnElement[bool]:
    """In one of these states, written out, so that the index of just these states is used."""
    written: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in states]
    return D.state == written[0] if len(written) == 1 else D.state.in_(written)


def locked(
    connection: Connection, ids: Sequence[int], states: Iterable[State], *also: ColumnElement[bool]
) -> list[Row[Any]]:
    """Those of the documents that are in one of these states and stay there until this transaction ends."""
    found: list[Row[Any]] = []
    for chunk in chunks(sorted(ids)):
        mine = (D.id.in_(chunk), D.state.in_(list(states)), *also)
        found += connection.execute(select(*MOVED).where(*mine).order_by(D.id).with_for_update())
    return found


def set_state(
    connection: Connection, ids: Sequence[int], before: State, after: State, values: Mapping[str, Any]
) -> None:
    """Compare-and-set of locked documents. Raises AssertionError, and changes nothing, if one is elsewhere."""
    for chunk in chunks(ids):
        mine = (D.id.in_(chunk), D.state == before)
        moved = connection.execute(update(DOCUMENT).where(*mine).values(state=after, **values)).rowcount
        if moved != len(chunk):
            raise AssertionError(f"{len(chunk)} documents were locked in {before}, {moved} were there")


def claim_ready(connection: Connection, source: str, count: int, lease: Lease, *, target: str | None) -> list[Row[Any]]:
    """Give up to `count` sendable invoices of a source to one owner, fenced by a number."""
    free = (is_in(State.READY), D.source == source, D.not_before <= lease.begins, D.lease_until <= lease.begins)
    to = () if target is None else (D.target == target,)
    chosen = select(D.id).where(*free, *to).order_by(D.target, D.id).limit(count)
    return _take(connection, chosen, {}, lease)


def claim_looks(connection: Connection, source: str, count: int, lease: Lease, *, target: str | None) -> list[Row[Any]]:
    """AMBIGUOUS → RESOLVING for what may be looked up by now."""
    due = (is_in(State.AMBIGUOUS), D.source == source, D.look_at <= lease.begins)
    to = () if target is None else (D.target == target,)
    chosen = select(D.id).where(*due, *to).order_by(D.look_at, D.id).limit(count)
    return _take(connection, chosen, {"state": State.RESOLVING.value, "changed_at": lease.begins}, lease)


def claim_unconfirmed(connection: Connection, source: str, count: int, lease: Lease, before: int) -> list[Row[Any]]:
    """Delivered invoices that nobody has read back and whose state is older than an instant, for one owner."""
    due = (is_in(State.DELIVERED), D.source == source, D.changed_at < before, D.lease_until <= lease.begins)
    chosen = select(D.id).where(*due).order_by(D.changed_at, D.id).limit(count)
    return _take(connection, chosen, {}, lease)


def _take(connection: Connection, chosen: Any, change: Mapping[str, Any], lease: Lease) -> list[Row[Any]]:
    picked = chosen.with_for_update(skip_locked=True).cte("chosen")
    held = {**change, "owner": lease.owner, "fence": D.fence + 1, "lease_until": lease.ends}
    taken = update(DOCUMENT).where(D.id.in_(select(picked.c.id))).values(held).returning(*CLAIMED)
    return sorted(connection.execute(taken), key=lambda row: int(row.id))


def release(connection: Connection, owner: str) -> int:
    """Give back what an owner claimed and did not begin to send."""
    mine = (D.owner == owner, D.state.in_([State.READY, State.DELIVERED]))
    return connection.execute(update(DOCUMENT).where(*mine).values(owner=None, lease_until=0)).rowcount


def abandoned(connection: Connection, now: int) -> list[Row[Any]]:
    """What somebody claimed to send or to look up and did not come back for, locked."""
    dead = (D.owner.is_not(None), D.state.in_([State.SENDING, State.RESOLVING]), D.lease_until <= now)
    return list(connection.execute(select(*MOVED).where(*dead).with_for_update(skip_locked=True)))


def look_after_grace(now: int, grace: int) -> ColumnElement[int]:
    """When what was sent may be looked up: nothing of it can take effect in SAP after that."""
    return func.coalesce(D.sent_at, now) + grace


def insert_documents(connection: Connection, rows: Rows) -> dict[tuple[str, int], int]:
    """New revisions, each in the state it enters with. The id of each, by its source's id and revision."""
    if not rows:
        return {}
    entered = connection.execute(insert(DOCUMENT).returning(D.id, D.source_id, D.revision), list(rows))
    return {(row.source_id, row.revision): row.id for row in entered}


def insert_attempts(connection: Connection, rows: Rows) -> None:
    """The intents: one row per document and request, before a byte leaves."""
    _many(connection, _NEW_ATTEMPT, rows)


def settle_attempts(connection: Connection, verdicts: Rows) -> None:
    """What came of each attempt; evidence, kept even when the document belongs to somebody else by now."""
    _many(connection, _SETTLED, verdicts)


def insert_history(connection: Connection, rows: Rows) -> None:
    """Transitions that have just been made."""
    _many(connection, _NEW_STEP, rows)


def _many(connection: Connection, statement: Any, rows: Rows) -> None:
    """One statement for many rows, handed to the driver as it is: these are most of what the ledger writes."""
    text, names = _written(statement, connection.dialect)
    if rows:
        values = [tuple(row[name] for name in names) for row in rows] if names else [dict(row) for row in rows]
        connection.exec_driver_sql(text, values)


@cache
def _written(statement: Any, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The statement as this database's driver takes it, and the order of its parameters if they have no names."""
    compiled = statement.compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ())


def insert_actor(connection: Connection, who: str, program: str, at: int) -> int:
    """Who is going to work with the ledger. The number by which history knows them."""
    row = insert(ACTOR).values(who=who, program=program, began_at=at).returning(ACTOR.c.id)
    return int(connection.execute(row).scalar_one())


def set_cursor(connection: Connection, source: str, stream: str, position: str | None, at: int) -> None:
    """How far a stream has been read."""
    where = (CURSOR.c.source == source, CURSOR.c.stream == stream)
    if not connection.execute(update(CURSOR).where(*where).values(position=position, moved_at=at)).rowcount:
        connection.execute(insert(CURSOR).values(source=source, stream=stream, position=position, moved_at=at))


def set_target(connection: Connection, name: str, at: int, values: Mapping[str, Any]) -> None:
    """What was learnt of a target."""
    change = {**values, "changed_at": at}
    if not connection.execute(update(TARGET).where(TARGET.c.name == name).values(change)).rowcount:
        connection.execute(insert(TARGET).values(name=name, **change))


def set_distrust(connection: Connection, reason: str | None) -> None:
    """Why nothing may be sent from this ledger, if so."""
    connection.execute(update(IDENTITY).values(distrust=reason))
