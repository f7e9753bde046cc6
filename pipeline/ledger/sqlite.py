"""A SQLite file as the ledger needs it: WAL, synchronous=FULL, and every transaction IMMEDIATE.

FULL, because with NORMAL a power loss can take back an intent whose bytes have left. IMMEDIATE, because a transaction
that reads first and writes later fails with SQLITE_BUSY under concurrency (measured: 4,047 times in one test, none with
IMMEDIATE).
"""

import fcntl
import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from pipeline.model.stops import Misconfigured, Unavailable

BUSY_SECONDS = 30
ERRORS = (sqlite3.DatabaseError,)
AT_ONCE = 500
"""Rows in a statement; SQLite takes 32,766 values, and a document has some twenty."""
IN_MEMORY = {None, "", ":memory:"}
_FULL = 2
_IN_MEMORY: WeakKeyDictionary[Engine, defaultdict[str, threading.Lock]] = WeakKeyDictionary()


def open_engine(url: URL) -> Engine:
    """An engine on the file, which may be absent, and is only read if we may not write it.

    Raises Misconfigured if its folder is absent.
    """
    in_memory = url.database in IN_MEMORY
    if not in_memory and not Path(str(url.database)).absolute().parent.is_dir():
        raise Misconfigured(f"B2S_LEDGER_URL: there is no folder for {url.database}; create it first")
    if not in_memory and _is_read_only(Path(str(url.database))):
        reading = create_engine(url.set(drivername="sqlite"), creator=partial(_connect_to_read, str(url.database)))
        event.listen(reading, "begin", _begin)
        return reading
    engine = create_engine(
        url.set(drivername="sqlite"),
        poolclass=StaticPool if in_memory else QueuePool,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _is_read_only(file: Path) -> bool:
    return file.is_file() and not (os.access(file, os.W_OK) and os.access(file.absolute().parent, os.W_OK))


def _connect_to_read(file: str) -> sqlite3.Connection:
    """Without a log beside it, a file that nobody may write does not change, and needs no shared memory to be read."""
    constant = "" if Path(f"{file}-wal").exists() else "&immutable=1"
    uri = f"{Path(file).absolute().as_uri()}?mode=ro{constant}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)


def exists(engine: Engine) -> bool:
    """Whether the file is there."""
    return engine.url.database not in IN_MEMORY and Path(str(engine.url.database)).exists()


def name(engine: Engine) -> str:
    """How the ledger is called in a sentence."""
    return f"the ledger {engine.url.database}"


def now(_connection: Connection) -> None:
    """A file has no clock: whoever shares it is on one machine."""


def begin_migration(connection: Connection) -> set[str]:
    """Every transaction holds the file alone, so this one does; the tables that are there."""
    return {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")}


def run_script(connection: Connection, script: str) -> None:
    """Run a migration, statement by statement: the driver's own executescript would commit before it begins."""
    for statement in statements(script):
        connection.exec_driver_sql(statement)


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one, triggers whole."""
    buffer = ""
    for line in script.splitlines(keepends=True):
        buffer += line
        if sqlite3.complete_statement(buffer):
            yield buffer
            buffer = ""
    if buffer.strip():
        raise ValueError("the last statement of the migration does not end")


def new_ids(connection: Connection, count: int) -> list[int]:
    """The next ids after all that were ever given (AUTOINCREMENT): nobody else writes until this transaction ends."""
    last = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'document'"
    first = int(connection.exec_driver_sql(last).scalar_one()) + 1
    return list(range(first, first + count))


def insert_rows(connection: Connection, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Hundreds of rows in a statement: each statement keeps the table's sequence, and costs a call of the driver."""
    columns = ", ".join(f'"{name}"' for name in names)
    into = f"INSERT INTO {table} ({columns}) VALUES "  # noqa: S608 - names of our own tables
    one = f"({', '.join('?' * len(names))})"
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        values = tuple(chain.from_iterable(some))
        connection.exec_driver_sql(into + ", ".join([one] * len(some)), values)


def one_receiver(_connection: Connection) -> None:
    """Every transaction holds the file alone: nobody else receives."""


@contextmanager
def lock(engine: Engine, key: str) -> Iterator[bool]:
    """Hold a name, if nobody does, by a file beside the ledger that is locked until we, or the kernel, close it."""
    if engine.url.database in IN_MEMORY:
        with _lock_in_memory(engine, key) as held:
            yield held
        return
    with Path(f"{engine.url.database}-{key}.lock").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _lock_in_memory(engine: Engine, key: str) -> Iterator[bool]:
    """Hold a name among the threads that share a ledger which no other process sees."""
    mine = _IN_MEMORY.setdefault(engine, defaultdict(threading.Lock))[key]
    held = mine.acquire(blocking=False)
    try:
        yield held
    finally:
        if held:
            mine.release()


def explain(engine: Engine, error: Exception) -> Misconfigured | Unavailable | None:
    """What is wrong with the file, in one sentence; nothing if it is a defect of ours."""
    text = str(getattr(error, "orig", error))
    file = engine.url.database
    if "not a database" in text or "malformed" in text:
        return Misconfigured(f"B2S_LEDGER_URL: {file} is not a ledger database ({text})")
    if "unable to open" in text or "readonly" in text:
        return Misconfigured(f"B2S_LEDGER_URL: {file} cannot be opened for writing ({text})")
    if any(word in text for word in ("locked", "full", "disk I/O")):
        return Unavailable(f"the ledger {file} cannot be used now ({text})")
    return None


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
