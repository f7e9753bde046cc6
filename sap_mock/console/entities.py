"""An entity set as a table: one column for each property, those of complex types spread out, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sap_mock.edm.model import ComplexType, EntitySet, Property
from sap_mock.edm.primitives import Binary, DecimalType, Double, EdmType, Integer
from sap_mock.odata.addresses import entity_path
from sap_mock.provider.catalog import Service
from sap_mock.storage.database import Database
from sap_mock.storage.entity_store import Query

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entity: its address, and the text of each property (None where it has no value)."""

    href: str
    cells: Sequence[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some entities of a set in key order. ``numbers`` marks the columns that are set flush right."""

    headings: Sequence[str]
    numbers: Sequence[bool]
    rows: Sequence[Row]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page; pages are counted from 1."""
        return max(1, -(-self.total // PAGE))

    @property
    def first_row(self) -> int:
        """Which entity the page begins with, counted from 1."""
        return (self.number - 1) * PAGE + 1


def count(database: Database, service: Service, entity_set: EntitySet) -> int:
    """How many entities the set has."""
    with database.unit_of_work(writes=False) as unit:
        return database.store(unit, service.tables).count(entity_set)


def page(database: Database, service: Service, entity_set: EntitySet, number: int) -> Page:
    """The page of this number, counted from 1; the last one where there are fewer."""
    with database.unit_of_work(writes=False) as unit:
        store = database.store(unit, service.tables)
        total = store.count(entity_set)
        number = min(number, max(1, -(-total // PAGE)))
        found = store.query(entity_set, Query(top=PAGE, skip=(number - 1) * PAGE))
    columns = list(_columns(entity_set.entity_type.properties))
    return Page(
        headings=["/".join(path) for path, _ in columns],
        numbers=[isinstance(prop.type, Integer | DecimalType | Double) for _, prop in columns],
        rows=[
            Row(
                href=service.path + entity_path(entity_set, entity.values),
                cells=[_text(prop, _value(entity.values, path)) for path, prop in columns],
            )
            for entity in found
        ],
        total=total,
        number=number,
    )


def _columns(
    properties: Sequence[Property], before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Property]]:
    for prop in properties:
        if isinstance(prop.type, ComplexType):
            yield from _columns(prop.type.properties, (*before, prop.name))
        else:
            yield (*before, prop.name), prop


def _value(values: Mapping[str, Any] | None, path: tuple[str, ...]) -> Any:
    value: Any = values
    for name in path:
        value = None if value is None else value[name]
    return value


def _text(prop: Property, value: Any) -> str | None:
    if value is None or not isinstance(prop.type, EdmType):
        return None
    if isinstance(prop.type, Binary):
        return f"{len(value)} bytes"
    return prop.type.to_text(value, prop.facets)
