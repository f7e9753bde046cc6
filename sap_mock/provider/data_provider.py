"""The data provider class. A service redefines the methods that differ, under the names SEGW generates.

``<entity set>_<operation>`` in lower case, the set cut to 16 characters (ABAP's limit of 30 for a method):
``invoices_create_entity``, ``openwarehousetas_get_entityset``. What is not redefined works on the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sap_mock.edm.model import EntitySet, Model, Relation
from sap_mock.edm.primitives import TYPES
from sap_mock.odata.entity import Entity, EntityInput, Key, Media
from sap_mock.odata.errors import Refusal, refused
from sap_mock.odata.uri import skiptoken
from sap_mock.odata.uri.expressions import Binary, Expression, Literal, Member
from sap_mock.provider import searching
from sap_mock.provider.deferral import DEFERRED, ChangesetOperation, Deferral
from sap_mock.provider.exceptions import business_exception, method_not_implemented, resource_not_found
from sap_mock.provider.initial_values import completed, initial
from sap_mock.provider.message_container import MessageContainer
from sap_mock.provider.request_context import RequestContext
from sap_mock.storage.entity_store import DuplicateKey, EntityStore, KeyIsFixed, Query, key_of
from sap_mock.storage.number_ranges import NumberRanges
from sap_mock.storage.ties import tied_properties

_NAME_LENGTH = 16
_BOOLEAN = TYPES["Edm.Boolean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """What one data provider works with: the service's model, its store and number ranges in one unit of work."""

    model: Model
    store: EntityStore
    number_ranges: NumberRanges
    many_operations_per_changeset: bool = False


def _all_equal(entity_set: EntitySet, values: Mapping[str, Any]) -> Expression | None:
    expression: Expression | None = None
    for name, value in values.items():
        member = Member((entity_set.entity_type.by_name[name],))
        equal = Binary("eq", member, Literal(member.type, value), _BOOLEAN)
        expression = equal if expression is None else Binary("and", expression, equal, _BOOLEAN)
    return expression


class Dpc:
    """The base class; one instance serves one unit of work.

    ``not_implemented`` names methods that this service does not offer: they answer 501 with SAP's text.
    ``page_size`` makes ``get_entityset`` page by itself with a skiptoken.
    """

    not_implemented: frozenset[str] = frozenset()
    page_size: int | None = None
    _deferral: Deferral | None = None

    def __init__(self, runtime: Runtime) -> None:
        self.model = runtime.model
        self.store = runtime.store
        self.number_ranges = runtime.number_ranges
        self.messages = MessageContainer()
        self._many_operations = runtime.many_operations_per_changeset

    def method(self, entity_set: EntitySet, operation: str) -> Callable[..., Any]:
        """The method that serves an operation on a set: redefined for the set, or the default of the base class."""
        name = f"{entity_set.name[:_NAME_LENGTH].lower()}_{operation}"
        if name in self.not_implemented:
            raise method_not_implemented(name)
        if self._deferral is not None and operation in DEFERRED:
            return self._deferral.method(operation)
        redefined = getattr(self, name, None)
        found: Callable[..., Any] = redefined if redefined is not None else getattr(self, operation)
        return found

    # Reading ---------------------------------------------------------------------------------------------------

    def get_entityset(self, context: RequestContext) -> list[Entity]:
        """The entities that the request asks for, filtered, ordered and paged."""
        wanted = searching.condition(context)
        query = Query(
            filter=wanted,
            order=context.order,
            top=context.top,
            skip=context.skip,
            after=skiptoken.read(context.skiptoken, context.entity_type) if context.skiptoken else None,
            near=context.source,
        )
        if context.wants_inlinecount or context.count_only:
            whole = Query(filter=wanted, near=context.source)
            context.response.inlinecount = self.store.count(context.entity_set, whole)
            if context.count_only:
                return []
        if self.page_size is None or context.order or context.skip:
            return self.store.query(context.entity_set, query)
        return self._page(context, query, self.page_size)

    def _page(self, context: RequestContext, query: Query, size: int) -> list[Entity]:
        limit = size if query.top is None else min(size, query.top)
        longer = Query(filter=query.filter, top=limit + 1, after=query.after, near=query.near)
        found = self.store.query(context.entity_set, longer)
        if len(found) > limit and (query.top is None or query.top > limit):
            last = found[limit - 1]
            context.response.skiptoken = skiptoken.write(context.entity_type, last.values)
        return found[:limit]

    def get_entity(self, context: RequestContext) -> Entity:
        """The entity with the request's key, or the one a to-one navigation leads to; raises 404.

        A $filter that does not hold of it hides it ([MS-ODATA] 2.2.3.6.1.4).
        """
        entity = None
        if context.source is not None or context.filter is not None:
            query = Query(filter=context.filter, near=context.source, key=context.key, top=1)
            entity = next(iter(self.store.query(context.entity_set, query)), None)
        elif context.key is not None:
            entity = self.store.find(context.entity_set, context.key)
        if entity is None:
            raise resource_not_found(context.entity_type.name)
        return entity

    def select(self, entity_set: str, **values: Any) -> list[Entity]:
        """The entities of a set whose properties have these values, in key order: a SELECT with its WHERE.

        Raises ``KeyError`` for a set or a property that the model does not have.
        """
        found = self.model.entity_sets[entity_set]
        return self.store.query(found, Query(filter=_all_equal(found, values)))

    # Writing ---------------------------------------------------------------------------------------------------

    def create_entity(self, context: RequestContext, data: EntityInput) -> Entity:
        """A new entity: what was sent, initial values for the rest. A key that exists is a business error."""
        return self.insert(context, data)

    def insert(self, context: RequestContext, data: EntityInput, media: Media | None = None) -> Entity:
        """Keep a new entity and tie it to where it was created and to what it names; raises a business exception."""
        values = completed(context.entity_type, {**self._inherited(context), **data.values})
        entity = Entity(values=values, media_type=media.content_type if media else None)
        try:
            self.store.insert(context.entity_set, values, media)
        except DuplicateKey:
            raise self.duplicate_key(context, entity) from None
        if context.source is not None:
            source, relation = context.source
            self.tie(source, relation, entity)
        return entity

    def tie(self, source: Entity, relation: Relation, target: Entity) -> None:
        """Link two entities that exist; a tie that would change a key is a business error."""
        try:
            self.store.tie(source, relation, target)
        except KeyIsFixed as error:
            raise business_exception(f"{error} is a key and cannot be changed") from None

    def _key(self, context: RequestContext) -> Key:
        """The request's key, or that of the entity its navigation leads to; raises 404."""
        if context.key is not None and context.source is None:
            return context.key
        return key_of(context.entity_set, self.get_entity(context).values)

    def duplicate_key(self, context: RequestContext, entity: Entity) -> Exception:
        """The exception for a key that exists already. SAP has no check of its own here; every DPC words its own."""
        return business_exception(f"{context.entity_type.name} with this key already exists")

    def create_deep_entity(self, context: RequestContext, data: EntityInput) -> Entity:
        """A new entity with its children; a service that offers deep insert redefines this."""
        del context, data
        raise method_not_implemented("CREATE_DEEP_ENTITY")

    def insert_deep(self, context: RequestContext, data: EntityInput) -> Entity:
        """Keep an entity and its children, level by level, for a ``create_deep_entity``; returns them inline."""
        entity = self.insert(context, data)
        for name, inline in data.inline.items():
            relation = self.model.relations[context.entity_set.name, name]
            below = RequestContext(entity_set=relation.target, source=(entity, relation), headers=context.headers)
            if isinstance(inline, list):
                entity.inline[name] = [self.insert_deep(below, child) for child in inline]
            else:
                entity.inline[name] = self.insert_deep(below, inline)
        return entity

    def _inherited(self, context: RequestContext) -> dict[str, Any]:
        """What an entity created below a navigation takes from where it was created."""
        if context.source is None:
            return {}
        source, relation = context.source
        pairs = tied_properties(relation) or ()
        return {} if relation.source_is_dependent else {there: source.values[here] for here, there in pairs}

    def update_entity(self, context: RequestContext, data: EntityInput) -> None:
        """Set the properties in ``data``; the key in the body is ignored in favour of the address. Raises 404."""
        key = self._key(context)
        changes = {
            name: initial(context.entity_type.by_name[name]) if value is None else value
            for name, value in data.values.items()
            if name not in context.entity_type.key
        }
        if not self.store.change(context.entity_set, key, changes):
            raise resource_not_found(context.entity_type.name)

    def delete_entity(self, context: RequestContext) -> None:
        """Remove the entity with the request's key; raises 404."""
        key = self._key(context)
        if not self.store.remove(context.entity_set, key):
            raise resource_not_found(context.entity_type.name)

    # Media -----------------------------------------------------------------------------------------------------

    def get_stream(self, context: RequestContext) -> Media:
        """The stream of a media entity; raises 404."""
        media = self.store.media(context.entity_set, self._key(context))
        if media is None:
            raise resource_not_found(context.entity_type.name)
        return media

    def create_stream(self, context: RequestContext, media: Media) -> Entity:
        """A new media entity from its stream; the ``slug`` header fills a key of text."""
        key = context.entity_type.key_properties
        slug = context.headers.get("slug", "")
        values = {prop.name: slug for prop in key if prop.type.name == "Edm.String"} if slug else {}
        return self.insert(context, EntityInput(values=values), media)

    def update_stream(self, context: RequestContext, media: Media) -> None:
        """Replace the stream of a media entity; raises 404."""
        if not self.store.change_media(context.entity_set, self._key(context), media):
            raise resource_not_found(context.entity_type.name)

    def delete_stream(self, context: RequestContext) -> None:
        """Empty the stream of a media entity; raises 404."""
        self.update_stream(context, Media(content_type="application/octet-stream", content=b""))

    # Function imports and changesets ---------------------------------------------------------------------------

    def execute_action(self, context: RequestContext) -> Any:
        """The result of a function import: an entity, a list, a value or None; a service redefines this."""
        del context
        raise method_not_implemented("EXECUTE_ACTION")

    def changeset_begin(self, operations: Sequence[str]) -> bool | None:
        """Called before a changeset; ``operations`` are the names of the methods to be called. True defers them.

        The default permits one operation, as /IWBEP/IF_MGW_APPL_SRV_RUNTIME~CHANGESET_BEGIN does.
        """
        if len(operations) > 1 and not self._many_operations:
            raise refused(Refusal.ONE_OPERATION_PER_CHANGESET)
        return False

    def changeset_process(self, operations: Sequence[ChangesetOperation]) -> Sequence[Entity | None]:
        """Called once for a changeset that ``changeset_begin`` deferred: one entity for each creation, in order."""
        del operations
        raise method_not_implemented("CHANGESET_PROCESS")

    def deferred(self) -> Deferral:
        """Defer the operations to come to ``changeset_process``; for the gateway."""
        self._deferral = Deferral()
        return self._deferral

    def changeset_end(self) -> None:
        """Called after the last operation of a changeset, before its transaction is kept."""
