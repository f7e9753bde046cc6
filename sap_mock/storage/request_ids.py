"""The requests that an idempotent service has answered: RequestID → the answer, kept in the same unit of work."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Column, Engine, Integer, LargeBinary, MetaData, Table, Text, func, select
from sqlalchemy.schema import CreateTable

from sap_mock.odata.messages import ODataResponse
from sap_mock.storage.engine import defining
from sap_mock.storage.unit_of_work import UnitOfWork

_TABLE = Table(
    "request_id",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("answered", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer and when it was given, in UTC."""

    response: ODataResponse
    answered: datetime


class RequestIds:
    """The answers as one transaction sees them."""

    def __init__(self, unit_of_work: UnitOfWork) -> None:
        self._unit = unit_of_work

    def find(self, request_id: str) -> KeptAnswer | None:
        """The answer given under this id, or None."""
        connection = self._unit.connection
        if connection.dialect.name == "postgresql":  # the same request, sent again too soon, waits for the first
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(request_id))))
        columns = _TABLE.c.answered, _TABLE.c.status, _TABLE.c.headers, _TABLE.c.body
        row = connection.execute(select(*columns).where(_TABLE.c.id == request_id)).first()
        if row is None:
            return None
        headers = tuple((name, value) for name, value in json.loads(row[2]))
        response = ODataResponse(status=row[1], headers=headers, body=bytes(row[3]))
        return KeptAnswer(response=response, answered=datetime.fromisoformat(row[0]).replace(tzinfo=UTC))

    def keep(self, request_id: str, response: ODataResponse, answered: datetime) -> None:
        """Keep an answer."""
        self._unit.connection.execute(
            _TABLE.insert(),
            {
                "id": request_id,
                "answered": answered.astimezone(UTC).replace(tzinfo=None).isoformat(),
                "status": response.status,
                "headers": json.dumps(response.headers),
                "body": response.body,
            },
        )


def create(engine: Engine) -> None:
    """Create the table where it does not exist."""
    with defining(engine) as connection:
        connection.execute(CreateTable(_TABLE, if_not_exists=True))


def empty(unit_of_work: UnitOfWork) -> None:
    """Forget every answer."""
    unit_of_work.connection.execute(_TABLE.delete())
