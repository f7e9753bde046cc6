"""The database that a ledger's URL names, and one transaction with it. What differs between the two kinds is theirs.

A file of one machine is SQLite, a server that several machines share is PostgreSQL.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from pipeline.ledger import postgresql, sqlite
from pipeline.model.stops import Misconfigured, Unavailable

_KINDS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}
LATER = "Nothing is sent until it can be used, and what SAP may have by then is looked up first; repeat later"
_FORMS = "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"


def is_in_memory(url: str) -> bool:
    """Whether the URL names a database that ends with the program, or may: SQLite's `?mode=memory`."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return False
    return parsed.get_backend_name() == "sqlite" and (parsed.database in sqlite.IN_MEMORY or bool(parsed.query))


def open_engine(url: str) -> Engine:
    """An engine on the database that the URL names. Raises Misconfigured; a server is not asked for anything yet."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise Misconfigured(f"B2S_LEDGER_URL is no database URL; {_FORMS}") from None
    kind = _KINDS.get(parsed.get_backend_name())
    if kind is None:
        raise Misconfigured(f"B2S_LEDGER_URL: {parsed.get_backend_name()} is no database we keep a ledger in; {_FORMS}")
    engine: Engine = kind.open_engine(parsed)
    return engine


def exists(url: str) -> bool:
    """Whether there is something where the URL points: the file, or a ledger in the server's database."""
    engine = open_engine(url)
    try:
        with translated(engine):
            found: bool = _kind(engine).exists(engine)
        return found
    finally:
        engine.dispose()


def name(engine: Engine) -> str:
    """How the ledger is called in a sentence."""
    called: str = _kind(engine).name(engine)
    return called


def _kind(engine: Engine) -> ModuleType:
    return _KINDS[engine.dialect.name]


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads and holds up no writer. Raises as `transaction` does."""
    with translated(engine), engine.connect() as connection, connection.execution_options(reads=True).begin():
        yield connection


@contextmanager
def transaction(engine: Engine, *, keep: bool = True) -> Iterator[Connection]:
    """One transaction, committed at the end unless `keep` is false.

    Raises Misconfigured or Unavailable for a database in trouble.
    """
    with translated(engine), engine.connect() as connection, connection.begin() as work:
        yield connection
        if not keep:
            work.rollback()


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Says in one sentence what is wrong with the database, and whose turn it is."""
    try:
        yield
    except IntegrityError:
        raise
    except NoConnectionLeft as error:
        raise Unavailable(f"{_kind(engine).name(engine)} has no connection left for us. {LATER}") from error
    except (DBAPIError, *sqlite.ERRORS) as error:
        stop = _kind(engine).explain(engine, error)
        if stop is None:
            raise
        raise (Unavailable(f"{stop}. {LATER}") if isinstance(stop, Unavailable) else stop) from error


@contextmanager
def lock(engine: Engine, key: str) -> Iterator[bool]:
    """Hold a name while the context lasts; gives whether it was free."""
    with translated(engine):
        holding = _kind(engine).lock(engine, key)
        held = holding.__enter__()
    try:
        yield held
    finally:
        holding.__exit__(None, None, None)


def now(connection: Connection) -> int | None:
    """The instant by the database's own clock, if it has one."""
    told: int | None = _KINDS[connection.dialect.name].now(connection)
    return told


def new_ids(connection: Connection, count: int) -> list[int]:
    """Ids for so many new documents, ascending, which nobody else gets."""
    found: list[int] = _KINDS[connection.dialect.name].new_ids(connection, count)
    return found


def insert_rows(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """New rows of a table, each with a value for each of these columns: most of what the ledger writes."""
    if rows:
        _KINDS[connection.dialect.name].insert_rows(
            connection, table.name, names, [[row[name] for name in names] for row in rows]
        )


def one_receiver(connection: Connection) -> None:
    """What is received until this transaction ends is received by this transaction alone."""
    _KINDS[connection.dialect.name].one_receiver(connection)
