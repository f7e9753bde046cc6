"""A database from its URL, set up so that several threads and several processes may use it at once.

SQLite runs in WAL mode with explicit transactions: ``BEGIN IMMEDIATE`` where something will be written, since a
deferred transaction that turns into a writer fails with SQLITE_BUSY instead of waiting. ``begin`` says it and no
listener to SQLAlchemy's events: where one listens, every connection and every statement looks for listeners. Beginning
and ending go to the driver itself: SQLAlchemy's own account of them takes as long again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError

from sap_mock.storage import sqlite_functions

_BUSY_SECONDS = 30
_WANTED = "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
_DRIVER = "install the extra postgres, pip install '.[postgres]' in the clone"
_DEFINING = 0x5A9_0DA7A  # the number of the lock; any will do that nobody else takes


class DatabaseUnusable(Exception):
    """The database cannot be opened; the message says why and what to do."""


def open_database(url: str, *, connections: int = 16, durable: bool = True) -> Engine:
    """The engine for a URL, checked to be usable; raises :class:`DatabaseUnusable`.

    ``durable`` False trades safety at a power cut for speed, for data that nobody wants to keep.
    """
    parsed = _parsed(url)
    shown = parsed.render_as_string(hide_password=True)
    sqlite = parsed.get_backend_name() == "sqlite"
    options: dict[str, Any] = {"pool_size": connections, "max_overflow": connections, "pool_timeout": 30}
    if sqlite:
        options["connect_args"] = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
    # A connection that a restarted server has closed is noticed when it is taken, and made anew.
    options["pool_pre_ping"] = not sqlite
    try:
        engine = create_engine(parsed, **options)
    except (ArgumentError, ImportError) as error:
        reason = f"{error}: {_DRIVER}" if isinstance(error, ImportError) else str(error)
        raise DatabaseUnusable(f"The database {shown} cannot be used: {reason}.") from error
    if sqlite:
        _prepare_sqlite(engine, durable=durable)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1 FROM sqlite_master" if sqlite else "SELECT 1")
    except (DBAPIError, sqlite3.Error) as error:
        reason = str(error.orig if isinstance(error, DBAPIError) else error)
        raise DatabaseUnusable(f"The database {shown} cannot be opened: {reason}") from error
    return engine


def _parsed(url: str) -> URL:
    """The URL with its driver. It may hold a password, so one that cannot be read is not shown."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseUnusable(f"The database URL cannot be read: {_WANTED}.") from None
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise DatabaseUnusable(f"The database URL names {parsed.get_backend_name()}: {_WANTED}.")
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def begin(connection: Connection, *, writes: bool) -> None:
    """Begin a transaction, as a writer where something will be written; :func:`commit` or :func:`rollback` ends it."""
    if connection.dialect.name == "sqlite":
        sqlite_driver(connection).execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    else:
        connection.begin()


def commit(connection: Connection) -> None:
    """Keep what was done since :func:`begin`."""
    _transaction(connection).commit()


def rollback(connection: Connection) -> None:
    """Undo what was done since :func:`begin`."""
    _transaction(connection).rollback()


def _transaction(connection: Connection) -> Connection | sqlite3.Connection:
    return sqlite_driver(connection) if connection.dialect.name == "sqlite" else connection


def sqlite_driver(connection: Connection) -> sqlite3.Connection:
    """The driver's connection beneath one on SQLite, for what exec_driver_sql would make three times as dear."""
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction of its own that writes."""
    with engine.connect() as connection:
        begin(connection, writes=True)
        yield connection
        commit(connection)


@contextmanager
def defining(engine: Engine) -> Iterator[Connection]:
    """A transaction of its own that creates tables or indexes; across all processes, one at a time.

    PostgreSQL's IF NOT EXISTS does not keep two processes from creating the same table at once; a lock does.
    """
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_DEFINING)))
        yield connection


def _prepare_sqlite(engine: Engine, *, durable: bool) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={'NORMAL' if durable else 'OFF'}")
        connection.execute("PRAGMA cache_size=-8000")
        sqlite_functions.register(connection)
