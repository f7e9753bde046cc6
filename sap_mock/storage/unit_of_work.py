"""Transactions. A request is one; a $batch is one after another, since each changeset is exactly one."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from sap_mock.storage.engine import begin, commit, rollback


class UnitOfWork:
    """A transaction that begins when first used and ends in ``commit`` or ``rollback``; another may follow it.

    They share a connection, taken with the first. As a context manager it rolls back what was not committed, and gives
    the connection back.
    """

    def __init__(self, engine: Engine, *, writes: bool) -> None:
        self.engine = engine
        self.writes = writes
        self._connection: Connection | None = None
        self._begun = False

    @property
    def begun(self) -> bool:
        """Whether the transaction is under way, so that nothing else may wait for it."""
        return self._begun

    @property
    def connection(self) -> Connection:
        """The connection, its transaction begun."""
        if self._connection is None:
            self._connection = self.engine.connect()
        if not self._begun:
            begin(self._connection, writes=self.writes)
            self._begun = True
        return self._connection

    def commit(self) -> None:
        """Keep what was done."""
        if self._connection is not None and self._begun:
            commit(self._connection)
            self._begun = False

    def rollback(self) -> None:
        """Undo what was done."""
        if self._connection is not None:
            rollback(self._connection)
            self._begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()  # which rolls back
            self._connection, self._begun = None, False
