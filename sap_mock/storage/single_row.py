"""How one row gets into a table and, by its key, out of it: what a stand-in does most, so it is prepared once.

On SQLite the statements go to the driver itself; SQLAlchemy's way to the same statements takes five times as long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Column, Connection, Dialect, Select, Table, bindparam, select
from sqlalchemy.exc import IntegrityError

from sap_mock.storage.engine import sqlite_driver


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A table as rows are written and read: ``columns`` are all of it by the names that a row uses.

    ``key`` are those that tell one row from the others, ``shown`` those that a found row has, in its order.
    """

    table: Table
    columns: Mapping[str, Column[Any]]
    key: Sequence[Column[Any]]
    shown: Sequence[Column[Any]]

    def find(self) -> Select[Any]:
        """SELECT by key; the parameters are ``key_0``, ``key_1`` … in key order."""
        return select(*self.shown).where(*(column == bindparam(f"key_{i}") for i, column in enumerate(self.key)))


class SingleRow(Protocol):
    """INSERT into one table, and SELECT by its key."""

    def insert(self, connection: Connection, row: Mapping[str, Any]) -> bool:
        """Insert a row given by names of columns, with NULL for what is missing; False where it exists already."""

    def find(self, connection: Connection, key: Sequence[Any], *, held: bool) -> Sequence[Any] | None:
        """The row with a key, or None; where it is ``held``, nobody else changes it until the transaction ends."""


def single_row(shape: Shape, dialect: Dialect) -> SingleRow:
    """What works on one row of a table in a kind of database."""
    return _OnSqlite(shape, dialect) if dialect.name == "sqlite" else _Elsewhere(shape)


class _OnSqlite:
    """A failed statement leaves its transaction usable here, and one that writes has let no other writer in."""

    def __init__(self, shape: Shape, dialect: Dialect) -> None:
        self._insert = str(shape.table.insert().compile(dialect=dialect))
        self._find = str(shape.find().compile(dialect=dialect))
        self._columns = [
            (name, _type(column, dialect).bind_processor(dialect)) for name, column in shape.columns.items()
        ]
        self._key = [_type(column, dialect).bind_processor(dialect) for column in shape.key]
        self._shown = [_type(column, dialect).result_processor(dialect, None) for column in shape.shown]

    def insert(self, connection: Connection, row: Mapping[str, Any]) -> bool:
        values = [processor(row.get(name)) if processor else row.get(name) for name, processor in self._columns]
        try:
            sqlite_driver(connection).execute(self._insert, values)
        except sqlite3.IntegrityError:
            return False
        return True

    def find(self, connection: Connection, key: Sequence[Any], *, held: bool) -> Sequence[Any] | None:
        del held
        values = [processor(value) if processor else value for value, processor in zip(key, self._key, strict=True)]
        row = sqlite_driver(connection).execute(self._find, values).fetchone()
        if row is None:
            return None
        return [processor(value) if processor else value for value, processor in zip(row, self._shown, strict=True)]


class _Elsewhere:
    """A failed statement ends its transaction, unless it stands behind a savepoint."""

    def __init__(self, shape: Shape) -> None:
        self._insert = shape.table.insert()
        self._find = shape.find()
        self._held = self._find.with_for_update()
        self._columns = shape.columns

    def insert(self, connection: Connection, row: Mapping[str, Any]) -> bool:
        try:
            with connection.begin_nested():
                connection.execute(self._insert, {self._columns[name].name: value for name, value in row.items()})
        except IntegrityError:
            return False
        return True

    def find(self, connection: Connection, key: Sequence[Any], *, held: bool) -> Sequence[Any] | None:
        parameters = {f"key_{i}": value for i, value in enumerate(key)}
        return connection.execute(self._held if held else self._find, parameters).first()


def _type(column: Column[Any], dialect: Dialect) -> Any:
    return column.type.dialect_impl(dialect)
