"""One transaction. A request is one; a changeset is exactly one."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from sap_mock.storage.engine import WRITES


class UnitOfWork:
    """A connection in a transaction that begins when first used and ends in ``commit`` or ``rollback``.

    As a context manager it rolls back what was not committed.
    """

    def __init__(self, engine: Engine, *, writes: bool) -> None:
        self.engine = engine
        self.writes = writes
        self._connection: Connection | None = None

    @property
    def begun(self) -> bool:
        """Whether the transaction is under way, so that nothing else may wait for it."""
        return self._connection is not None

    @property
    def connection(self) -> Connection:
        """The connection, its transaction begun."""
        if self._connection is None:
            connection = self.engine.connect()
            if self.writes:
                connection = connection.execution_options(**{WRITES: True})
            connection.begin()
            self._connection = connection
        return self._connection

    def commit(self) -> None:
        """Keep what was done."""
        if self._connection is not None:
            self._connection.commit()
            self._release()

    def rollback(self) -> None:
        """Undo what was done."""
        if self._connection is not None:
            self._connection.rollback()
            self._release()

    def _release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rollback()
