"""How one row gets into a table, built once for each table: creating entities is what a stand-in does most.

On SQLite the statement goes to the driver itself; SQLAlchemy's way to the same statement takes five times as long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Column, Connection, Dialect, Table
from sqlalchemy.exc import IntegrityError

from sap_mock.storage.engine import sqlite_driver


class Insertion(Protocol):
    """INSERT into one table."""

    def insert(self, connection: Connection, row: Mapping[str, Any]) -> bool:
        """Insert a row given by names of columns, with NULL for what is missing; False where it exists already."""


def insertion(table: Table, columns: Mapping[str, Column[Any]], dialect: Dialect) -> Insertion:
    """The insertion for a table in a kind of database; ``columns`` are all of its columns by the names rows use."""
    return _OnSqlite(table, columns, dialect) if dialect.name == "sqlite" else _Elsewhere(table, columns)


class _OnSqlite:
    """A failed statement leaves its transaction usable here."""

    def __init__(self, table: Table, columns: Mapping[str, Column[Any]], dialect: Dialect) -> None:
        self._statement = str(table.insert().compile(dialect=dialect))
        self._columns = [
            (name, column.type.dialect_impl(dialect).bind_processor(dialect)) for name, column in columns.items()
        ]

    def insert(self, connection: Connection, row: Mapping[str, Any]) -> bool:
        values = [processor(row.get(name)) if processor else row.get(name) for name, processor in self._columns]
        try:
            sqlite_driver(connection).execute(self._statement, values)
        except sqlite3.IntegrityError:
            return False
        return True


class _Elsewhere:
    """A failed statement ends its transaction, unless it stands behind a savepoint."""

    def __init__(self, table: Table, columns: Mapping[str, Column[Any]]) -> None:
        self._statement = table.insert()
        self._columns = columns

    def insert(self, connection: Connection, row: Mapping[str, Any]) -> bool:
        try:
            with connection.begin_nested():
                connection.execute(self._statement, {self._columns[name].name: value for name, value in row.items()})
        except IntegrityError:
            return False
        return True
