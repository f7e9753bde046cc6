"""What the ledger tells when it is asked. Nothing here changes anything."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from pipeline.ledger import queries, receiving, shapes
from pipeline.ledger.rows import Entry, Standing, Story
from pipeline.ledger.states import State
from pipeline.ledger.store import Store


class Reading(Store):
    """Tells."""

    def entries(self, sources: Sequence[str]) -> list[Entry]:
        """The current revision of every invoice of these sources."""
        with self._reading() as connection:
            return [shapes.entry(row) for row in queries.entries(connection, sources)]

    def delivered(self, sources: Sequence[str]) -> list[Row[Any]]:
        """Every revision that is in SAP: id, source, source_id, doc_key, currency, amount, state, payload."""
        with self._reading() as connection:
            return queries.delivered(connection, sources)

    def retryable(self, sources: Sequence[str]) -> list[tuple[str, str, str]]:
        """Source, id and record of every invoice that was rejected or quarantined."""
        with self._reading() as connection:
            rows = queries.current(connection, sources, receiving.RETRIED)
        return [(row.source, row.source_id, row.record) for row in rows]

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

    def sources(self) -> list[str]:
        """Every source that has something in the ledger."""
        with self._reading() as connection:
            return queries.sources(connection)

    def stories(self, source: str, source_id: str) -> list[Story]:
        """Everything known of one invoice, one story per revision."""
        with self._reading() as connection:
            return [
                Story(
                    document=_values(row),
                    history=tuple(_values(one) for one in queries.history_of(connection, row.id)),
                    attempts=tuple(_values(one) for one in queries.attempts_of(connection, row.id)),
                )
                for row in queries.documents_of(connection, source, source_id)
            ]


def _values(row: Row[Any]) -> dict[str, object]:
    return dict(zip(row._fields, row, strict=True))
