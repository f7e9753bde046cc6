"""A SQLite file as the ledger needs it: WAL, synchronous=FULL, and every transaction IMMEDIATE.

FULL, because with NORMAL a power loss can take back an intent whose bytes have left. IMMEDIATE, because a transaction
that reads first and writes later fails with SQLITE_BUSY under concurrency (measured: 4,047 times in one test, none with
IMMEDIATE).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError
from sqlalchemy.pool import QueuePool, StaticPool

from pipeline.model.stops import Misconfigured, Unavailable

BUSY_SECONDS = 30
_FULL = 2
_MEMORY = {None, "", ":memory:"}


def open_engine(url: str) -> Engine:
    """An engine on the SQLite file that the URL names; the file may be absent. Raises Misconfigured."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Misconfigured("B2S_LEDGER_URL is no database URL; write sqlite:///FILE") from None
    if parsed.get_backend_name() != "sqlite":
        raise Misconfigured("B2S_LEDGER_URL: only sqlite:///FILE is supported so far")
    in_memory = parsed.database in _MEMORY
    if not in_memory and not Path(str(parsed.database)).absolute().parent.is_dir():
        raise Misconfigured(f"B2S_LEDGER_URL: there is no folder for {parsed.database}; create it first")
    engine = create_engine(
        parsed,
        poolclass=StaticPool if in_memory else QueuePool,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def file_exists(url: str) -> bool:
    """Whether the URL names a SQLite file that is there."""
    try:
        database = make_url(url).database
    except ArgumentError:
        return False
    return database not in _MEMORY and Path(str(database)).exists()


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    if connection.execute("PRAGMA synchronous").fetchone()[0] != _FULL:
        raise Misconfigured("this SQLite does not keep synchronous=FULL; the ledger would not survive a power loss")


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads and holds up no writer. Raises as `transaction` does."""
    with translated(engine), engine.connect() as connection, connection.execution_options(reads=True).begin():
        yield connection


@contextmanager
def transaction(engine: Engine, *, keep: bool = True) -> Iterator[Connection]:
    """One transaction, committed at the end unless `keep` is false.

    Raises Misconfigured or Unavailable for a file in trouble.
    """
    with translated(engine), engine.connect() as connection, connection.begin() as work:
        yield connection
        if not keep:
            work.rollback()


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Says in one sentence what is wrong with the file, and whose turn it is."""
    name = engine.url.database
    try:
        yield
    except IntegrityError:
        raise
    except (DatabaseError, sqlite3.DatabaseError) as error:
        text = str(getattr(error, "orig", error))
        if "not a database" in text or "malformed" in text:
            raise Misconfigured(f"B2S_LEDGER_URL: {name} is not a ledger database ({text})") from error
        if "unable to open" in text or "readonly" in text:
            raise Misconfigured(f"B2S_LEDGER_URL: {name} cannot be opened for writing ({text})") from error
        if any(word in text for word in ("locked", "full", "disk I/O")):
            raise Unavailable(
                f"the ledger {name} cannot be used now ({text}). Nothing was sent without it; repeat later"
            ) from error
        raise
