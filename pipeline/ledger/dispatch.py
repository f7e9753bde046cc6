"""The way out: claims, durable intents, and what became of them. Each claim is fenced by a number.

A late answer cannot move an invoice that somebody else owns by now, and a claim whose lease has ended begins nothing.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Row

from pipeline.ledger import engine, queries, releasing, shapes, statements
from pipeline.ledger.rows import ANY, Claim, Lease, Lot, TargetProfile, Verdict, Waiting
from pipeline.ledger.states import State, check
from pipeline.ledger.store import Evidence, Store, alike
from pipeline.ledger.witness import OLD, End
from pipeline.model.stops import Misconfigured

BEGIN_WITHIN = 20_000
"""Milliseconds. The default grace period is a minute longer than SAP works on a request (600 s); a third of that minute
for whoever claims, a third for renewing a token that is refused (`renew_within` of `odata_client.target`).
"""


class Distrusted(Misconfigured):
    """This ledger may be older than what SAP has: nothing is sent from it until `reconcile --repair` has looked."""


class Dispatch(Store):
    """Sends, settles, looks.

    Where SAP is asked first whether this ledger is older (`delivery.guard`), `asked_about` is the newest document at
    that time: what came after it is not sent until SAP was asked anew.
    """

    asked_about = ANY

    def claim(self, sources: Sequence[str], target: str, count: int, owner: str, *, anew: bool = True) -> list[Claim]:
        """Up to `count` invoices of these sources that may be sent to this target by now, for this owner.

        The intent to send them is durable when this returns, before a byte leaves; each claim has its attempt's id.
        `anew` gives also what was sent before, half as many at once for each time. Raises Distrusted.
        """
        batch_id = self._clock.guid()
        line: list[Row[Any]] = []
        seen, begun = self._witness.last(), self._clock.monotonic()
        with self._changing() as change:
            end = queries.end(change.connection)
            if seen > end:
                statements.set_distrust(change.connection, OLD.format(name=engine.name(self._engine)), change.now)
            reason = queries.distrust(change.connection)
            lease = Lease(owner=owner, begins=change.now, ends=change.now + self.lease)
            for source in () if reason else sources:
                if left := count - len(line):
                    line += statements.line(
                        change.connection, Lot(source, target, left, self.asked_about), change.now, anew=anew
                    )
            rows = statements.claim_ready(change.connection, _one_request(line, count), lease) if line else []
            claims = [
                shapes.claim(row, self._clock.guid(), change.now)._replace(claimed_at=change.now, begun=begun)
                for row in rows
            ]
            evidence = {claim.id: Evidence(attempt=claim.attempt) for claim in claims}
            change.note(rows, State.READY, State.SENDING, evidence=evidence)
            intents = [shapes.attempt_row(one, batch_id, n, change.now) for n, one in enumerate(claims)]
            statements.insert_attempts(change.connection, intents)
        if reason:
            raise Distrusted(reason)
        if claims:
            self._witness.note(end._replace(step=end.step + len(claims)))
        return claims

    def release(self, owner: str) -> None:
        """Give back what this owner claimed and did not confirm."""
        with self._changing() as change:
            statements.release(change.connection, owner)

    def end(self) -> End:
        """Where the history ends."""
        with self._reading() as connection:
            return queries.end(connection)

    def unsent(self, sources: Sequence[str], count: int) -> list[Claim]:
        """Up to `count` ready invoices that were never sent: of each source and target the oldest and the newest."""
        with self._reading() as connection:
            return [shapes.claim(row) for row in queries.unsent(connection, sources, count)]

    def never_sent(self, document_ids: Sequence[int]) -> set[int]:
        """Those of these documents that are ready and were not sent until now, by anybody."""
        with self._reading() as connection:
            return queries.never_sent(connection, document_ids)

    def vanished_before(self, document_ids: Sequence[int]) -> set[int]:
        """Those of these documents of which SAP took an earlier revision and did not show it."""
        with self._reading() as connection:
            return queries.vanished_before(connection, document_ids)

    def settle(self, verdicts: Sequence[Verdict], *, before: State = State.SENDING) -> int:
        """Write what became of claims. Claims that somebody else owns by now stay as they are. How many moved.

        What may be sent again gives way to a newer revision in the same moment.
        """
        for verdict in verdicts:
            check(before, verdict.after)
        by_id = {verdict.claim.id: verdict for verdict in verdicts}
        moved = 0
        with self._changing() as change:
            if any(verdict.after is State.READY for verdict in verdicts):
                engine.one_receiver(change.connection)
            rows = [
                row
                for owner in dict.fromkeys(verdict.claim.owner for verdict in verdicts)
                for row in statements.locked_of(change.connection, owner, before)
                if row.id in by_id and by_id[row.id].claim.fence == row.fence
            ]
            evidence = {row.id: _evidence(by_id[row.id]) for row in rows}
            for (after, reasons, not_before, look_at), mine in alike(rows, lambda row: _end(by_id[row.id])):
                values = {"reasons": shapes.text(reasons), "not_before": not_before, "look_at": look_at}
                moved += change.move(mine, after, values=values, evidence=evidence)
            if ready := [row.id for row in rows if by_id[row.id].after is State.READY]:
                releasing.overtake(change, ready)
            tried = [shapes.outcome_row(one, change.now) for one in verdicts if one.claim.attempt and one.outcome]
            statements.settle_attempts(change.connection, tried)
        return moved

    def looks(self, sources: Sequence[str], count: int, owner: str, *, target: str | None = None) -> list[Claim]:
        """Up to `count` ambiguous invoices that may be looked up by now, for this owner.

        Each with its last attempt, if the outcome of that is unknown.
        """
        with self._changing() as change:
            lease = Lease(owner=owner, begins=change.now, ends=change.now + self.lease)
            rows: list[Row[Any]] = []
            for source in sources:
                left = count - len(rows)
                rows += statements.claim_looks(change.connection, source, left, lease, target=target) if left else []
            change.note(rows, State.AMBIGUOUS, State.RESOLVING)
            attempts = queries.open_attempts(change.connection, [row.id for row in rows])
        return [shapes.claim(row, *attempts.get(row.id, ()))._replace(claimed_at=change.now) for row in rows]

    def send_again(self, claims: Sequence[Claim]) -> list[Claim]:
        """The intent to send the requests of these looks once more, durable when this returns.

        From now on the grace period counts anew. Those that are still their owner's, as they are now.
        """
        fences, begun = {claim.id: claim for claim in claims}, self._clock.monotonic()
        with self._changing() as change:
            ids = [
                row.id
                for owner in dict.fromkeys(claim.owner for claim in claims)
                for row in statements.locked_of(change.connection, owner, State.RESOLVING)
                if row.id in fences and fences[row.id].fence == row.fence
            ]
            statements.set_sent(change.connection, ids, change.now)
        return [fences[id_]._replace(sent_at=change.now, begun=begun) for id_ in ids]

    def grace_is_over(self, claim: Claim) -> bool:
        """Whether nothing that was sent for this invoice could take effect in SAP any more when it was claimed.

        So what a look shows was asked for after the end of the grace period, not before it.
        """
        return claim.sent_at is None or claim.sent_at + self.grace <= claim.claimed_at

    def is_stale(self, claim: Claim) -> bool:
        """Whether it is too late to begin sending what was claimed.

        The grace period counts from the claim: a request that leaves much later could take effect after it, and once
        the lease is over others may have looked and sent. Two clocks tell it: the one that all share, which goes on
        while this machine is stopped, and one of this machine's that nobody sets.
        """
        within = min(self.lease, BEGIN_WITHIN)
        if claim.sent_at is None or claim.begun is None or claim.begun + within <= self._clock.monotonic():
            return True
        with self._reading() as connection:
            return claim.sent_at + within <= self._asked(connection)

    def expire(self) -> int:
        """Claims whose owner did not come back in time become ambiguous. How many did."""
        with self._changing() as change:
            moved = 0
            for sent_at, mine in alike(statements.abandoned(change.connection, change.now), attrgetter("sent_at")):
                values = {"look_at": (change.now if sent_at is None else sent_at) + self.grace}
                moved += change.move(mine, State.AMBIGUOUS, "its sender did not come back", values=values)
        return moved

    def next_send(self, sources: Sequence[str]) -> dict[str, int]:
        """For each target to which something is ready: when the first of it may be sent."""
        with self._reading() as connection:
            return queries.next_send(connection, sources, self.asked_about)

    def waiting(self, sources: Sequence[str]) -> Waiting:
        """What of these sources may be in SAP."""
        now = self.now()
        with self._reading() as connection:
            doubt = queries.in_doubt(connection, sources, now)
            claims = queries.claimed(connection, sources)
        free = [max(row.lease_until, (row.sent_at or 0) + self.grace) for row in claims]
        instants = [*([doubt.first, doubt.last] if doubt.many else []), *free]
        return Waiting(
            count=doubt.many + len(free),
            due=doubt.due + sum(instant <= now for instant in free),
            first=min(instants, default=0),
            last=max(instants, default=0),
        )

    def ready_targets(self, sources: Sequence[str]) -> list[str]:
        """The targets to which something of these sources may be sent by now."""
        with self._reading() as connection:
            return queries.ready_targets(connection, sources, self.now(), self.asked_about)

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

    def set_capacity(self, name: str, requests: int | None) -> None:
        """Remember how many requests at a time a target bears; None once it bears all that are granted."""
        with self._changing() as change:
            statements.set_target(change.connection, name, change.now, {"capacity": requests})


def _one_request(line: Sequence[Row[Any]], most: int) -> list[int]:
    """Who goes into the next request: the first in line, with others that were sent as often as that one.

    Half as many for each time: whatever brings down a request that it is part of is alone in the end, and what was
    beside it arrives, while an answer that was merely lost costs two requests and not one for each document.
    """
    tried = line[0].attempts
    alike = [row.id for row in line if row.attempts == tried]
    return alike[: max(most >> tried, 1)]


def _evidence(verdict: Verdict) -> Evidence:
    return Evidence(why=verdict.why, attempt=verdict.claim.attempt, transaction_id=verdict.transaction_id or "")


def _end(verdict: Verdict) -> tuple[State, tuple[str, ...], int, int | None]:
    """What a verdict sets of its document."""
    return verdict.after, verdict.reasons, verdict.not_before, verdict.look_at
