"""One database as the layers above use it: it opens units of work and gives stores, without showing SQLAlchemy."""

from __future__ import annotations

from sqlalchemy import Engine

from sap_mock.storage import number_ranges, request_ids
from sap_mock.storage.entity_store import EntityStore
from sap_mock.storage.number_ranges import NumberRanges
from sap_mock.storage.request_ids import RequestIds
from sap_mock.storage.tables import Tables
from sap_mock.storage.unit_of_work import UnitOfWork


class Database:
    """Entities and number ranges of all services of one gateway."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        number_ranges.create(engine)
        request_ids.create(engine)

    def unit_of_work(self, *, writes: bool) -> UnitOfWork:
        """A transaction to come."""
        return UnitOfWork(self.engine, writes=writes)

    def store(self, unit_of_work: UnitOfWork, tables: Tables) -> EntityStore:
        """The entities of a service in a transaction; its tables are created before the transaction begins."""
        return EntityStore(unit_of_work, tables.ready(self.engine))

    def number_ranges(self, unit_of_work: UnitOfWork) -> NumberRanges:
        """The number ranges in a transaction."""
        return NumberRanges(unit_of_work)

    def request_ids(self, unit_of_work: UnitOfWork) -> RequestIds:
        """The answers that idempotent services have given, in a transaction."""
        return RequestIds(unit_of_work)

    def empty(self, services: list[Tables]) -> None:
        """Remove every entity, link and number of these services, in one transaction."""
        with UnitOfWork(self.engine, writes=True) as unit_of_work:
            for tables in services:
                tables.ready(self.engine)
            for tables in services:
                tables.empty(unit_of_work.connection)
            number_ranges.empty(unit_of_work)
            request_ids.empty(unit_of_work)
            unit_of_work.commit()
