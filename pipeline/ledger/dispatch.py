"""The way out: claims, durable intents, and what became of them. Each claim is fenced by a number.

A late answer cannot move an invoice that somebody else owns by now, and a claim whose lease has ended begins nothing.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Row

from pipeline.ledger import queries, shapes, statements
from pipeline.ledger.rows import Claim, Lease, TargetProfile, Verdict
from pipeline.ledger.states import State, check
from pipeline.ledger.store import Evidence, Store
from pipeline.model.stops import Misconfigured

HOLD = 15_000


class Distrusted(Misconfigured):
    """This ledger may be older than what SAP has: nothing is sent from it until `reconcile --repair` has looked."""


class Dispatch(Store):
    """Sends, settles, looks."""

    def claim(self, sources: Sequence[str], count: int, owner: str, *, target: str | None = None) -> list[Claim]:
        """Up to `count` sendable invoices for this owner, for a short time: `sending` is what holds them.

        A claim that its owner did not use is soon free for others; its fence keeps the owner from using it then.
        """
        claims: list[Claim] = []
        with self._changing() as change:
            lease = Lease(owner=owner, begins=change.now, ends=change.now + min(self.lease, HOLD))
            for source in sources:
                left = count - len(claims)
                rows = statements.claim_ready(change.connection, source, left, lease, target=target) if left else []
                claims += [shapes.claim(row) for row in rows]
        return claims

    def release(self, owner: str) -> None:
        """Give back what this owner claimed and did not begin to send, or did not confirm."""
        with self._changing() as change:
            statements.release(change.connection, owner)

    def sending(self, claims: Sequence[Claim]) -> list[Claim]:
        """Make the intent durable, before a byte leaves.

        Gives the claims that still hold, each with its attempt's id. Raises Distrusted.
        """
        batch_id = self._clock.guid()
        fences = {claim.id: (claim.owner, claim.fence) for claim in claims}
        with self._changing() as change:
            if reason := queries.distrust(change.connection):
                raise Distrusted(reason)
            alive = statements.D.lease_until > change.now
            rows = statements.locked(change.connection, list(fences), [State.READY], alive)
            mine = [row for row in rows if (row.owner, row.fence) == fences[row.id]]
            held = {row.id for row in mine}
            kept = [shapes.with_attempt(claim, self._clock.guid(), change.now) for claim in claims if claim.id in held]
            change.move(
                mine,
                State.SENDING,
                evidence={claim.id: Evidence(attempt=claim.attempt) for claim in kept},
                values={
                    "owner": statements.D.owner,
                    "lease_until": change.now + self.lease,
                    "sent_at": change.now,
                    "attempts": statements.D.attempts + 1,
                },
            )
            statements.insert_attempts(
                change.connection, [shapes.attempt_row(one, batch_id, n, change.now) for n, one in enumerate(kept)]
            )
        self._witness.note(self.last_step())
        return kept

    def last_step(self) -> int:
        """The number of the last transition in the history."""
        with self._reading() as connection:
            return queries.last_step(connection)

    def unsent(self, sources: Sequence[str], count: int) -> list[Claim]:
        """Up to `count` ready invoices that were never sent: of each source and target the oldest and the newest."""
        with self._reading() as connection:
            return [shapes.claim(row) for row in queries.unsent(connection, sources, count)]

    def never_sent(self, document_ids: Sequence[int]) -> set[int]:
        """Those of these documents that are ready and were not sent until now, by anybody."""
        with self._reading() as connection:
            return queries.never_sent(connection, document_ids)

    def settle(self, verdicts: Sequence[Verdict], *, before: State = State.SENDING) -> int:
        """Write what became of claims. Claims that somebody else owns by now stay as they are. How many moved."""
        for verdict in verdicts:
            check(before, verdict.after)
        by_id = {verdict.claim.id: verdict for verdict in verdicts}
        moved = 0
        with self._changing() as change:
            rows = statements.locked(change.connection, list(by_id), [before])
            mine = [row for row in rows if _fence(by_id[row.id].claim) == (row.owner, row.fence)]
            ends = {row.id: shapes.end_of_claim(by_id[row.id]) for row in mine}
            for end, same in groupby(sorted(mine, key=lambda row: repr(ends[row.id])), key=lambda row: ends[row.id]):
                group = list(same)
                evidence = {row.id: _evidence(by_id[row.id]) for row in group}
                after, reasons, not_before, look_at = end
                values = {"reasons": reasons, "not_before": not_before, "look_at": look_at}
                moved += change.move(group, after, values=values, evidence=evidence)
            tried = [shapes.outcome_row(one, change.now) for one in verdicts if one.claim.attempt and one.outcome]
            statements.settle_attempts(change.connection, tried)
        return moved

    def looks(self, sources: Sequence[str], count: int, owner: str, *, target: str | None = None) -> list[Claim]:
        """Up to `count` ambiguous invoices that may be looked up by now, for this owner.

        Each with its last attempt whose outcome is unknown.
        """
        with self._changing() as change:
            lease = Lease(owner=owner, begins=change.now, ends=change.now + self.lease)
            rows: list[Row[Any]] = []
            for source in sources:
                left = count - len(rows)
                rows += statements.claim_looks(change.connection, source, left, lease, target=target) if left else []
            change.note(rows, State.AMBIGUOUS, State.RESOLVING)
            attempts = queries.last_open_attempts(change.connection, [row.id for row in rows])
        return [shapes.look(row, attempts.get(row.id)) for row in rows]

    def grace_is_over(self, claim: Claim) -> bool:
        """Whether nothing that was sent for this invoice can still take effect in SAP."""
        return claim.sent_at is None or claim.sent_at + self.grace <= self._clock.now()

    def expire(self) -> int:
        """Claims whose owner did not come back in time become ambiguous. How many did."""
        with self._changing() as change:
            rows = statements.abandoned(change.connection, change.now)
            look_at = statements.look_after_grace(change.now, self.grace)
            return change.move(rows, State.AMBIGUOUS, "its sender did not come back", values={"look_at": look_at})

    def next_send(self, sources: Sequence[str], *, target: str | None = None) -> int | None:
        """When the next waiting invoice may be sent."""
        with self._reading() as connection:
            return queries.next_send(connection, sources, target)

    def look_times(self, sources: Sequence[str]) -> list[int]:
        """For everything that may be in SAP: when it may be looked up at the earliest, in order."""
        with self._reading() as connection:
            rows = queries.waiting(connection, sources)
        return sorted(
            row.look_at if row.state == State.AMBIGUOUS else max(row.lease_until, (row.sent_at or 0) + self.grace)
            for row in rows
        )

    def targets_with_work(self, now: int) -> list[str]:
        """The targets with something to send, to look up, or to take over from somebody who did not come back."""
        with self._reading() as connection:
            return queries.targets_with_work(connection, now)

    def target(self, name: str) -> TargetProfile:
        """What was learnt of a target so far."""
        with self._reading() as connection:
            return queries.target(connection, name)

    def note_repeatability(self, name: str, word: str) -> None:
        """Remember what a target said of a RequestID: `accepted` or `unsupported`."""
        with self._changing() as change:
            statements.set_target(change.connection, name, change.now, {"repeatability": word})

    def set_capacity(self, name: str, requests: int) -> None:
        """Remember how many requests at a time a target bears."""
        with self._changing() as change:
            statements.set_target(change.connection, name, change.now, {"capacity": requests})


def _evidence(verdict: Verdict) -> Evidence:
    return Evidence(why=verdict.why, attempt=verdict.claim.attempt, transaction_id=verdict.transaction_id or "")


def _fence(claim: Claim) -> tuple[str, int]:
    return claim.owner, claim.fence
