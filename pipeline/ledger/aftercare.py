"""After delivery: what SAP was seen to show later, what a person decided, and whether this ledger may be believed."""

from collections.abc import Iterable, Mapping, Sequence

from pipeline.ledger import queries, releasing, shapes, statements
from pipeline.ledger.engine import one_receiver
from pipeline.ledger.rows import Claim, Lease, Lot
from pipeline.ledger.states import CHANGED_THERE, IN_SAP, MENDED, REMOVED, UNSENT, State
from pipeline.ledger.store import Evidence, Store

_UNSENT = frozenset({State.READY, State.HELD, State.REJECTED})


class Aftercare(Store):
    """Confirms, misses, accepts."""

    def confirmable(
        self, sources: Sequence[str], count: int, owner: str, older_than: int, *, target: str | None = None
    ) -> list[Claim]:
        """Up to `count` delivered invoices that were last changed before that instant and not read back since.

        They are claimed for the owner, so that others (and the same one, asking again) get the next ones; `confirm`,
        `vanished`, `conflicted` or `release` let go of them, and so does time.
        """
        claims: list[Claim] = []
        with self._changing() as change:
            lease = Lease(owner=owner, begins=change.now, ends=change.now + self.lease)
            for source in sources:
                for there in queries.unconfirmed_targets(change.connection, source, older_than):
                    left = count - len(claims)
                    if left and target in {None, there}:
                        lot = Lot(source, there, left)
                        rows = statements.claim_unconfirmed(change.connection, lot, lease, before=older_than)
                        claims += [shapes.claim(row) for row in rows]
        return claims

    def unconfirmed_targets(self, sources: Sequence[str], older_than: int) -> list[str]:
        """The targets with delivered invoices that were last changed before that instant and not read back since."""
        with self._reading() as connection:
            found = [queries.unconfirmed_targets(connection, source, older_than) for source in sources]
        return list(dict.fromkeys(target for some in found for target in some))

    def confirm(self, document_ids: Iterable[int]) -> int:
        """What SAP shows as it was sent: delivered invoices, and ones that had vanished. How many moved."""
        with self._changing() as change:
            ids = list(document_ids)
            rows = statements.locked(change.connection, ids, [State.DELIVERED, State.VANISHED])
            return change.move(rows, State.CONFIRMED, "read back from SAP")

    def vanished(self, document_ids: Iterable[int], why: str) -> int:
        """What is in SAP as far as we know, but SAP does not show. How many moved."""
        with self._changing() as change:
            one_receiver(change.connection)
            rows = statements.locked(change.connection, list(document_ids), IN_SAP)
            moved = change.move(rows, State.VANISHED, why, values={"reasons": shapes.text((why,))})
            releasing.hold_again(change, rows)
        return moved

    def conflicted(self, differences: Mapping[int, Sequence[str]]) -> int:
        """What SAP shows with other content than it took: by document, every difference. How many moved."""
        moved = 0
        with self._changing() as change:
            one_receiver(change.connection)
            rows = statements.locked(change.connection, list(differences), [*IN_SAP, State.VANISHED])
            for row in rows:
                reasons = shapes.text(tuple(differences[row.id]))
                moved += change.move([row], State.CONFLICT, CHANGED_THERE, values={"reasons": reasons})
            releasing.hold_again(change, rows)
        return moved

    def mended(self, equal: Iterable[int], absent: Iterable[int]) -> None:
        """The conflicts that SAP, asked again for a person, shows as they were sent, or does not show any more."""
        with self._changing() as change:
            rows = statements.locked(change.connection, list(equal), [State.CONFLICT])
            change.move(rows, State.CONFIRMED, MENDED, values={"reasons": shapes.NO_REASONS})
            rows = statements.locked(change.connection, list(absent), [State.CONFLICT])
            change.move(rows, State.VANISHED, REMOVED, values={"reasons": shapes.text((REMOVED,))})

    def adopt(self, document_ids: Iterable[int]) -> int:
        """What SAP shows though this ledger never sent it: to be looked up, not to be sent. How many moved.

        Of each invoice the newest revision, and none beside one that is, or may be, in SAP: that is what SAP shows.
        """
        with self._changing() as change:
            ids = list(document_ids)
            sent = queries.beside_live_ones(change.connection, ids)
            rows = statements.locked(change.connection, [one for one in ids if one not in sent], _UNSENT)
            newest = {(row.source, row.source_id): row for row in rows}
            values = {"look_at": change.now, "reasons": shapes.text((UNSENT,))}
            return change.move(newest.values(), State.AMBIGUOUS, UNSENT, values=values)

    def accept(self, source: str, source_id: str, reason: str, *, withdrawn: bool = False) -> int:
        """A person leaves SAP as it is: the conflicts of this invoice are over. How many revisions were one.

        With `withdrawn` also what SAP shows as it was sent, though its source lists it no longer.
        """
        states = [State.CONFLICT, State.CONFIRMED] if withdrawn else [State.CONFLICT]
        with self._changing() as change:
            ids = [row.id for row in queries.documents_of(change.connection, source, source_id)]
            rows = statements.locked(change.connection, ids, states)
            why = f"{self._actor.who}: {reason}"
            return change.move(rows, State.ACCEPTED, evidence={row.id: Evidence(why=why) for row in rows})

    def distrust(self, reason: str) -> None:
        """From now on nothing is sent from this ledger, for this reason, until `trust`."""
        with self._changing() as change:
            statements.set_distrust(change.connection, reason, change.now)

    def trusted_from(self) -> int:
        """From when on SAP shows all that was sent before this ledger was distrusted, be it sent from another copy."""
        with self._reading() as connection:
            return queries.distrusted_at(connection) + self.grace

    def trust(self) -> None:
        """The ledger knows everything that SAP has: it may be sent from again, whatever its witnesses saw before."""
        seen = self._witness.last()
        with self._changing() as change:
            before = queries.end(change.connection)
            end = before._replace(trusted_at=max(change.now, before.trusted_at + 1, seen.trusted_at + 1))
            statements.set_trust(change.connection, end.trusted_at)
        self._witness.note(end)

    def distrusted(self) -> str:
        """Why nothing may be sent from this ledger, or nothing."""
        with self._reading() as connection:
            return queries.distrust(connection) or ""
