"""All SQL that only asks, each statement named."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, or_, select

from pipeline.ledger.rows import ANY, TargetProfile
from pipeline.ledger.statements import CLAIMED, THESE, D, is_in, of_these
from pipeline.ledger.states import IN_SAP, PERHAPS_IN_SAP, State
from pipeline.ledger.tables import ACTOR, ATTEMPT, CURSOR, DOCUMENT, HISTORY, IDENTITY, TARGET
from pipeline.ledger.witness import End

PAGE = 500
_NOT_LIVE = D.live_key.is_(None)
"""What the indexes of all that is not live are made for."""
_KEPT = (_NOT_LIVE, D.state.in_([State.HELD, State.VANISHED, State.REJECTED, State.CONFLICT, State.ACCEPTED]))
_IN_TROUBLE = (_NOT_LIVE, D.state.in_([State.REJECTED, State.QUARANTINED, State.CONFLICT, State.VANISHED]))
_THERE = IN_SAP | {State.ACCEPTED}
"""Where something is that others may build on; what a person accepted is in SAP as it is there."""
_END = select(IDENTITY.c.trusted_at, select(func.coalesce(func.max(HISTORY.c.id), 0)).scalar_subquery())
_DISTRUST = select(IDENTITY.c.distrust)


def _distinct(connection: Connection, column: ColumnElement[str], *where: ColumnElement[bool]) -> Iterator[str]:
    """The different values of an index's column, one seek each, however many rows have them."""
    smallest = select(func.min(column)).where(*where)
    value = connection.execute(smallest).scalar_one()
    while value is not None:
        yield value
        value = connection.execute(smallest.where(column > value)).scalar_one()


def revisions_of(
    connection: Connection, source: str, source_ids: Sequence[str], *, lock: bool = False, record: bool = False
) -> list[Row[Any]]:
    """Every revision of these invoices, oldest first; with `lock` they stay as they are until the transaction ends.

    `unsent` is what would be sent of those that wait for it.
    """
    columns = (D.id, D.source, D.source_id, D.target, D.revision, D.state, D.digest, D.reasons, D.doc_key, D.needs)
    unsent = case((D.state.in_((State.READY, State.HELD)), D.payload)).label("unsent")
    asked = (*columns, unsent, D.record) if record else (*columns, unsent)
    these = (D.source == source, D.source_id.in_(THESE))
    if not lock:
        return of_these(connection, select(*asked).where(*these).order_by(D.id), source_ids)
    ids = sorted(row.id for row in of_these(connection, select(D.id).where(*these), source_ids))
    return of_these(connection, select(*asked).where(D.id.in_(THESE)).order_by(D.id).with_for_update(), ids)


def owners_of_keys(connection: Connection, target: str, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Whose these document keys are, of those that are live: source and id."""
    query = select(D.live_key, D.source, D.source_id).where(D.target == target, D.live_key.in_(THESE))
    return {row.live_key: (row.source, row.source_id) for row in of_these(connection, query, keys)}


def beside_live_ones(connection: Connection, document_ids: Sequence[int]) -> set[int]:
    """Those of these documents under whose key another one is live."""
    other = DOCUMENT.alias()
    live = select(other.c.id).where(other.c.target == D.target, other.c.live_key == D.doc_key, other.c.id != D.id)
    query = select(D.id).where(D.id.in_(THESE), live.exists())
    return {row.id for row in of_these(connection, query, document_ids)}


def ids_in_sap(connection: Connection, source: str, source_ids: Sequence[str]) -> set[str]:
    """Which of these documents of a source are in SAP."""
    query = select(D.source_id).where(D.source == source, D.source_id.in_(THESE), D.state.in_(_THERE))
    return {row.source_id for row in of_these(connection, query, source_ids)}


def ready_for(connection: Connection, source: str, source_ids: Sequence[str]) -> list[int]:
    """What is to be sent and needs one of these documents of its source. Their ids."""
    query = select(D.id).where(is_in(State.READY), D.source == source, D.needs.in_(THESE))
    return [row.id for row in of_these(connection, query, source_ids)]


def releasable(connection: Connection) -> list[Row[Any]]:
    """The held invoices that need not wait any more: source, id, target.

    Those behind earlier revisions of which none is perhaps in SAP, and those whose needed document is there.
    """
    earlier, doubtful, needed = DOCUMENT.alias(), DOCUMENT.alias(), DOCUMENT.alias()
    stands = _earlier(earlier).where(earlier.c.state != State.SUPERSEDED).exists()
    in_doubt = _earlier(doubtful).where(doubtful.c.state.in_(PERHAPS_IN_SAP)).exists()
    there = select(needed.c.id).where(
        needed.c.source == D.source, needed.c.source_id == D.needs, needed.c.state.in_(_THERE)
    )
    free = or_(stands & ~in_doubt, ~stands & D.needs.is_not(None) & there.exists())
    return list(connection.execute(select(D.source, D.source_id, D.target).where(is_in(State.HELD), free)))


def overtaken(connection: Connection, document_ids: Sequence[int]) -> list[Row[Any]]:
    """Of these documents those that are to be sent though a newer revision stands: source and id."""
    query = select(D.source, D.source_id).where(D.id.in_(THESE), is_in(State.READY), _newer())
    return of_these(connection, query, document_ids)


def _earlier(other: Any) -> Any:
    return select(other.c.id).where(
        other.c.source == D.source, other.c.source_id == D.source_id, other.c.revision < D.revision
    )


def positions(connection: Connection, source: str) -> dict[str, str]:
    """How far each stream of a source has been read."""
    query = select(CURSOR.c.stream, CURSOR.c.position).where(CURSOR.c.source == source, CURSOR.c.position.is_not(None))
    return {row.stream: row.position for row in connection.execute(query)}


def next_send(connection: Connection, sources: Sequence[str], until: int) -> dict[str, int]:
    """For each target to which something is ready, up to a document: when the first of it may be sent."""
    ready = (is_in(State.READY), D.source.in_(sources), D.id <= until)
    first = select(D.target, func.min(D.not_before).label("first")).where(*ready).group_by(D.target)
    return {row.target: row.first for row in connection.execute(first)}


def end(connection: Connection) -> End:
    """Where the history ends."""
    trusted_at, step = connection.execute(_END).one()
    return End(trusted_at, step)


def last_document(connection: Connection) -> int:
    """The id of the newest revision of all."""
    return int(connection.execute(select(func.coalesce(func.max(D.id), 0))).scalar_one())


def unsent(connection: Connection, sources: Sequence[str], count: int) -> list[Row[Any]]:
    """Ready invoices that were never sent: of each source and target the oldest and the newest."""
    found: dict[int, Row[Any]] = {}
    ready = is_in(State.READY)
    for source in sources:
        for target in _distinct(connection, D.target, ready, D.source == source):
            mine = select(*CLAIMED).where(ready, D.source == source, D.target == target, D.attempts == 0)
            for order in (D.id, D.id.desc()):
                rows = connection.execute(mine.order_by(order).limit(max(count // 2, 1)))
                found.update({row.id: row for row in rows})
    return list(found.values())


def never_sent(connection: Connection, document_ids: Sequence[int]) -> set[int]:
    """Those of these documents that are ready and have no attempt."""
    query = select(D.id).where(D.id.in_(THESE), is_in(State.READY), D.attempts == 0)
    return {row.id for row in of_these(connection, query, document_ids)}


def vanished_before(connection: Connection, document_ids: Sequence[int]) -> set[int]:
    """Those of these documents of which an earlier revision had vanished from SAP."""
    other = DOCUMENT.alias()
    same = (other.c.source == D.source, other.c.source_id == D.source_id, other.c.revision < D.revision)
    gone = select(HISTORY.c.id).where(HISTORY.c.document_id == other.c.id, HISTORY.c.after == State.VANISHED)
    query = select(D.id).where(D.id.in_(THESE), select(other.c.id).where(*same, gone.exists()).exists())
    return {row.id for row in of_these(connection, query, document_ids)}


def ready(connection: Connection, sources: Sequence[str]) -> int:
    """How many invoices of these sources wait to be sent."""
    query = select(func.count()).select_from(DOCUMENT).where(is_in(State.READY), D.source.in_(sources))
    return int(connection.execute(query).scalar_one())


def ready_targets(connection: Connection, sources: Sequence[str], now: int, until: int = ANY) -> list[str]:
    """The targets to which something of these sources, up to a document, may be sent by now, in the sources' order."""
    found: dict[str, None] = {}
    ready = is_in(State.READY)
    for source in sources:
        for target in _distinct(connection, D.target, ready, D.source == source):
            due = (ready, D.source == source, D.target == target, D.not_before <= now, D.id <= until)
            if target not in found and connection.execute(select(D.id).where(*due).limit(1)).first():
                found[target] = None
    return list(found)


def targets_with_work(connection: Connection, now: int) -> list[str]:
    """The targets with something to send, to look up, to take over, or that was held and need not wait any more."""
    found = {row.target for row in releasable(connection)}
    found.update(ready_targets(connection, list(_distinct(connection, D.source, is_in(State.READY))), now))
    doubts = (is_in(State.AMBIGUOUS), D.look_at <= now)
    dead = (D.owner.is_not(None), D.state.in_([State.SENDING, State.RESOLVING]), D.lease_until <= now)
    for where in (doubts, dead):
        found.update(connection.execute(select(D.target).distinct().where(*where)).scalars())
    return sorted(found)


def in_doubt(connection: Connection, sources: Sequence[str], now: int) -> Row[Any]:
    """Of what is ambiguous: how many, how many may be looked up by now, when the first may be, when the last."""
    due = func.count(case((D.look_at <= now, 1)))
    told = (
        func.count().label("many"),
        due.label("due"),
        func.min(D.look_at).label("first"),
        func.max(D.look_at).label("last"),
    )
    return connection.execute(select(*told).where(is_in(State.AMBIGUOUS), D.source.in_(sources))).one()


def claimed(connection: Connection, sources: Sequence[str]) -> list[Row[Any]]:
    """What somebody is sending or looking up: when it was sent, when its lease ends."""
    owned = (D.owner.is_not(None), D.state.in_([State.SENDING, State.RESOLVING]))
    found: list[Row[Any]] = list(connection.execute(select(D.source, D.sent_at, D.lease_until).where(*owned)))
    return [row for row in found if row.source in sources]


def unconfirmed_targets(connection: Connection, source: str, before: int) -> list[str]:
    """The targets of delivered invoices of a source that nobody has read back and whose state is older than that."""
    delivered = (is_in(State.DELIVERED), D.source == source)
    oldest = select(func.min(D.changed_at)).where(*delivered)
    return [
        target
        for target in _distinct(connection, D.target, *delivered)
        if connection.execute(oldest.where(D.target == target)).scalar_one() < before
    ]


def open_attempts(connection: Connection, document_ids: Sequence[int]) -> dict[int, tuple[str, int]]:
    """For each document its last attempt, where its outcome is unknown: its id, and when it was made."""
    a = ATTEMPT.c
    mine = select(a.document_id, a.id, a.created_at, a.outcome).where(a.document_id.in_(THESE))
    rows = of_these(connection, mine.order_by(a.created_at, a.id), document_ids)
    last = {row.document_id: row for row in rows}
    return {id_: (row.id, row.created_at) for id_, row in last.items() if row.outcome in {None, "ambiguous"}}


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


def refused(connection: Connection, source: str, after: int) -> list[Row[Any]]:
    """One page, behind a document, of those whose current revision was rejected or quarantined, with their record."""
    columns = (D.id, D.source, D.source_id, D.state, D.record)
    mine = (_NOT_LIVE, D.state.in_([State.REJECTED, State.QUARANTINED]), D.source == source, D.id > after)
    return list(connection.execute(select(*columns).where(*mine, ~_newer()).order_by(D.id).limit(PAGE)))


def entries_of(connection: Connection, source: str, source_ids: Sequence[str]) -> list[Row[Any]]:
    """The current revision of these invoices in short."""
    columns = (D.id, D.source, D.source_id, D.revision, D.doc_key, D.state, D.currency, D.amount, D.reasons, D.needs)
    mine = (D.source == source, D.source_id.in_(THESE), D.state != State.SUPERSEDED)
    query = select(*columns, D.not_before, D.look_at, D.changed_at).where(*mine).order_by(D.revision)
    return list({row.source_id: row for row in of_these(connection, query, source_ids)}.values())


def entries(connection: Connection, source: str) -> Iterator[Row[Any]]:
    """The current revision of every invoice of a source in short, in the order of their ids, one page at a time."""
    columns = (D.id, D.source, D.source_id, D.revision, D.doc_key, D.state, D.currency, D.amount, D.reasons)
    due = (D.not_before, D.look_at, D.changed_at)
    mine = select(*columns, *due).where(D.source == source, D.state != State.SUPERSEDED)
    current: Any = None
    for row in _streamed(connection, mine.order_by(D.source_id, D.revision)):
        if current is not None and current.source_id != row.source_id:
            yield current
        current = row
    if current is not None:
        yield current


def in_trouble(connection: Connection, source: str) -> Iterator[Row[Any]]:
    """The current revisions of a source that were refused, set aside, held or are a person's matter, in short."""
    columns = (D.id, D.source, D.source_id, D.revision, D.doc_key, D.state, D.currency, D.amount, D.reasons)
    for those in (_IN_TROUBLE, (is_in(State.HELD),)):
        mine = select(*columns, D.not_before, D.look_at, D.changed_at).where(*those, D.source == source, ~_newer())
        yield from _streamed(connection, mine)


def _streamed(connection: Connection, query: Any) -> Iterator[Row[Any]]:
    """The rows of a query, page by page."""
    return iter(connection.execute(query, execution_options={"yield_per": PAGE}))


def standing(connection: Connection, source: str) -> Iterator[Row[Any]]:
    """Every revision of a source that is not superseded, without its content, by id and revision, page by page."""
    columns = (D.id, D.source, D.source_id, D.target, D.doc_key, D.currency, D.amount, D.state, D.attempts)
    mine = select(*columns, D.changed_at).where(D.source == source, D.state != State.SUPERSEDED)
    ordered = mine.order_by(D.source_id, D.revision)
    return _streamed(connection, ordered)


def by_key(connection: Connection, target: str, keys: Sequence[str]) -> list[Row[Any]]:
    """Every revision of a target under these keys that is not superseded, oldest first, with its content."""
    columns = (D.id, D.source, D.source_id, D.revision, D.doc_key, D.state, D.payload, D.digest, D.reasons)
    found = [
        row
        for mine in ((D.live_key.in_(THESE),), (D.doc_key.in_(THESE), *_KEPT))
        for row in of_these(connection, select(*columns).where(D.target == target, *mine), keys)
    ]
    return sorted(found, key=lambda row: (row.source, row.source_id, row.revision))


def lost(connection: Connection, source: str, before: int) -> list[Row[Any]]:
    """What SAP has not shown since before an instant, though it took it, and has never shown: the newest record."""
    shown = select(HISTORY.c.id).where(HISTORY.c.document_id == D.id, HISTORY.c.after == State.CONFIRMED)
    columns = (D.id, D.source, D.source_id, D.target, D.doc_key, D.state, _newest_record())
    vanished = (_NOT_LIVE, D.state == State.VANISHED, D.source == source)
    return list(connection.execute(select(*columns).where(*vanished, D.changed_at <= before, ~shown.exists())))


def _newest_record() -> Any:
    other = DOCUMENT.alias()
    same = (other.c.source == D.source, other.c.source_id == D.source_id, other.c.state != State.SUPERSEDED)
    newest = select(other.c.record).where(*same).order_by(other.c.revision.desc()).limit(1)
    return newest.scalar_subquery().label("record")


def counts(connection: Connection) -> list[Row[Any]]:
    """How many current revisions each source has in each state."""
    query = select(D.source, D.state, func.count().label("number")).where(D.state != State.SUPERSEDED, ~_newer())
    return list(connection.execute(query.group_by(D.source, D.state).order_by(D.source, D.state)))


def standings(connection: Connection) -> list[Row[Any]]:
    """Per source and state: how many invoices, and since when the oldest of them has been in it.

    What is perhaps in SAP has been so since its attempt: each look takes it out of that state and back.
    """
    attempted = select(func.max(ATTEMPT.c.created_at)).where(ATTEMPT.c.document_id == D.id).scalar_subquery()
    since = case((D.state.in_(PERHAPS_IN_SAP), func.coalesce(attempted, D.changed_at)), else_=D.changed_at)
    columns = (D.source, D.state, func.count().label("number"), func.min(since).label("oldest"))
    return list(connection.execute(select(*columns).group_by(D.source, D.state).order_by(D.source, D.state)))


def sources(connection: Connection) -> list[str]:
    """Every source that has something in the ledger."""
    return list(_distinct(connection, D.source))


def target(connection: Connection, name: str) -> TargetProfile:
    """What was learnt of a target."""
    row = connection.execute(select(TARGET).where(TARGET.c.name == name)).first()
    return TargetProfile(repeatability=row.repeatability, capacity=row.capacity) if row else TargetProfile()


def distrust(connection: Connection) -> str | None:
    """Why nothing may be sent from this ledger, if so."""
    return connection.execute(_DISTRUST).scalar_one_or_none()


def distrusted_at(connection: Connection) -> int:
    """Since when nothing may be sent from this ledger, or might not the last time."""
    return int(connection.execute(select(IDENTITY.c.distrusted_at)).scalar_one())


def documents_of(connection: Connection, source: str, source_id: str) -> list[Row[Any]]:
    """All revisions of one invoice, oldest first."""
    query = select(DOCUMENT).where(D.source == source, D.source_id == source_id)
    return list(connection.execute(query.order_by(D.revision)))


def history_of(connection: Connection, document_id: int) -> list[Row[Any]]:
    """The transitions of one revision, in order."""
    return list(connection.execute(select(HISTORY).where(HISTORY.c.document_id == document_id).order_by(HISTORY.c.id)))


def trail(connection: Connection, sources: Sequence[str]) -> Iterator[Row[Any]]:
    """Every transition in order, with its document, its actor and its attempt, page by page."""
    h, a, who = HISTORY.c, ATTEMPT.c, ACTOR.c
    query = (
        select(h.id.label("step"), h.at, D.source, D.source_id, D.revision, h.before, h.after, h.why)
        .add_columns(who.who, who.program, D.target, D.doc_key, D.currency, D.amount, D.digest, h.attempt)
        .add_columns(a.batch_id, a.outcome, a.http_status, a.sap_code, a.sap_message, a.sap_transaction_id)
        .select_from(HISTORY.join(DOCUMENT, D.id == h.document_id))
        .outerjoin(ACTOR, who.id == h.actor)
        .outerjoin(ATTEMPT, a.id == h.attempt)
    )
    mine = query.where(D.source.in_(sources)) if sources else query
    return _streamed(connection, mine.order_by(h.id))


def attempts_of(connection: Connection, document_id: int) -> list[Row[Any]]:
    """The attempts of one revision, in order."""
    query = select(ATTEMPT).where(ATTEMPT.c.document_id == document_id)
    return list(connection.execute(query.order_by(ATTEMPT.c.created_at, ATTEMPT.c.position)))
