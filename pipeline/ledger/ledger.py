"""What we know of every invoice, durably. The truth of the pipeline: whatever is not written here has not happened.

Each method is one transaction. All changes go through the transition table and are compare-and-set, so that two runs on
one ledger cannot send the same invoice, and a late answer cannot move one that somebody else owns by now.
"""

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Self

from sqlalchemy import Connection, Engine, Row

from pipeline.clock import Clock
from pipeline.ledger import receiving, shapes, statements
from pipeline.ledger.engine import file_exists, open_engine, reading, transaction
from pipeline.ledger.migrate import migrate
from pipeline.ledger.receiving import Revision
from pipeline.ledger.rows import Arrival, Claim, Entry, Lease, Place, Receipt, Story, Verdict
from pipeline.ledger.states import State, check

HOLD = 15_000
SUPERSEDED = "a newer revision came"


class Ledger:
    """A ledger file.

    `grace` is how long after a request left it may still take effect in SAP; `lease` how long a claim holds.
    """

    def __init__(self, engine: Engine, clock: Clock, *, grace: int, lease: int) -> None:
        self._engine = engine
        self._clock = clock
        self.grace = grace
        self.lease = lease

    @classmethod
    def open(cls, url: str, clock: Clock, *, grace: int, lease: int) -> Self:
        """Open or create the file and bring it to this program's version. Raises Misconfigured or Unavailable."""
        engine = open_engine(url)
        migrate(engine)
        return cls(engine, clock, grace=grace, lease=lease)

    @staticmethod
    def exists(url: str) -> bool:
        """Whether the URL names a file that is there."""
        return file_exists(url)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def receive(self, source: str, arrivals: Sequence[Arrival], place: Place) -> Receipt:
        """Store one page, no id twice, together with the place behind it, in one transaction."""
        now = self._clock.now()
        with transaction(self._engine) as connection:
            receipt = _receive(connection, source, arrivals, now)
            statements.set_cursor(connection, source, place.stream, place.cursor, now)
        return receipt

    def positions(self, source: str) -> dict[str, str]:
        """How far each stream of a source has been read, as far as it said so."""
        with reading(self._engine) as connection:
            return statements.positions(connection, source)

    def rehearse(self, source: str, arrivals: Sequence[Arrival]) -> Receipt:
        """What `receive` would change. Nothing is stored."""
        with transaction(self._engine, keep=False) as connection:
            return _receive(connection, source, arrivals, self._clock.now())

    def renew(self, source: str, arrivals: Sequence[Arrival]) -> Receipt:
        """Enter anew what was rejected or quarantined, changed or not, as a new revision."""
        with transaction(self._engine) as connection:
            return _receive(connection, source, arrivals, self._clock.now(), again=True)

    def claim(self, sources: Sequence[str], count: int, owner: str) -> list[Claim]:
        """Up to `count` sendable invoices for this owner, for a short time: `sending` is what holds them.

        A claim that its owner did not use is soon free for others; its fence keeps the owner from using it then.
        """
        now = self._clock.now()
        hold = min(self.lease, HOLD)
        with transaction(self._engine) as connection:
            rows = statements.claim_ready(connection, sources, count, Lease(owner=owner, begins=now, ends=now + hold))
        return [shapes.claim(row) for row in rows]

    def release(self, owner: str) -> None:
        """Give back what this owner claimed and did not begin to send."""
        with transaction(self._engine) as connection:
            statements.release(connection, owner)

    def sending(self, claims: Sequence[Claim]) -> list[Claim]:
        """Make the intent durable, before a byte leaves.

        Gives the claims that still hold, each with its attempt's id.
        """
        now = self._clock.now()
        batch_id = self._clock.guid()
        check(State.READY, State.SENDING)
        with transaction(self._engine) as connection:
            keys = [shapes.at(claim) for claim in claims]
            moved = statements.begin_sending(connection, keys, now=now, lease_until=now + self.lease)
            kept = [shapes.with_attempt(claim, self._clock.guid(), now) for claim in claims if claim.id in moved]
            if kept:
                statements.insert_attempts(
                    connection, [shapes.attempt_row(one, batch_id, n, now) for n, one in enumerate(kept)]
                )
                statements.insert_history(
                    connection, [shapes.step(one.id, State.READY, State.SENDING, now) for one in kept]
                )
        return kept

    def settle(self, verdicts: Sequence[Verdict], *, before: State = State.SENDING) -> int:
        """Write what became of claims. Claims that somebody else owns by now stay as they are. How many moved."""
        now = self._clock.now()
        rows = []
        for verdict in verdicts:
            check(before, verdict.after)
            rows.append(shapes.settled_row(verdict, before))
        with transaction(self._engine) as connection:
            moved = statements.settle(connection, now, rows)
            tried = [shapes.outcome_row(verdict) for verdict in verdicts if verdict.claim.attempt]
            if tried:
                statements.settle_attempts(connection, now, tried)
        return moved

    def looks(self, sources: Sequence[str], count: int, owner: str) -> list[Claim]:
        """Up to `count` ambiguous invoices that may be looked up by now, for this owner."""
        now = self._clock.now()
        check(State.AMBIGUOUS, State.RESOLVING)
        with transaction(self._engine) as connection:
            rows = statements.claim_looks(
                connection, sources, count, Lease(owner=owner, begins=now, ends=now + self.lease)
            )
            steps = [shapes.step(row.id, State.AMBIGUOUS, State.RESOLVING, now) for row in rows]
            statements.insert_history(connection, steps)
        return [shapes.claim(row) for row in rows]

    def grace_is_over(self, claim: Claim) -> bool:
        """Whether nothing that was sent for this invoice can still take effect in SAP."""
        return claim.sent_at is None or claim.sent_at + self.grace <= self._clock.now()

    def expire(self) -> int:
        """Claims whose owner did not come back in time become ambiguous. How many did."""
        now = self._clock.now()
        expired = 0
        with transaction(self._engine) as connection:
            for before in (State.SENDING, State.RESOLVING):
                check(before, State.AMBIGUOUS)
                ids = statements.expire(connection, before, now=now, grace=self.grace)
                why = "its sender did not come back"
                statements.insert_history(
                    connection, [shapes.step(id_, before, State.AMBIGUOUS, now, why) for id_ in ids]
                )
                expired += len(ids)
        return expired

    def release_held(self) -> int:
        """What waited for an earlier revision, or for another document, goes on where that one's fate is known.

        How many did. What its source holds waits for its source.
        """
        now = self._clock.now()
        moved = 0
        with transaction(self._engine) as connection:
            rows = statements.held_families(connection)
            for _family, members in groupby(rows, key=lambda row: (row.source, row.source_id)):
                family = [_revision(row) for row in members]
                standing = [one for one in family if one.state is not State.SUPERSEDED]
                earlier, held = standing[:-1], standing[-1]
                if not earlier:
                    continue
                after = receiving.release(earlier)
                if after is not None:
                    if after is State.READY:
                        _supersede(connection, now, earlier)
                    moved += _move(connection, now, [(held, after)], "the earlier revision's fate is known")
            check(State.HELD, State.READY)
            moved += statements.move(
                connection,
                now,
                [
                    {"at_id": id_, "at_before": State.HELD, "to_state": State.READY, "to_why": receiving.THERE}
                    for id_ in statements.held_no_longer(connection)
                ],
            )
        return moved

    def confirm(self, document_ids: Sequence[int]) -> int:
        """Delivered invoices that were read back from SAP. How many moved."""
        check(State.DELIVERED, State.CONFIRMED)
        rows = [
            {"at_id": id_, "at_before": State.DELIVERED, "to_state": State.CONFIRMED, "to_why": "read back from SAP"}
            for id_ in document_ids
        ]
        with transaction(self._engine) as connection:
            return statements.move(connection, self._clock.now(), rows)

    def next_send(self, sources: Sequence[str]) -> int | None:
        """When the next waiting invoice may be sent."""
        with reading(self._engine) as connection:
            return statements.next_send(connection, sources)

    def look_times(self, sources: Sequence[str]) -> list[int]:
        """For everything that may be in SAP: when it may be looked up at the earliest, in order."""
        with reading(self._engine) as connection:
            rows = statements.waiting(connection, sources)
        return sorted(
            row.look_at if row.state == State.AMBIGUOUS else max(row.lease_until, (row.sent_at or 0) + self.grace)
            for row in rows
        )

    def entries(self, sources: Sequence[str]) -> list[Entry]:
        """The current revision of every invoice of these sources."""
        with reading(self._engine) as connection:
            return [shapes.entry(row) for row in statements.entries(connection, sources)]

    def delivered(self, sources: Sequence[str]) -> list[Row[Any]]:
        """Every revision that is in SAP: id, source, source_id, doc_key, currency, amount, state, payload."""
        with reading(self._engine) as connection:
            return statements.delivered(connection, sources)

    def retryable(self, sources: Sequence[str]) -> list[tuple[str, str, str]]:
        """Source, id and record of every invoice that was rejected or quarantined."""
        with reading(self._engine) as connection:
            rows = statements.current(connection, sources, receiving.RETRIED)
        return [(row.source, row.source_id, row.record) for row in rows]

    def counts(self) -> dict[str, dict[State, int]]:
        """Per source: how many invoices are in which state."""
        found: dict[str, dict[State, int]] = {}
        with reading(self._engine) as connection:
            for row in statements.counts(connection):
                found.setdefault(row.source, {})[State(row.state)] = row.number
        return found

    def sources(self) -> list[str]:
        """Every source that has something in the ledger."""
        with reading(self._engine) as connection:
            return statements.sources(connection)

    def stories(self, source: str, source_id: str) -> list[Story]:
        """Everything known of one invoice, one story per revision."""
        with reading(self._engine) as connection:
            return [
                Story(
                    document=_values(row),
                    history=tuple(_values(one) for one in statements.history_of(connection, row.id)),
                    attempts=tuple(_values(one) for one in statements.attempts_of(connection, row.id)),
                )
                for row in statements.documents_of(connection, source, source_id)
            ]


def _values(row: Row[Any]) -> dict[str, object]:
    return dict(zip(row._fields, row, strict=True))


def _receive(
    connection: Connection, source: str, arrivals: Sequence[Arrival], now: int, *, again: bool = False
) -> Receipt:
    known = _families(statements.revisions_of(connection, source, [one.source_id for one in arrivals]))
    keys = [one.doc_key for one in arrivals if one.doc_key]
    taken = statements.keys_of_others(connection, source, arrivals[0].target, keys) if keys else set()
    needed = [one.needs for one in arrivals if one.needs]
    present = statements.ids_in_sap(connection, source, needed) if needed else set()
    plan = receiving.plan(arrivals, known, taken, present, again=again)
    _supersede(connection, now, plan.superseded)
    _move(connection, now, [(one, State.READY) for one in plan.released], receiving.RELEASED)
    statements.insert_documents(connection, [shapes.document_row(one, now) for one in plan.entering])
    statements.insert_paths(connection, source, now, [step for one in plan.entering for step in shapes.path_steps(one)])
    return plan.receipt


def _families(rows: Sequence[Row[Any]]) -> dict[str, list[Revision]]:
    families: dict[str, list[Revision]] = {}
    for row in rows:
        families.setdefault(row.source_id, []).append(_revision(row))
    return families


def _revision(row: Row[Any]) -> Revision:
    return Revision(
        id=row.id,
        number=row.revision,
        state=State(row.state),
        digest=getattr(row, "digest", ""),
        reasons=tuple(json.loads(getattr(row, "reasons", "[]"))),
    )


def _supersede(connection: Connection, now: int, revisions: Sequence[Revision]) -> None:
    _move(connection, now, [(one, State.SUPERSEDED) for one in revisions], SUPERSEDED)


def _move(connection: Connection, now: int, moves: Sequence[tuple[Revision, State]], why: str) -> int:
    for revision, after in moves:
        check(revision.state, after)
    rows = [{"at_id": one.id, "at_before": one.state, "to_state": after, "to_why": why} for one, after in moves]
    return statements.move(connection, now, rows)
