"""The journal in the database: the last exchanges of all worker processes, bounded by their number and their size.

An exchange goes to a spool first, because a transaction for each would cost too much; the spool goes to the database
in one transaction when it has grown, and always before anybody reads. It is there, unmasked, for its owner only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, Select, Table, Text, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable

from sap_mock.journal.document import document
from sap_mock.journal.exchange import Exchange, microseconds
from sap_mock.storage.engine import defining, writing
from sap_mock.storage.spool import Spool

_TABLE = Table(
    "exchange",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("started", BigInteger, nullable=False),  # microseconds since 1970
    Column("service", Text, nullable=False),
    Column("entity_sets", Text, nullable=False),  # these three: with commas around each, those of a $batch too
    Column("methods", Text, nullable=False),
    Column("statuses", Text, nullable=False),
    Column("faults", Text, nullable=False),  # names and plan ids
    Column("transaction_id", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("document", Text, nullable=False),
    sqlite_autoincrement=True,
)
_SPOOLED = 48_000_000  # bytes; of these, only what is to be kept is ever unpacked, masked and inserted
_AT_ONCE = 20  # exchanges unpacked at a time: a large batch is half a megabyte as a document


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is kept: so many exchanges, of so many bytes together, of so many bytes of each body."""

    exchanges: int
    total_bytes: int
    body_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which exchanges: those in whose own scope, or whose $batch operations' scope, all that is given is found.

    ``fault`` is a fault's name or a plan's id; ``since`` a moment, included; ``after`` an id, not included;
    ``exchange_id`` the id of one alone; ``limit`` keeps the newest.
    """

    service: str | None = None
    entity_set: str | None = None
    method: str | None = None
    status: str | None = None
    fault: str | None = None
    transaction_id: str | None = None
    since: datetime | None = None
    after: int | None = None
    exchange_id: int | None = None
    limit: int | None = None


class ExchangeJournal:
    """See :class:`sap_mock.journal.exchange.Journal`. ``spool`` is a file that all worker processes share."""

    def __init__(self, engine: Engine, spool: Path, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits
        self._spool = Spool(spool)
        with defining(engine) as connection:
            connection.execute(CreateTable(_TABLE, if_not_exists=True))

    def record(self, exchange: Exchange) -> None:
        """Remember an exchange; where the database fails, it stays in the spool, as long as that is not too large."""
        with suppress(OSError, SQLAlchemyError, sqlite3.Error):
            size = self._spool.append(exchange.cut(self._limits.body_bytes).packed())
            if size > 2 * _SPOOLED:
                self._spool.empty()
            elif size > _SPOOLED:
                self.flush()

    def flush(self) -> None:
        """Take what all processes have spooled into the database."""
        self._spool.drain(self._keep, last=self._limits.exchanges, octets=self._limits.total_bytes)

    def find(self, wanted: Wanted) -> list[dict[str, Any]]:
        """The exchanges wanted as documents with their ids, newest last."""
        self.flush()
        with self._engine.connect() as connection:
            rows = connection.execute(_selected(wanted)).all()
        return [{"id": row[0], **json.loads(row[1])} for row in reversed(rows)]

    def empty(self) -> None:
        """Forget every exchange."""
        self._spool.empty()
        with writing(self._engine) as connection:
            connection.execute(_TABLE.delete())

    def _keep(self, spooled: Iterator[bytes]) -> None:
        with writing(self._engine) as connection:
            while some := list(islice(spooled, _AT_ONCE)):
                connection.execute(_TABLE.insert(), [_row(Exchange.unpacked(one)) for one in some])
            newest_first = _TABLE.c.id.desc()
            ranked = select(
                _TABLE.c.id,
                func.row_number().over(order_by=newest_first).label("place"),
                func.sum(_TABLE.c.size).over(order_by=newest_first).label("bytes"),
            ).subquery()
            over = (ranked.c.place > self._limits.exchanges) | (ranked.c.bytes > self._limits.total_bytes)
            connection.execute(_TABLE.delete().where(_TABLE.c.id.in_(select(ranked.c.id).where(over))))


def _row(exchange: Exchange) -> dict[str, Any]:
    shown = json.dumps(document(exchange), ensure_ascii=False, separators=(",", ":"))
    inner = exchange.operations
    return {
        "started": exchange.started,
        "service": exchange.service.upper(),
        "entity_sets": _listed([exchange.entity_set, *(one.entity_set for one in inner)]),
        "methods": _listed([exchange.method, *(one.method for one in inner)]),
        "statuses": _listed([str(exchange.status), *(str(one.status) for one in inner)]),
        "faults": _listed([word for strike in exchange.strikes for word in strike]),
        "transaction_id": exchange.transaction_id,
        "size": len(shown),
        "document": shown,
    }


def _listed(words: Sequence[str]) -> str:
    return f",{','.join(dict.fromkeys(words))},"


def _selected(wanted: Wanted) -> Select[Any]:
    columns = _TABLE.c
    query = select(columns.id, columns.document).order_by(columns.id.desc())
    for column, word in (
        (columns.entity_sets, wanted.entity_set),
        (columns.methods, wanted.method),
        (columns.statuses, wanted.status),
        (columns.faults, wanted.fault),
    ):
        if word is not None:
            query = query.where(func.lower(column).contains(f",{word.lower()},", autoescape=True))
    if wanted.service is not None:
        query = query.where(columns.service == wanted.service.upper())
    if wanted.transaction_id is not None:
        query = query.where(columns.transaction_id == wanted.transaction_id.upper())
    if wanted.since is not None:
        query = query.where(columns.started >= microseconds(wanted.since))
    if wanted.after is not None:
        query = query.where(columns.id > wanted.after)
    if wanted.exchange_id is not None:
        query = query.where(columns.id == wanted.exchange_id)
    return query if wanted.limit is None else query.limit(wanted.limit)
