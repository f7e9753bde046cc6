"""Brings a ledger file to the version this program knows.

Numbered plain-SQL files, each applied once, under an exclusive lock.
"""

import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import PurePath

from sqlalchemy import Connection, Engine

from pipeline.ledger.engine import transaction
from pipeline.model.stops import Misconfigured

_VERSION_TABLE = "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied TEXT NOT NULL)"


def migrations() -> list[tuple[int, str, str]]:
    """Number, name and SQL of every migration, in order."""
    folder = files("pipeline.ledger") / "migrations"
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name[:4]), PurePath(name).stem, (folder / name).read_text("utf-8")) for name in found]


def migrate(engine: Engine) -> None:
    """Apply what is missing. Raises Misconfigured for a newer ledger, and for a database that is no ledger."""
    with transaction(engine) as connection:
        present = _version(connection, str(engine.url.database))
        known = migrations()
        newest = known[-1][0]
        if present > newest:
            raise Misconfigured(
                f"B2S_LEDGER_URL: {engine.url.database} has version {present}, "
                f"this program knows {newest}: use the newer program"
            )
        for number, name, script in known:
            if number > present:
                for statement in statements(script):
                    connection.exec_driver_sql(statement)
                connection.exec_driver_sql("INSERT INTO schema_version VALUES (?, ?)", (number, name))


def _version(connection: Connection, name: str) -> int:
    tables = {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "schema_version" not in tables:
        if tables:
            raise Misconfigured(f"B2S_LEDGER_URL: {name} is a database of another program, not a ledger")
        connection.exec_driver_sql(_VERSION_TABLE)
        return 0
    return int(connection.exec_driver_sql("SELECT coalesce(max(version), 0) FROM schema_version").scalar_one())


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
