"""What the ledger tells when it is asked. Nothing here changes anything."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from pipeline.ledger import queries, receiving, shapes
from pipeline.ledger.rows import Claim, Entry, Holding, Known, Standing, Story
from pipeline.ledger.states import State
from pipeline.ledger.store import Store


class Reading(Store):
    """Tells."""

    def entries(self, sources: Sequence[str]) -> Iterator[Entry]:
        """The current revision of every invoice of these sources, source by source in the order of their ids."""
        with self._reading() as connection:
            for source in sources:
                for row in queries.entries(connection, source):
                    yield shapes.entry(row)

    def in_trouble(self, sources: Sequence[str]) -> Iterator[Entry]:
        """The current revisions that were refused, set aside, held or are a person's matter."""
        with self._reading() as connection:
            for source in sources:
                for row in queries.in_trouble(connection, source):
                    yield shapes.entry(row)

    def holdings(self, sources: Sequence[str]) -> Iterator[Holding]:
        """What each invoice of these sources is, or was, in SAP as far as we know, and whether a person accepted it."""
        with self._reading() as connection:
            for source in sources:
                rows = queries.standing(connection, source)
                for _id, members in groupby(rows, key=lambda row: str(row.source_id)):
                    found = shapes.holding(list(members))
                    if found:
                        yield found

    def by_key(self, target: str, keys: Sequence[str]) -> dict[str, list[Known]]:
        """What is known under each key of a target, oldest first, with its content."""
        found: dict[str, list[Known]] = {}
        with self._reading() as connection:
            for row in queries.by_key(connection, target, keys):
                found.setdefault(row.doc_key, []).append(shapes.known(row))
        return found

    def current(self, source: str, source_ids: Sequence[str]) -> dict[str, Known]:
        """The current revision of these invoices, without content."""
        with self._reading() as connection:
            rows = queries.revisions_of(connection, source, source_ids)
        return {row.source_id: shapes.known(row) for row in rows if row.state != State.SUPERSEDED}

    def lost(self, sources: Sequence[str]) -> list[Known]:
        """What SAP took, never showed, and has been seen absent for longer than the grace period: its newest record."""
        before = self.now() - self.grace
        with self._reading() as connection:
            return [shapes.known(row) for source in sources for row in queries.lost(connection, source, before)]

    def refused(self, source: str, after: int = 0) -> list[Known]:
        """One page, behind a document's id, of what was rejected or quarantined, with its record."""
        with self._reading() as connection:
            return [shapes.known(row) for row in queries.refused(connection, source, after)]

    def last_document(self) -> int:
        """The id of the newest revision of all."""
        with self._reading() as connection:
            return queries.last_document(connection)

    def trail(self, sources: Sequence[str]) -> Iterator[dict[str, object]]:
        """Every transition of these sources, or of all, in order: when, what, by whom, with which answer."""
        with self._reading() as connection:
            for row in queries.trail(connection, sources):
                yield shapes.values_of(row)

    def record(self, source: str, source_id: str) -> str:
        """The newest record of an invoice that may be retried by name, nothing if it may not."""
        with self._reading() as connection:
            rows = queries.documents_of(connection, source, source_id)
        standing = [row for row in rows if row.state != State.SUPERSEDED]
        return str(standing[-1].record) if any(row.state in receiving.NAMED for row in standing) else ""

    def missed(self, source: str, source_id: str) -> list[Claim]:
        """The revisions of an invoice that SAP does not show any more, or other than they are, as far as we know."""
        now = self.now()
        with self._reading() as connection:
            rows = queries.documents_of(connection, source, source_id)
        standing = [row for row in rows if row.state != State.SUPERSEDED]
        contested = {row.id for row in standing[:1] if row.state == State.CONFLICT}
        missed = [row for row in standing if row.state == State.VANISHED or row.id in contested]
        return [shapes.claim(row)._replace(claimed_at=now) for row in missed]

    def counts(self) -> dict[str, dict[State, int]]:
        """Per source: how many invoices are in which state."""
        found: dict[str, dict[State, int]] = {}
        with self._reading() as connection:
            for row in queries.counts(connection):
                found.setdefault(row.source, {})[State(row.state)] = row.number
        return found

    def standings(self) -> list[Standing]:
        """Per source and state: how many invoices are there, and since when the oldest of them has been."""
        with self._reading() as connection:
            return [
                Standing(source=row.source, state=State(row.state), count=row.number, oldest=row.oldest)
                for row in queries.standings(connection)
            ]

    def ready(self, sources: Sequence[str]) -> int:
        """How many invoices of these sources wait to be sent."""
        with self._reading() as connection:
            return queries.ready(connection, sources)

    def sources(self) -> list[str]:
        """Every source that has something in the ledger."""
        with self._reading() as connection:
            return queries.sources(connection)

    def stories(self, source: str, source_id: str) -> list[Story]:
        """Everything known of one invoice, one story per revision."""
        with self._reading() as connection:
            return [
                Story(
                    document=shapes.values_of(row),
                    history=tuple(shapes.values_of(one) for one in queries.history_of(connection, row.id)),
                    attempts=tuple(shapes.values_of(one) for one in queries.attempts_of(connection, row.id)),
                )
                for row in queries.documents_of(connection, source, source_id)
            ]
