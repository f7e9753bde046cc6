"""All SQL that changes the ledger, each statement named.

A row is locked before its state is compared, and the change names the state it expects. On SQLite the whole file is
locked by then; on PostgreSQL the rows are, in the order of their ids, so that nobody waits for somebody who waits for
them, and a claim skips what others have locked.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Row,
    Select,
    Update,
    bindparam,
    insert,
    literal_column,
    null,
    select,
    text,
    update,
)

from pipeline.ledger.engine import insert_rows
from pipeline.ledger.rows import ANY, Lease, Lot
from pipeline.ledger.states import LIVE, State
from pipeline.ledger.tables import ACTOR, ATTEMPT, CURSOR, DOCUMENT, HISTORY, IDENTITY, TARGET

D = DOCUMENT.c
CHUNK = 500
THESE: BindParameter[Any] = bindparam("these", expanding=True)
Rows = Sequence[Mapping[str, Any]]
MOVED = (D.id, D.source, D.source_id, D.revision, D.target, D.state, D.owner, D.fence, D.sent_at, D.needs)
CLAIMED = (*MOVED, D.doc_key, D.payload, D.attempts)
_DOCUMENT = tuple(one.name for one in D if one.name not in {"owner", "sent_at", "look_at"})
_ATTEMPT = ("id", "document_id", "batch_id", "position", "created_at")
_STEP = ("document_id", "before", "after", "at", "why", "attempt", "actor")
_END = ("settled_at", "outcome", "http_status", "sap_code", "sap_message", "sap_transaction_id")
_SETTLED = (
    update(ATTEMPT)
    .where(ATTEMPT.c.id == bindparam("of_attempt"), ATTEMPT.c.outcome.is_(None))
    .values({name: bindparam(f"of_{name}") for name in _END})
)
_SENT = update(DOCUMENT).where(D.id.in_(THESE)).values(sent_at=bindparam("to_sent_at"), attempts=D.attempts + 1)
_KNOWN_TARGET = text("INSERT INTO target (name, changed_at) VALUES (:name, :at) ON CONFLICT (name) DO NOTHING")
_OWNER: BindParameter[str] = bindparam("to_owner")
_BEGINS: BindParameter[int] = bindparam("begins")
_ENDS: BindParameter[int] = bindparam("ends")


def chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """The values in pieces that a statement can hold."""
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def of_these(connection: Connection, query: Select[Any], values: Sequence[Any]) -> list[Row[Any]]:
    """The rows of a query for what is in THESE, piece by piece.

    A statement that held the values itself would keep them until the garbage collector comes by.
    """
    return [row for chunk in chunks(values) for row in connection.execute(query, {THESE.key: chunk})]


def is_in(state: State) -> ColumnElement[bool]:
    """In this state, written out, so that the index of just this state is used."""
    written: ColumnElement[str] = literal_column(f"'{state}'")
    return D.state == written


def _taking(chosen: Select[Any], change: Mapping[str, object]) -> Any:
    """The statement that gives what was chosen, and nobody else has locked, to one owner, fenced by a number."""
    picked = chosen.with_for_update(skip_locked=True).cte("chosen")
    return _giving(D.id.in_(select(picked.c.id)), change)


def _giving(mine: ColumnElement[bool], change: Mapping[str, object]) -> Any:
    held = {**change, "owner": _OWNER, "fence": D.fence + 1, "lease_until": _ENDS}
    return update(DOCUMENT).where(mine).values(held).returning(*CLAIMED)


_HELD = (
    select(*MOVED)
    .where(D.owner == bindparam("of_owner"), D.state == bindparam("in_state"))
    .order_by(D.id)
    .with_for_update()
)
_LINE = (
    select(D.id, D.attempts)
    .where(
        is_in(State.READY),
        D.source == bindparam("of_source"),
        D.target == bindparam("to_target"),
        D.id <= bindparam("until"),
        D.not_before <= _BEGINS,
        D.attempts <= bindparam("most_attempts"),
    )
    .order_by(D.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLAIM_READY = _giving(
    D.id.in_(THESE),
    {
        "state": State.SENDING.value,
        "attempts": D.attempts + 1,
        "sent_at": _BEGINS,
        "changed_at": _BEGINS,
    },
)


def locked(
    connection: Connection, ids: Sequence[int], states: Iterable[State], *also: ColumnElement[bool]
) -> list[Row[Any]]:
    """Those of the documents that are in one of these states and stay there until this transaction ends."""
    mine = (D.id.in_(THESE), D.state.in_(list(states)), *also)
    return of_these(connection, select(*MOVED).where(*mine).order_by(D.id).with_for_update(), sorted(ids))


def locked_of(connection: Connection, owner: str, state: State) -> list[Row[Any]]:
    """What an owner holds in this state, which stays so until this transaction ends."""
    return list(connection.execute(_HELD, {"of_owner": owner, "in_state": state}))


def set_state(
    connection: Connection, before: State, after: State, ids: Sequence[int], values: Mapping[str, object]
) -> None:
    """Compare-and-set of locked documents, with what else is set of all of them.

    They become live ones, with the key they stand for, or cease to be. Raises AssertionError if one is elsewhere.
    """
    moving = _moving(tuple(values), None if (before in LIVE) is (after in LIVE) else after in LIVE)
    set_to = {"from_state": before, "to_state": after, **{f"to_{name}": value for name, value in values.items()}}
    moved = sum(connection.execute(moving, {**set_to, THESE.key: chunk}).rowcount for chunk in chunks(ids))
    if moved != len(ids):
        raise AssertionError(f"{len(ids)} documents were locked in {before}, {moved} were there")


@cache
def _moving(names: Sequence[str], enters: bool | None) -> Update:
    """`enters`: whether the documents become live ones, with the key they stand for, or cease to be."""
    mine = (D.id.in_(THESE), D.state == bindparam("from_state"))
    values: dict[str, Any] = {name: bindparam(f"to_{name}") for name in ("state", *names)}
    if enters is not None:
        values["live_key"] = D.doc_key if enters else null()
    return update(DOCUMENT).where(*mine).values(values)


def set_sent(connection: Connection, ids: Sequence[int], at: int) -> None:
    """When a request of these locked documents left, or is about to."""
    for chunk in chunks(ids):
        connection.execute(_SENT, {THESE.key: chunk, "to_sent_at": at})


def line(connection: Connection, lot: Lot, now: int, *, anew: bool) -> list[Row[Any]]:
    """What may be sent by now and nobody else has locked, locked: its id, and how often it was sent before.

    `anew` gives also what was sent before at all.
    """
    attempts = ANY if anew else 0
    where = {"of_source": lot.source, "to_target": lot.target, "most_attempts": attempts}
    return list(connection.execute(_LINE, {**where, "most": lot.most, "until": lot.until, _BEGINS.key: now}))


def claim_ready(connection: Connection, ids: Sequence[int], lease: Lease) -> list[Row[Any]]:
    """READY → SENDING for documents that are locked as they stood in line."""
    return _taken(connection, _CLAIM_READY, {THESE.key: ids}, lease)


def claim_looks(connection: Connection, source: str, count: int, lease: Lease, *, target: str | None) -> list[Row[Any]]:
    """AMBIGUOUS → RESOLVING for what may be looked up by now."""
    due = (is_in(State.AMBIGUOUS), D.source == source, D.look_at <= lease.begins)
    to = () if target is None else (D.target == target,)
    chosen = select(D.id).where(*due, *to).order_by(D.look_at, D.id).limit(count)
    return _taken(connection, _taking(chosen, {"state": State.RESOLVING.value, "changed_at": _BEGINS}), {}, lease)


def claim_unconfirmed(connection: Connection, lot: Lot, lease: Lease, *, before: int) -> list[Row[Any]]:
    """Delivered invoices that nobody has read back and whose state is older than an instant, for one owner."""
    mine = (is_in(State.DELIVERED), D.source == lot.source, D.target == lot.target)
    due = (*mine, D.changed_at < before, D.lease_until <= lease.begins)
    chosen = select(D.id).where(*due).order_by(D.changed_at, D.id).limit(lot.most)
    return _taken(connection, _taking(chosen, {}), {}, lease)


def _taken(connection: Connection, taking: Any, where: Mapping[str, object], lease: Lease) -> list[Row[Any]]:
    values = {**where, "to_owner": lease.owner, "begins": lease.begins, "ends": lease.ends}
    return sorted(connection.execute(taking, values), key=lambda row: int(row.id))


def release(connection: Connection, owner: str) -> int:
    """Give back what an owner claimed to read back and did not."""
    ids = [row.id for row in locked_of(connection, owner, State.DELIVERED)]
    free = update(DOCUMENT).where(D.id.in_(THESE)).values(owner=None, lease_until=0)
    return sum(connection.execute(free, {THESE.key: chunk}).rowcount for chunk in chunks(ids))


def abandoned(connection: Connection, now: int) -> list[Row[Any]]:
    """What somebody claimed to send or to look up and did not come back for, locked."""
    dead = (D.owner.is_not(None), D.state.in_([State.SENDING, State.RESOLVING]), D.lease_until <= now)
    return list(connection.execute(select(*MOVED).where(*dead).with_for_update(skip_locked=True)))


def insert_documents(connection: Connection, rows: Rows) -> None:
    """New revisions, each in the state it enters with."""
    insert_rows(connection, DOCUMENT, _DOCUMENT, rows)


def insert_attempts(connection: Connection, rows: Rows) -> None:
    """The intents: one row per document and request, before a byte leaves."""
    insert_rows(connection, ATTEMPT, _ATTEMPT, rows)


def settle_attempts(connection: Connection, verdicts: Rows) -> None:
    """What came of each attempt; evidence, kept even when the document belongs to somebody else by now."""
    if not verdicts:
        return
    settling, names = _settling(connection.dialect)
    values = [tuple([row[name] for name in names]) for row in verdicts] if names else [dict(row) for row in verdicts]
    connection.exec_driver_sql(settling, values)


@cache
def _settling(dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The statement as this database's driver takes it, and the order of its parameters if they have no names."""
    compiled = _SETTLED.compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ())


def insert_history(connection: Connection, rows: Rows) -> None:
    """Transitions that have just been made."""
    insert_rows(connection, HISTORY, _STEP, rows)


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
    connection.execute(_KNOWN_TARGET, {"name": name, "at": at})
    connection.execute(update(TARGET).where(TARGET.c.name == name).values(**values, changed_at=at))


def set_distrust(connection: Connection, reason: str, at: int) -> None:
    """Why nothing may be sent from this ledger, since an instant; what is known already stays."""
    connection.execute(update(IDENTITY).where(IDENTITY.c.distrust.is_(None)).values(distrust=reason, distrusted_at=at))


def set_trust(connection: Connection, at: int) -> None:
    """It may be sent from again, since an instant."""
    connection.execute(update(IDENTITY).values(distrust=None, trusted_at=at))
