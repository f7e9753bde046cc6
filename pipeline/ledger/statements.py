"""All SQL of the ledger, each statement named.

Every change of a state is a compare-and-set: it names the state it expects.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, insert, literal, select, update

from pipeline.ledger.rows import Lease
from pipeline.ledger.states import IN_SAP, LIVE, State
from pipeline.ledger.tables import ATTEMPT, CURSOR, DOCUMENT, HISTORY

D = DOCUMENT.c
CHUNK = 500
Rows = Sequence[Mapping[str, Any]]


def _chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def revisions_of(connection: Connection, source: str, source_ids: Sequence[str]) -> list[Row[Any]]:
    """Every revision of these invoices, oldest first."""
    found: list[Row[Any]] = []
    for chunk in _chunks(source_ids):
        query = select(D.id, D.source_id, D.revision, D.state, D.digest, D.reasons)
        found += connection.execute(query.where(D.source == source, D.source_id.in_(chunk)).order_by(D.revision))
    return found


def keys_of_others(connection: Connection, source: str, target: str, keys: Sequence[str]) -> set[str]:
    """Which of these document keys are live for another source."""
    found: set[str] = set()
    for chunk in _chunks(keys):
        query = select(D.doc_key).where(D.target == target, D.doc_key.in_(chunk), D.source != source, D.state.in_(LIVE))
        found.update(connection.execute(query).scalars())
    return found


def ids_in_sap(connection: Connection, source: str, source_ids: Sequence[str]) -> set[str]:
    """Which of these documents of a source are in SAP."""
    found: set[str] = set()
    for chunk in _chunks(source_ids):
        query = select(D.source_id).where(D.source == source, D.source_id.in_(chunk), D.state.in_(IN_SAP))
        found.update(connection.execute(query).scalars())
    return found


def held_no_longer(connection: Connection) -> list[int]:
    """The held documents whose needed one is in SAP by now. Their ids."""
    other = DOCUMENT.alias()
    there = select(other.c.id).where(
        other.c.source == D.source, other.c.source_id == D.needs, other.c.state.in_(IN_SAP)
    )
    held = (D.state == State.HELD, D.needs.is_not(None), there.exists())
    return list(connection.execute(select(D.id).where(*held).order_by(D.id)).scalars())


def insert_documents(connection: Connection, rows: Rows) -> None:
    """New revisions, each in the state it enters with."""
    if rows:
        connection.execute(insert(DOCUMENT), list(rows))


def insert_paths(connection: Connection, source: str, at: int, steps: Rows) -> None:
    """The transitions of new revisions: rows of `source_id`, `revision`, `step_before`, `step_after`, `step_why`."""
    if not steps:
        return
    row = select(D.id, bindparam("step_before"), bindparam("step_after"), literal(at), bindparam("step_why")).where(
        D.source == source, D.source_id == bindparam("at_source_id"), D.revision == bindparam("at_revision")
    )
    connection.execute(
        insert(HISTORY).from_select(["document_id", "before", "after", "at", "why"], row, include_defaults=False),
        list(steps),
    )


def move(connection: Connection, at: int, moves: Rows) -> int:
    """Compare-and-set of states without an owner: rows of `at_id`, `at_before`, `to_state`, `to_why`.

    How many moved.
    """
    if not moves:
        return 0
    guard = (D.id == bindparam("at_id"), D.state == bindparam("at_before"))
    row = select(D.id, D.state, bindparam("to_state"), literal(at), bindparam("to_why")).where(*guard)
    connection.execute(
        insert(HISTORY).from_select(["document_id", "before", "after", "at", "why"], row, include_defaults=False),
        list(moves),
    )
    change = (
        update(DOCUMENT).where(*guard).values(state=bindparam("to_state"), owner=None, lease_until=0, changed_at=at)
    )
    return connection.execute(change, list(moves)).rowcount


def set_cursor(connection: Connection, source: str, stream: str, position: str | None, at: int) -> None:
    """How far a stream has been read."""
    where = (CURSOR.c.source == source, CURSOR.c.stream == stream)
    if not connection.execute(update(CURSOR).where(*where).values(position=position, moved_at=at)).rowcount:
        connection.execute(insert(CURSOR).values(source=source, stream=stream, position=position, moved_at=at))


def positions(connection: Connection, source: str) -> dict[str, str]:
    """How far each stream of a source has been read."""
    query = select(CURSOR.c.stream, CURSOR.c.position).where(CURSOR.c.source == source, CURSOR.c.position.is_not(None))
    return {row.stream: row.position for row in connection.execute(query)}


def claim_ready(connection: Connection, sources: Sequence[str], count: int, lease: Lease) -> list[Row[Any]]:
    """Give up to `count` sendable invoices to one owner, fenced by a number."""
    free = (D.state == State.READY, D.source.in_(sources), D.not_before <= lease.begins, D.lease_until <= lease.begins)
    chosen = select(D.id).where(*free).order_by(D.id).limit(count).scalar_subquery()
    change = {"owner": lease.owner, "fence": D.fence + 1, "lease_until": lease.ends}
    claimed = connection.execute(update(DOCUMENT).where(D.id.in_(chosen)).values(change).returning(*CLAIMED))
    return sorted(claimed, key=lambda row: int(row.id))


CLAIMED = (D.id, D.owner, D.fence, D.source, D.source_id, D.target, D.doc_key, D.payload, D.attempts, D.sent_at)


def release(connection: Connection, owner: str) -> int:
    """Give back what an owner claimed and did not begin to send."""
    mine = (D.owner == owner, D.state == State.READY)
    return connection.execute(update(DOCUMENT).where(*mine).values(owner=None, lease_until=0)).rowcount


def begin_sending(connection: Connection, claims: Rows, *, now: int, lease_until: int) -> set[int]:
    """READY → SENDING for the claims that still hold: rows of `at_id`, `at_owner`, `at_fence`. The ids that moved."""
    if not claims:
        return set()
    guard = (
        D.id == bindparam("at_id"),
        D.owner == bindparam("at_owner"),
        D.fence == bindparam("at_fence"),
        D.state == State.READY,
        D.lease_until > now,
    )
    change: dict[str, Any] = {
        "state": State.SENDING.value,
        "attempts": D.attempts + 1,
        "sent_at": now,
        "lease_until": lease_until,
        "changed_at": now,
    }
    connection.execute(update(DOCUMENT).where(*guard).values(change), list(claims))
    moved: set[int] = set()
    for chunk in _chunks(claims):
        ids = [row["at_id"] for row in chunk]
        mine = (D.id.in_(ids), D.owner == chunk[0]["at_owner"], D.state == State.SENDING, D.sent_at == now)
        moved.update(connection.execute(select(D.id).where(*mine)).scalars())
    return moved


def insert_attempts(connection: Connection, rows: Rows) -> None:
    """The intents: one row per document and request, before a byte leaves."""
    connection.execute(insert(ATTEMPT), list(rows))


def insert_history(connection: Connection, rows: Rows) -> None:
    """Transitions that have just been made."""
    if rows:
        connection.execute(insert(HISTORY), list(rows))


def settle(connection: Connection, at: int, verdicts: Rows) -> int:
    """The end of a claim, only if it is still that claim: same owner, same fence, same state. How many moved."""
    if not verdicts:
        return 0
    guard = (
        D.id == bindparam("at_id"),
        D.state == bindparam("at_before"),
        D.owner == bindparam("at_owner"),
        D.fence == bindparam("at_fence"),
    )
    row = select(D.id, D.state, bindparam("to_state"), literal(at), bindparam("to_why")).where(*guard)
    connection.execute(
        insert(HISTORY).from_select(["document_id", "before", "after", "at", "why"], row, include_defaults=False),
        list(verdicts),
    )
    change: dict[str, Any] = {
        "state": bindparam("to_state"),
        "reasons": bindparam("to_reasons"),
        "not_before": bindparam("to_not_before"),
        "look_at": bindparam("to_look_at"),
        "owner": None,
        "lease_until": 0,
        "changed_at": at,
    }
    return connection.execute(update(DOCUMENT).where(*guard).values(change), list(verdicts)).rowcount


def settle_attempts(connection: Connection, at: int, verdicts: Rows) -> None:
    """What came of each attempt; evidence, kept even when the document belongs to somebody else by now."""
    change = {
        "settled_at": at,
        "outcome": bindparam("of_outcome"),
        "http_status": bindparam("of_status"),
        "sap_code": bindparam("of_code"),
        "sap_message": bindparam("of_message"),
    }
    unsettled = (ATTEMPT.c.id == bindparam("of_attempt"), ATTEMPT.c.outcome.is_(None))
    connection.execute(update(ATTEMPT).where(*unsettled).values(change), list(verdicts))


def claim_looks(connection: Connection, sources: Sequence[str], count: int, lease: Lease) -> list[Row[Any]]:
    """AMBIGUOUS → RESOLVING for what may be looked up by now."""
    due = (D.state == State.AMBIGUOUS, D.source.in_(sources), D.look_at <= lease.begins)
    chosen = select(D.id).where(*due).order_by(D.look_at, D.id).limit(count).scalar_subquery()
    change = {
        "state": State.RESOLVING.value,
        "owner": lease.owner,
        "fence": D.fence + 1,
        "lease_until": lease.ends,
        "changed_at": lease.begins,
    }
    claimed = connection.execute(update(DOCUMENT).where(D.id.in_(chosen)).values(change).returning(*CLAIMED))
    return sorted(claimed, key=lambda row: int(row.id))


def expire(connection: Connection, before: State, *, now: int, grace: int) -> list[int]:
    """Claims whose owner did not come back → AMBIGUOUS, to be looked up after the grace period. Their ids."""
    dead = (D.state == before, D.lease_until <= now)
    change = {
        "state": State.AMBIGUOUS.value,
        "look_at": func.coalesce(D.sent_at, now) + grace,
        "owner": None,
        "lease_until": 0,
        "changed_at": now,
    }
    return list(connection.execute(update(DOCUMENT).where(*dead).values(change).returning(D.id)).scalars())


def next_send(connection: Connection, sources: Sequence[str]) -> int | None:
    """When the next invoice that waits may be sent."""
    ready = (D.state == State.READY, D.source.in_(sources))
    latest = case((D.not_before > D.lease_until, D.not_before), else_=D.lease_until)
    return connection.execute(select(func.min(latest)).where(*ready)).scalar_one_or_none()


def waiting(connection: Connection, sources: Sequence[str]) -> list[Row[Any]]:
    """Everything that may be in SAP: state, when it was sent, when its lease ends, when it may be looked up."""
    perhaps = (State.SENDING, State.AMBIGUOUS, State.RESOLVING)
    query = select(D.state, D.sent_at, D.lease_until, D.look_at)
    return list(connection.execute(query.where(D.source.in_(sources), D.state.in_(perhaps))))


def held_families(connection: Connection) -> list[Row[Any]]:
    """Every revision of every invoice of which one is held, oldest first."""
    held = select(D.source, D.source_id).where(D.state == State.HELD).subquery()
    query = select(D.id, D.source, D.source_id, D.revision, D.state).join(
        held, (held.c.source == D.source) & (held.c.source_id == D.source_id)
    )
    return list(connection.execute(query.order_by(D.source, D.source_id, D.revision)))


def _newer() -> Any:
    other = DOCUMENT.alias()
    return (
        select(other.c.id)
        .where(
            other.c.source == D.source,
            other.c.source_id == D.source_id,
            other.c.revision > D.revision,
            other.c.state != State.SUPERSEDED,
        )
        .exists()
    )


def current(connection: Connection, sources: Sequence[str], states: Iterable[State] = ()) -> list[Row[Any]]:
    """The current revision of every invoice: the newest that is not superseded."""
    query = select(DOCUMENT).where(D.source.in_(sources), D.state != State.SUPERSEDED, ~_newer())
    wanted = list(states)
    if wanted:
        query = query.where(D.state.in_(wanted))
    return list(connection.execute(query.order_by(D.id)))


def entries(connection: Connection, sources: Sequence[str]) -> list[Row[Any]]:
    """The current revisions in short."""
    columns = (D.id, D.source, D.source_id, D.revision, D.doc_key, D.state, D.currency, D.amount, D.reasons)
    query = select(*columns, D.not_before, D.look_at).where(
        D.source.in_(sources), D.state != State.SUPERSEDED, ~_newer()
    )
    return list(connection.execute(query))


def delivered(connection: Connection, sources: Sequence[str]) -> list[Row[Any]]:
    """Every revision that is in SAP, as far as the ledger knows."""
    columns = (D.id, D.source, D.source_id, D.doc_key, D.currency, D.amount, D.state, D.payload)
    in_sap = D.state.in_((State.DELIVERED, State.CONFIRMED))
    return list(connection.execute(select(*columns).where(D.source.in_(sources), in_sap)))


def counts(connection: Connection) -> list[Row[Any]]:
    """How many current revisions each source has in each state."""
    query = select(D.source, D.state, func.count().label("number")).where(D.state != State.SUPERSEDED, ~_newer())
    return list(connection.execute(query.group_by(D.source, D.state).order_by(D.source, D.state)))


def sources(connection: Connection) -> list[str]:
    """Every source that has something in the ledger."""
    return list(connection.execute(select(D.source).distinct().order_by(D.source)).scalars())


def documents_of(connection: Connection, source: str, source_id: str) -> list[Row[Any]]:
    """All revisions of one invoice, oldest first."""
    query = select(DOCUMENT).where(D.source == source, D.source_id == source_id)
    return list(connection.execute(query.order_by(D.revision)))


def history_of(connection: Connection, document_id: int) -> list[Row[Any]]:
    """The transitions of one revision, in order."""
    return list(connection.execute(select(HISTORY).where(HISTORY.c.document_id == document_id).order_by(HISTORY.c.id)))


def attempts_of(connection: Connection, document_id: int) -> list[Row[Any]]:
    """The attempts of one revision, in order."""
    query = select(ATTEMPT).where(ATTEMPT.c.document_id == document_id)
    return list(connection.execute(query.order_by(ATTEMPT.c.created_at, ATTEMPT.c.position)))
