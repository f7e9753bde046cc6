"""Edm type → column type. Dates and times are kept as text that sorts, so both databases compare them alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Dialect, Float, LargeBinary, Numeric, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from sap_mock.edm.primitives import EdmType
from sap_mock.storage.sqlite_functions import COLLATION

_PLAIN_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


class _Moment(TypeDecorator[datetime]):
    """Edm.DateTime: ``2023-10-12T00:00:00.000000``."""

    impl = _PLAIN_TEXT
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class _Instant(TypeDecorator[datetime]):
    """Edm.DateTimeOffset: as _Moment, in UTC."""

    impl = _PLAIN_TEXT
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


class _Duration(TypeDecorator[timedelta]):
    """Edm.Time: microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(microseconds=value)


class _Guid(TypeDecorator[UUID]):
    """Edm.Guid: its lower-case text."""

    impl = _PLAIN_TEXT
    cache_ok = True

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> UUID | None:
        return None if value is None else UUID(value)


class _Decimal(TypeDecorator[Decimal]):
    """Edm.Decimal: NUMERIC, or on SQLite its text under a collation that compares numbers."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text(collation=COLLATION))
        return dialect.type_descriptor(Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return format(value, "f") if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


_INTEGER = BigInteger()
_TYPES: dict[str, TypeEngine[Any]] = {
    "Bit": _INTEGER,  # literals may be of types that no property has
    "UInt7": _INTEGER,
    "Edm.String": _PLAIN_TEXT,
    "Edm.Boolean": Boolean(create_constraint=False),
    "Edm.Byte": _INTEGER,
    "Edm.SByte": _INTEGER,
    "Edm.Int16": _INTEGER,
    "Edm.Int32": _INTEGER,
    "Edm.Int64": _INTEGER,
    "Edm.Decimal": _Decimal(),
    "Edm.Double": Float(53),
    "Edm.Single": Float(53),
    "Edm.DateTime": _Moment(),
    "Edm.DateTimeOffset": _Instant(),
    "Edm.Time": _Duration(),
    "Edm.Guid": _Guid(),
    "Edm.Binary": LargeBinary(),
}


def column_type(type_: EdmType) -> TypeEngine[Any]:
    """The column type that keeps values of a primitive type."""
    return _TYPES[type_.name]
