"""Document numbers as SAP hands them out: an interval per object, each number once, zero-padded.

Numbers are taken in the same unit of work as the document, so a refused document leaves no gap (SAP's number range
without buffering).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Engine, MetaData, Table, Text, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.schema import CreateTable

from sap_mock.storage.engine import defining
from sap_mock.storage.unit_of_work import UnitOfWork

_TABLE = Table(
    "number_range",
    MetaData(),
    Column("object", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
)
_EVER = 2**63 - 1


class NumberRangeExhausted(Exception):
    """The interval of this object has no number left."""


class NumberRanges:
    """Number ranges as one transaction sees them."""

    def __init__(self, unit_of_work: UnitOfWork) -> None:
        self._unit = unit_of_work

    def next(self, object_: str, *, first: int = 1, last: int = 9_999_999_999, digits: int = 10) -> str:
        """The next number of an object, padded with zeros; raises :class:`NumberRangeExhausted`."""
        connection = self._unit.connection
        insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
        statement = insert(_TABLE).values(object=object_, last=first)
        statement = statement.on_conflict_do_update(index_elements=["object"], set_={"last": _TABLE.c.last + 1})
        connection.execute(statement)
        number = int(connection.execute(select(_TABLE.c.last).where(_TABLE.c.object == object_)).scalar_one())
        if number > last:
            raise NumberRangeExhausted(object_)
        return f"{number:0{digits}d}"

    def lock(self, object_: str) -> None:
        """Wait until no other unit of work holds this lock, then hold it until the end of this one (SAP's ENQUEUE).

        For a check that must stay true until what it permits is kept, such as "no document has this reference yet".
        """
        self.next(f"ENQUEUE {object_}", last=_EVER)


def create(engine: Engine) -> None:
    """Create the table where it does not exist."""
    with defining(engine) as connection:
        connection.execute(CreateTable(_TABLE, if_not_exists=True))


def empty(unit_of_work: UnitOfWork) -> None:
    """Forget every number handed out."""
    unit_of_work.connection.execute(_TABLE.delete())
