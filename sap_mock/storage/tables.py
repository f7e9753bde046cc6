"""Entity set → table, relation that no properties tie → link table.

Tables are created when the service is first called, so that starting does not wait for services nobody calls. The
index of a property is created when it is first filtered or ordered by (``indexes`` says which), in each process once.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Dialect,
    Engine,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    select,
)
from sqlalchemy.schema import CreateIndex, CreateTable, Index

from sap_mock.edm.model import ComplexType, EntitySet, EntityType, Model, Relation, StructuredType
from sap_mock.edm.primitives import EdmType
from sap_mock.storage.columns import column_type
from sap_mock.storage.engine import defining
from sap_mock.storage.single_row import Shape, SingleRow, single_row
from sap_mock.storage.ties import tied_properties
from sap_mock.storage.unit_of_work import UnitOfWork

MEDIA, MEDIA_TYPE, WHOLE_KEY = "$media", "$media_type", "$key"
_LONGEST_NAME = 60  # PostgreSQL cuts identifiers at 63 bytes
_WIDEST_INDEX = 32  # columns in an index, PostgreSQL's limit
_MOST_INDEXES = 8  # of one table: each has to be kept up to date by every write


@dataclass(frozen=True, kw_only=True)
class SetTable:
    """The table of one entity set. ``paths`` maps a property path (``Address/City``) to its column.

    ``columns`` is the SELECT of every property, and of the media type where there is one.

    A key too wide for an index (``key_is_wide``) is unique by the column ``WHOLE_KEY``, which holds its digest. On
    SQLite the rows lie in the key's own tree, so that each is written once; those with a stream are too large for that.
    """

    table: Table
    paths: Mapping[str, Column[Any]]
    key: tuple[Column[Any], ...]
    key_is_wide: bool
    single_row: SingleRow
    columns: Select[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTable:
    """Pairs of keys that are tied. The columns of each role, in the key order of that role's type."""

    table: Table
    roles: Mapping[str, tuple[Column[Any], ...]]


class Tables:
    """The tables of one service; safe for many threads."""

    def __init__(self, service: str, model: Model) -> None:
        self._service = service
        self._model = model
        self._metadata = MetaData()
        self._sets: dict[str, SetTable] = {}
        self._links: dict[str, LinkTable] = {}
        self._indexed: set[tuple[str, str]] = set()
        self._wanted: dict[tuple[str, str], None] = {}
        self._lock = threading.RLock()
        self._ready = False

    def ready(self, engine: Engine) -> Tables:
        """Create what does not exist yet, in one transaction of its own, on the first call."""
        if not self._ready:
            with self._lock:
                if not self._ready:
                    self._build(engine.dialect)
                    with defining(engine) as connection:
                        for table in self._metadata.tables.values():
                            connection.execute(CreateTable(table, if_not_exists=True))
                        for link in self._links.values():
                            connection.execute(CreateIndex(_backwards(link), if_not_exists=True))
                    self._ready = True
        return self

    def entity_set(self, entity_set: EntitySet) -> SetTable:
        """The table of a set."""
        return self._sets[entity_set.name]

    def link(self, relation: Relation) -> LinkTable:
        """The link table of a relation that no properties tie."""
        return self._links[relation.association_set]

    def index(self, entity_set: EntitySet, paths: Iterable[str], unit_of_work: UnitOfWork) -> None:
        """See that these property paths are indexed: at once, or by the next call where a transaction is under way."""
        set_table = self._sets[entity_set.name]
        for path in paths:
            wanted = (entity_set.name, path)
            column = set_table.paths[path]
            if wanted not in self._indexed and column is not set_table.key[0]:
                self._wanted.setdefault(wanted)
        if self._wanted and not unit_of_work.begun:
            self._create_indexes(unit_of_work.engine)

    def _create_indexes(self, engine: Engine) -> None:
        with self._lock:
            while self._wanted:
                wanted, _ = self._wanted.popitem()
                name, path = wanted
                made = sum(set_name == name for set_name, _ in self._indexed)
                if wanted not in self._indexed and made < _MOST_INDEXES:
                    with defining(engine) as connection:
                        connection.execute(CreateIndex(self._index(name, path, connection), if_not_exists=True))
                self._indexed.add(wanted)

    def _index(self, entity_set: str, path: str, connection: Connection) -> Index:
        """Property, then key: what is equal in the one comes in the order of the other."""
        set_table = self._sets[entity_set]
        column = set_table.paths[path]
        rest = [one for one in set_table.key if one is not column][: _WIDEST_INDEX - 1]
        sqlite = connection.dialect.name == "sqlite"  # which has the missing first as $orderby does, and no word for it
        first = column if sqlite else column.asc().nulls_first()
        return Index(_short(f"ix~{set_table.table.name}~{path}"), first, *rest, _table=set_table.table)

    def empty(self, connection: Connection) -> None:
        """Remove every entity and link of the service."""
        for table in self._metadata.tables.values():
            connection.execute(table.delete())

    def _build(self, dialect: Dialect) -> None:
        for entity_set in self._model.entity_sets.values():
            if entity_set.entity_type.key:
                self._sets[entity_set.name] = self._new_set(entity_set, dialect)
        for relation in self._model.relations.values():
            if tied_properties(relation) is None and relation.association_set not in self._links:
                self._links[relation.association_set] = self._new_link(relation)

    def _new_set(self, entity_set: EntitySet, dialect: Dialect) -> SetTable:
        names = _ColumnNames()
        paths = {path: Column(names.unique(path), column_type(type_)) for path, type_ in _flat(entity_set.entity_type)}
        key = tuple(paths[name] for name in entity_set.entity_type.key)
        wide = len(key) > _WIDEST_INDEX
        for column in key:
            column.primary_key = not wide
            column.nullable = False
        extra = _media_columns(entity_set.entity_type)
        if wide:
            extra.append(Column(WHOLE_KEY, Text, primary_key=True))
        name, streams = _short(f"{self._service}~{entity_set.name}"), entity_set.entity_type.has_stream
        table = Table(name, self._metadata, *paths.values(), *extra, sqlite_with_rowid=streams)
        columns = {**paths, **{column.name: column for column in extra}}
        shown = [*paths.values(), *(column for column in extra if column.name == MEDIA_TYPE)]
        shape = Shape(table=table, columns=columns, key=key, shown=shown)
        return SetTable(
            table=table,
            paths=paths,
            key=key,
            key_is_wide=wide,
            single_row=single_row(shape, dialect),
            columns=select(*shown),
        )

    def _new_link(self, relation: Relation) -> LinkTable:
        ends = {relation.source_role: relation.source, relation.target_role: relation.target}
        roles = {
            role: tuple(
                Column(f"{number}/{prop.name}", column_type(prop.type), primary_key=True)
                for prop in ends[role].entity_type.key_properties
                if isinstance(prop.type, EdmType)
            )
            for number, role in enumerate(sorted(ends), start=1)
        }
        columns = [column for role in roles.values() for column in role]
        table = Table(_short(f"{self._service}~link~{relation.association_set}"), self._metadata, *columns)
        return LinkTable(table=table, roles=roles)


def _backwards(link: LinkTable) -> Index:
    """The index of a link table for the way that its primary key does not begin with."""
    *_, second = [columns for _, columns in sorted(link.roles.items())]
    return Index(_short(f"ix~{link.table.name}"), *second)


def digest(key: Mapping[str, Any]) -> str:
    """What ``WHOLE_KEY`` holds for a key."""
    return hashlib.sha256(repr([str(value) for value in key.values()]).encode()).hexdigest()


def _media_columns(entity_type: EntityType) -> list[Column[Any]]:
    return [Column(MEDIA, LargeBinary), Column(MEDIA_TYPE, Text)] if entity_type.has_stream else []


def _flat(structure: StructuredType, before: str = "") -> Iterator[tuple[str, EdmType]]:
    for prop in structure.properties:
        path = before + prop.name
        if isinstance(prop.type, ComplexType):
            yield from _flat(prop.type, f"{path}/")
        else:
            yield path, prop.type


class _ColumnNames:
    """Names that stay apart where case does not count, as in SQLite, and where names are cut, as in PostgreSQL."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unique(self, path: str) -> str:
        name = _short(path)
        while name.lower() in self._taken:
            name = f"{name}~"
        self._taken.add(name.lower())
        return name


def _short(name: str) -> str:
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return name.encode()[: _LONGEST_NAME - 13].decode(errors="ignore") + "~" + digest
