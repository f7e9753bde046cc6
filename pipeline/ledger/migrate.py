"""Brings a ledger to the version this program knows, and gives it its identity.

Numbered plain-SQL files for each kind of database, each applied once, in one transaction that nobody else can share.
"""

from importlib.resources import files
from pathlib import PurePath
from types import ModuleType

from sqlalchemy import Connection, Engine, insert, inspect, select, text

from pipeline.clock import Clock
from pipeline.ledger import postgresql, sqlite
from pipeline.ledger.engine import reading, transaction
from pipeline.ledger.tables import IDENTITY
from pipeline.model.stops import Misconfigured

_VERSION_TABLE = "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied TEXT NOT NULL)"


def migrations(kind: str) -> list[tuple[int, str, str]]:
    """Number, name and SQL of every migration of one kind of database, in order."""
    folder = files("pipeline.ledger") / "migrations" / kind
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name[:4]), PurePath(name).stem, (folder / name).read_text("utf-8")) for name in found]


def migrate(engine: Engine, clock: Clock) -> str:
    """Apply what is missing; gives the ledger's identity.

    Raises Misconfigured for a newer ledger, and for a database that is no ledger.
    """
    kind = sqlite if engine.dialect.name == "sqlite" else postgresql
    if present_guid := _up_to_date(engine):
        return present_guid
    with transaction(engine) as connection:
        present = _version(connection, kind, str(engine.url.database))
        known = migrations(engine.dialect.name)
        newest = known[-1][0]
        if present > newest:
            raise Misconfigured(
                f"B2S_LEDGER_URL: {engine.url.database} has version {present}, "
                f"this program knows {newest}: use the newer program"
            )
        for number, name, script in known:
            if number > present:
                kind.run_script(connection, script)
                note = text("INSERT INTO schema_version VALUES (:number, :name)")
                connection.execute(note, {"number": number, "name": name})
        guid: str | None = connection.execute(select(IDENTITY.c.guid)).scalar_one_or_none()
        if guid is None:
            guid = clock.guid()
            connection.execute(
                insert(IDENTITY).values(guid=guid, created_at=clock.now(), distrusted_at=0, trusted_at=0)
            )
    return guid


def _up_to_date(engine: Engine) -> str:
    """The identity of a ledger to which nothing needs to be applied, so that it need not be written; or nothing."""
    newest = migrations(engine.dialect.name)[-1][0]
    with reading(engine) as connection:
        if not inspect(connection).has_table("schema_version"):
            return ""
        present = connection.exec_driver_sql("SELECT max(version) FROM schema_version").scalar_one()
        return (connection.execute(select(IDENTITY.c.guid)).scalar_one_or_none() or "") if present == newest else ""


def _version(connection: Connection, kind: ModuleType, name: str) -> int:
    tables = kind.begin_migration(connection)
    if "schema_version" not in tables:
        if tables:
            raise Misconfigured(f"B2S_LEDGER_URL: {name} is a database of another program, not a ledger")
        connection.exec_driver_sql(_VERSION_TABLE)
        return 0
    return int(connection.exec_driver_sql("SELECT coalesce(max(version), 0) FROM schema_version").scalar_one())
