"""Find, insert, change, remove and query entities, inside one unit of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, tuple_

from sap_mock.edm.model import ComplexType, EntitySet, Multiplicity, Property, Relation, StructuredType
from sap_mock.odata.entity import Entity, Key, Media
from sap_mock.odata.uri.expressions import Expression, Order
from sap_mock.storage import indexes
from sap_mock.storage.sql_filter import FilterCompiler
from sap_mock.storage.tables import MEDIA, MEDIA_TYPE, WHOLE_KEY, LinkTable, SetTable, Tables, digest
from sap_mock.storage.ties import tied_properties
from sap_mock.storage.unit_of_work import UnitOfWork


class DuplicateKey(Exception):
    """An entity with this key exists already."""


class KeyIsFixed(Exception):
    """A tie that would change the key of an entity; the message names the property."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to look for. ``key`` is of one entity, ``after`` of the one behind which to go on.

    ``near`` is an entity and the relation from it.
    """

    filter: Expression | None = None
    order: tuple[Order, ...] = ()
    top: int | None = None
    skip: int | None = None
    key: Key | None = None
    after: Key | None = None
    near: tuple[Entity, Relation] | None = None


EVERYTHING = Query()


class EntityStore:
    """The entities of one service as one transaction sees them."""

    def __init__(self, unit_of_work: UnitOfWork, tables: Tables) -> None:
        self._unit = unit_of_work
        self._tables = tables

    def find(self, entity_set: EntitySet, key: Key) -> Entity | None:
        """The entity with this key, or None."""
        set_table = self._tables.entity_set(entity_set)
        row = set_table.single_row.find(self._unit.connection, list(key.values()), held=self._unit.writes)
        return None if row is None else _entity(entity_set, set_table, row)

    def insert(self, entity_set: EntitySet, values: Mapping[str, Any], media: Media | None = None) -> None:
        """Keep a new entity; raises :class:`DuplicateKey` with nothing written."""
        set_table = self._tables.entity_set(entity_set)
        row = _row(entity_set.entity_type, values)
        if entity_set.entity_type.has_stream:
            row |= {MEDIA: media.content if media else b"", MEDIA_TYPE: media.content_type if media else None}
        if set_table.key_is_wide:
            row[WHOLE_KEY] = digest(key_of(entity_set, values))
        if not set_table.single_row.insert(self._unit.connection, row):
            raise DuplicateKey(entity_set.name)

    def change(self, entity_set: EntitySet, key: Key, values: Mapping[str, Any]) -> bool:
        """Set these properties of an entity; tells whether it was there."""
        set_table = self._tables.entity_set(entity_set)
        row = {set_table.paths[path]: value for path, value in _row(entity_set.entity_type, values).items()}
        if not row:
            return self.find(entity_set, key) is not None
        statement = set_table.table.update().where(_key_is(set_table, key)).values(row)
        return bool(self._unit.connection.execute(statement).rowcount)

    def remove(self, entity_set: EntitySet, key: Key) -> bool:
        """Remove an entity; tells whether it was there."""
        set_table = self._tables.entity_set(entity_set)
        return bool(self._unit.connection.execute(set_table.table.delete().where(_key_is(set_table, key))).rowcount)

    def query(self, entity_set: EntitySet, query: Query = EVERYTHING) -> list[Entity]:
        """The entities that a query finds, in its order and then in key order."""
        set_table = self._tables.entity_set(entity_set)
        self._index(entity_set, query)
        rows = self._unit.connection.execute(self.statement(entity_set, query))
        return [_entity(entity_set, set_table, row) for row in rows]

    def statement(self, entity_set: EntitySet, query: Query) -> Select[Any]:
        """The SELECT of a query."""
        set_table = self._tables.entity_set(entity_set)
        statement = self._restricted(set_table.columns, set_table, query)
        statement = statement.order_by(*self._ordering(set_table, query.order))
        if query.top is not None:
            statement = statement.limit(query.top)
        if query.skip:
            statement = statement.offset(query.skip)
        return self._held(statement) if query.key is not None else statement

    def count(self, entity_set: EntitySet, query: Query = EVERYTHING) -> int:
        """How many entities a query finds, whatever its top and skip say."""
        set_table = self._tables.entity_set(entity_set)
        self._index(entity_set, query)
        statement = self._restricted(select(func.count()).select_from(set_table.table), set_table, query)
        return int(self._unit.connection.execute(statement).scalar_one())

    def media(self, entity_set: EntitySet, key: Key) -> Media | None:
        """The stream of a media entity, or None when there is no such entity."""
        set_table = self._tables.entity_set(entity_set)
        columns = set_table.table.c[MEDIA], set_table.table.c[MEDIA_TYPE]
        row = self._unit.connection.execute(select(*columns).where(_key_is(set_table, key))).first()
        if row is None:
            return None
        return Media(content_type=row[1] or "application/octet-stream", content=bytes(row[0] or b""))

    def change_media(self, entity_set: EntitySet, key: Key, media: Media) -> bool:
        """Replace the stream of a media entity; tells whether it was there."""
        set_table = self._tables.entity_set(entity_set)
        values = {MEDIA: media.content, MEDIA_TYPE: media.content_type}
        statement = set_table.table.update().where(_key_is(set_table, key)).values(values)
        return bool(self._unit.connection.execute(statement).rowcount)

    def tie(self, source: Entity, relation: Relation, target: Entity) -> None:
        """Link two entities: by properties where those tie the relation, else in its link table.

        Raises :class:`KeyIsFixed` where that would give one of them another key.
        """
        pairs = tied_properties(relation)
        if pairs is None:
            self._link(source, relation, target)
        elif relation.source_is_dependent or not relation.to_many:
            self._follow(relation.source, source, {here: target.values[there] for here, there in pairs})
        else:
            self._follow(relation.target, target, {there: source.values[here] for here, there in pairs})

    def _follow(self, entity_set: EntitySet, dependent: Entity, values: Mapping[str, Any]) -> None:
        """Give a dependent the values that tie it."""
        changes = {name: value for name, value in values.items() if dependent.values[name] != value}
        fixed = next((name for name in changes if name in entity_set.entity_type.key), None)
        if fixed is not None:
            raise KeyIsFixed(fixed)
        self.change(entity_set, key_of(entity_set, dependent.values), changes)
        dependent.values.update(changes)

    def untie(self, source: Entity, relation: Relation, target: Entity | None) -> None:
        """Undo :meth:`tie`; ``target`` None unties whatever a to-one relation leads to."""
        pairs = tied_properties(relation)
        if pairs is None:
            link = self._tables.link(relation)
            conditions = _equal(link.roles[relation.source_role], key_of(relation.source, source.values))
            if target is not None:
                conditions += _equal(link.roles[relation.target_role], key_of(relation.target, target.values))
            self._unit.connection.execute(link.table.delete().where(*conditions))
            return
        keys = set(relation.source.entity_type.key)
        if not relation.to_many:
            changes = {here: None for here, _ in pairs if here not in keys}
            self.change(relation.source, key_of(relation.source, source.values), changes)
        elif target is not None:
            changes = {there: None for _, there in pairs if there not in relation.target.entity_type.key}
            self.change(relation.target, key_of(relation.target, target.values), changes)

    def _link(self, source: Entity, relation: Relation, target: Entity) -> None:
        link = self._tables.link(relation)
        self.untie(source, relation, target if relation.to_many else None)
        if relation.source_multiplicity is not Multiplicity.MANY:  # then the target leaves the source it had
            theirs = _equal(link.roles[relation.target_role], key_of(relation.target, target.values))
            self._unit.connection.execute(link.table.delete().where(*theirs))
        row = _named(link, relation.source_role, key_of(relation.source, source.values))
        row |= _named(link, relation.target_role, key_of(relation.target, target.values))
        self._unit.connection.execute(link.table.insert(), row)

    def _index(self, entity_set: EntitySet, query: Query) -> None:
        way = query.near[1] if query.near is not None else None
        self._tables.index(entity_set, indexes.served(query.filter, query.order, way), self._unit)

    def _held(self, statement: Select[Any]) -> Select[Any]:
        """Where something will be written, rows are held until then; SQLite has let no other writer in anyway."""
        return statement.with_for_update() if self._unit.writes else statement

    def _restricted(self, statement: Select[Any], set_table: SetTable, query: Query) -> Select[Any]:
        if query.near is not None:
            statement = statement.where(self._near(set_table, *query.near))
        if query.filter is not None:
            compiler = FilterCompiler(self._tables, set_table, self._unit.connection.dialect.name)
            statement = statement.where(compiler.condition(query.filter))
        if query.key is not None:
            statement = statement.where(_key_is(set_table, query.key))
        if query.after is not None:
            statement = statement.where(_behind(set_table, query.after))
        return statement

    def _near(self, set_table: SetTable, source: Entity, relation: Relation) -> ColumnElement[bool]:
        pairs = tied_properties(relation)
        if pairs is not None:
            return and_(*(set_table.paths[there] == source.values[here] for here, there in pairs))
        link = self._tables.link(relation)
        mine = _equal(link.roles[relation.source_role], key_of(relation.source, source.values))
        theirs = [a == b for a, b in zip(link.roles[relation.target_role], set_table.key, strict=True)]
        linked: ColumnElement[bool] = select(1).where(*mine, *theirs).correlate(set_table.table).exists()
        return linked

    def _ordering(self, set_table: SetTable, order: Sequence[Order]) -> list[ColumnElement[Any]]:
        compiler = FilterCompiler(self._tables, set_table, self._unit.connection.dialect.name)
        ordering: list[ColumnElement[Any]] = []
        for criterion in order:
            value = compiler.criterion(criterion.expression)
            ordering.append(value.desc().nulls_last() if criterion.descending else value.asc().nulls_first())
        return [*ordering, *set_table.key]


def key_of(entity_set: EntitySet, values: Mapping[str, Any]) -> dict[str, Any]:
    """The key of an entity, in key order."""
    return {name: values[name] for name in entity_set.entity_type.key}


def _key_is(set_table: SetTable, key: Key) -> ColumnElement[bool]:
    return and_(*_equal(set_table.key, key))


def _equal(columns: Sequence[ColumnElement[Any]], key: Key) -> list[ColumnElement[bool]]:
    return [column == value for column, value in zip(columns, key.values(), strict=True)]


def _named(link: LinkTable, role: str, key: Key) -> dict[str, Any]:
    return {column.name: value for column, value in zip(link.roles[role], key.values(), strict=True)}


def _behind(set_table: SetTable, key: Key) -> ColumnElement[bool]:
    if len(set_table.key) == 1:
        behind: ColumnElement[bool] = set_table.key[0] > next(iter(key.values()))
        return behind
    bound = [literal(value, column.type) for column, value in zip(set_table.key, key.values(), strict=True)]
    return tuple_(*set_table.key) > tuple_(*bound)


def _row(structure: StructuredType, values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """The values by the paths of their properties, those of complex ones each by itself."""
    row: dict[str, Any] = {}
    for name, value in values.items():
        prop = structure.by_name[name]
        if isinstance(prop.type, ComplexType):
            row |= _row(prop.type, _whole(prop.type, value), f"{before}{name}/")
        else:
            row[before + name] = value
    return row


def _whole(type_: ComplexType, value: Mapping[str, Any] | None) -> dict[str, Any]:
    """Every member of a complex value; those that are missing are None."""
    return {prop.name: (value or {}).get(prop.name) for prop in type_.properties}


def _entity(entity_set: EntitySet, set_table: SetTable, row: Sequence[Any]) -> Entity:
    flat = dict(zip(set_table.paths, row, strict=False))
    media_type = row[len(flat)] if entity_set.entity_type.has_stream else None
    return Entity(values=_nested(entity_set.entity_type.properties, flat), media_type=media_type)


def _nested(properties: Sequence[Property], flat: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    values: dict[str, Any] = {}
    for prop in properties:
        if isinstance(prop.type, ComplexType):
            values[prop.name] = _nested(prop.type.properties, flat, f"{before}{prop.name}/")
        else:
            values[prop.name] = flat[before + prop.name]
    return values
