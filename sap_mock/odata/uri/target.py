"""What a bound address means: its kind, each with the system query options it permits ([MS-ODATA] 2.2.3.6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sap_mock.edm.model import EntitySet, FunctionImport, Property, Relation
from sap_mock.odata.uri.expressions import Expression, Order
from sap_mock.odata.uri.query_options import NONE, SYSTEM_OPTIONS, QueryOptions

_NO_OPTIONS = frozenset[str]()
_FORMAT = frozenset({"$format"})
_ENTITY = frozenset({"$filter", "$expand", "$select", "$format"})
_FEED = frozenset(SYSTEM_OPTIONS)
_COUNT = frozenset({"$filter", "$orderby", "$skip", "$top"})
_LINKS = _FEED - {"$expand", "$select"}


class TargetKind(Enum):
    """Every kind of address; the value carries the options it permits."""

    SERVICE_DOCUMENT = "service document", _FORMAT
    METADATA = "metadata document", _FORMAT
    BATCH = "batch", _NO_OPTIONS
    ENTITY_SET = "entity set", _FEED
    ENTITY = "entity", _ENTITY
    COUNT = "count", _COUNT
    ENTITY_COUNT = "count of one", frozenset({"$filter"})
    PROPERTY = "property", _FORMAT
    PROPERTY_VALUE = "property value", _FORMAT
    MEDIA = "media", _NO_OPTIONS
    LINKS = "links", _LINKS
    LINK = "link", _FORMAT
    LINKS_COUNT = "count of links", _COUNT
    FUNCTION_ENTITIES = "function returning entities", _FEED
    FUNCTION_ENTITY = "function returning an entity", frozenset({"$expand", "$select", "$format"})
    FUNCTION_OTHER = "function returning values or nothing", _FORMAT
    FUNCTION_VALUE = "raw value of a function", _FORMAT

    @property
    def permitted(self) -> frozenset[str]:
        """The system query options that may stand on an address of this kind."""
        return self.value[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entity set on the way: reached by ``relation`` (None for the first), narrowed by ``key`` where given."""

    entity_set: EntitySet
    key: Mapping[str, Any] | None = None
    relation: Relation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expand:
    """Navigation properties to include, each with what to include below it."""

    relations: Mapping[str, tuple[Relation, Expand]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What $select keeps: ``names`` None means everything; ``below`` holds the selections of expanded entities."""

    names: frozenset[str] | None = None
    below: Mapping[str, Selection] = field(default_factory=dict)

    def keeps(self, name: str) -> bool:
        """Whether the property or navigation property of this name is written."""
        return self.names is None or name in self.names or name in self.below


NO_EXPAND = Expand()
EVERYTHING = Selection()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound address. ``steps`` lead to the entity set or entity; the rest says what of it is meant."""

    kind: TargetKind
    steps: tuple[Step, ...] = ()
    properties: tuple[Property, ...] = ()
    link: Relation | None = None
    link_key: Mapping[str, Any] | None = None
    function: FunctionImport | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    options: QueryOptions = NONE
    filter: Expression | None = None
    order: tuple[Order, ...] = ()
    expand: Expand = NO_EXPAND
    select: Selection = EVERYTHING

    @property
    def entity_set(self) -> EntitySet:
        """The entity set that the last step reached."""
        return self.steps[-1].entity_set
