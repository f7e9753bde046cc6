"""A PostgreSQL database as the ledger needs it: commits that are on disk when they return, waits that end.

Several machines share it. Claims skip what others have locked; locks by name belong to a session, so a killed holder's
are free as soon as the server sees its connection close.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from pipeline.model.stops import Misconfigured, Unavailable

CONNECT_SECONDS = 10
LOCK_SECONDS = 30
_OVERFLOW = 40
_COPY = "COPY"
_MIGRATING, _RECEIVING = 1_447_211, 1_447_212
# SQLSTATE, as PostgreSQL's manual lists it in appendix A: whole codes, or classes of two characters.
_OURS_TO_MEND = {
    "28": "does not let this user in; mend user and password",
    "3D": "is not there; create the database first",
    "3F": "has no schema to keep tables in; name one in search_path",
    "42501": "does not let this user create or change tables; grant it that",
}
_LATER = {
    "08": "the connection broke",
    "40": "somebody else changed the same rows",
    "53": "the server has no resources left",
    "55P03": "somebody holds a lock",
    "57": "the server is stopping or was asked to end this",
    "58": "the server has trouble with its disk",
    "25006": "the server is read-only at present",
}


def open_engine(url: URL) -> Engine:
    """An engine on the database; nothing is connected yet. Raises Misconfigured without the driver."""
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": CONNECT_SECONDS},
            max_overflow=_OVERFLOW,
            pool_pre_ping=True,
        )
    except ModuleNotFoundError:
        raise Misconfigured(
            "B2S_LEDGER_URL names PostgreSQL, whose driver is missing: pip install '.[postgres]' in the clone"
        ) from None
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "do_execute", _copy)
    return engine


def exists(engine: Engine) -> bool:
    """Whether the database holds a ledger."""
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT to_regclass('schema_version') IS NOT NULL").scalar_one() is True


def name(engine: Engine) -> str:
    """How the ledger is called in a sentence: never with its password."""
    port = f":{engine.url.port}" if engine.url.port else ""
    return f"the ledger {engine.url.database} on {engine.url.host or 'the local socket'}{port}"


def now(connection: Connection) -> int:
    """The server's clock at this moment, which all machines share."""
    told = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    return int(connection.exec_driver_sql(told).scalar_one())


def begin_migration(connection: Connection) -> set[str]:
    """Nobody else migrates until this transaction ends; the tables that are there."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
    return {row[0] for row in connection.exec_driver_sql(query)}


def run_script(connection: Connection, script: str) -> None:
    """Run a migration as a whole: without parameters, the server takes several statements at once."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(script)


def insert_rows(connection: Connection, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """By COPY, which costs a fifth of an INSERT for each."""
    columns = ", ".join(f'"{name}"' for name in names)
    connection.exec_driver_sql(f"{_COPY} {table} ({columns}) FROM STDIN", (rows,))


def new_ids(connection: Connection, count: int) -> list[int]:
    """The next ids of the sequence, which gives none twice."""
    following = "SELECT nextval(pg_get_serial_sequence('document', 'id')) FROM generate_series(1, %s)"
    return list(connection.exec_driver_sql(following, (count,)).scalars())


def one_receiver(connection: Connection) -> None:
    """One page at a time, until this transaction ends: what a page does depends on all that is known."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _RECEIVING})


@contextmanager
def lock(engine: Engine, key: str) -> Iterator[bool]:
    """Hold a name, if nobody does; on a connection of its own, whose end lets go of it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        parameters = {"key": f"billing-to-sap:{key}"}
        taken = text("SELECT pg_try_advisory_lock(hashtextextended(:key, 0))")
        held = connection.execute(taken, parameters).scalar_one() is True
        try:
            yield held
        finally:
            if held:
                _let_go(connection, parameters)


def _let_go(connection: Connection, parameters: dict[str, str]) -> None:
    try:
        connection.execute(text("SELECT pg_advisory_unlock(hashtextextended(:key, 0))"), parameters)
    except DBAPIError:
        connection.invalidate()  # the session is gone, and its locks with it


def explain(engine: Engine, error: Exception) -> Misconfigured | Unavailable | None:
    """What is wrong with the server, in one sentence; nothing if it is a defect of ours."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    for code, why in _OURS_TO_MEND.items():
        if state.startswith(code):
            return Misconfigured(f"B2S_LEDGER_URL: {name(engine)} {why}")
    for code, why in _LATER.items():
        if state.startswith(code):
            return Unavailable(f"{name(engine)} cannot be used now: {why}")
    if isinstance(error, DBAPIError) and (error.connection_invalidated or not state):
        return _unreached(engine, error)
    return None


def _unreached(engine: Engine, error: DBAPIError) -> Misconfigured | Unavailable | None:
    """The server said no before there was a session: libpq gives no SQLSTATE then, only words."""
    words = str(error.orig)
    if type(error.orig).__name__ not in {"OperationalError", "ConnectionTimeout", "InterfaceError", "AdminShutdown"}:
        return None
    if "authentication failed" in words or "no password supplied" in words or "no pg_hba.conf entry" in words:
        return Misconfigured(f"B2S_LEDGER_URL: {name(engine)} {_OURS_TO_MEND['28']}")
    if "database" in words and "does not exist" in words:
        return Misconfigured(f"B2S_LEDGER_URL: {name(engine)} {_OURS_TO_MEND['3D']}")
    if "role" in words and "does not exist" in words:
        return Misconfigured(f"B2S_LEDGER_URL: {name(engine)} {_OURS_TO_MEND['28']}")
    return Unavailable(f"{name(engine)} cannot be reached")


def _prepare(connection: Any, _record: Any) -> None:
    """Never weaker than a commit on disk, whatever the server's or the user's default; and no wait without an end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') IN ('off', 'local')"
        )
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    connection.commit()


def _copy(cursor: Any, statement: str, parameters: Any, _context: Any) -> bool:
    """Whether this was a COPY, which SQLAlchemy leaves to the driver; what goes wrong is told as of any statement."""
    if not statement.startswith(_COPY):
        return False
    (rows,) = parameters
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    return True
