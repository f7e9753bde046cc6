"""What every writer needs besides the entity: where the service stands and how much of the entity is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sap_mock.edm.model import ComplexType, EntitySet, FunctionImport, Model, Property, Relation
from sap_mock.edm.primitives import EdmType
from sap_mock.odata.entity import Entity
from sap_mock.odata.uri.target import EVERYTHING, Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """``root`` is the service's absolute address with its trailing slash; ``in_batch`` a part of a $batch."""

    root: str
    model: Model
    select: Selection = EVERYTHING
    in_batch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A collection as it is answered: ``count`` for $inlinecount, ``next`` the address of the following page."""

    entities: Sequence[Entity]
    count: int | None = None
    next: str | None = None


class Writer(Protocol):
    """A format that writes. Every method gives the body's bytes."""

    def entry_type(self, view: View) -> str:
        """The Content-Type of one entity."""

    def feed_type(self, view: View) -> str:
        """The Content-Type of a collection."""

    def value_type(self, view: View) -> str:
        """The Content-Type of properties, links and function results."""

    def write_entry(self, entity: Entity, entity_set: EntitySet, view: View) -> bytes:
        """One entity."""

    def write_feed(self, feed: Feed, entity_set: EntitySet, view: View) -> bytes:
        """A collection."""

    def write_property(self, prop: Property, value: Any, view: View) -> bytes:
        """One property, primitive or complex."""

    def write_link(self, target: Entity, relation: Relation, view: View) -> bytes:
        """The address of one related entity."""

    def write_links(self, feed: Feed, relation: Relation, view: View) -> bytes:
        """The addresses of related entities."""

    def write_result(self, function: FunctionImport, value: Any, view: View) -> bytes:
        """A function's result that is no entity: primitive, complex, or a list of either."""


def primitive(type_: EdmType | ComplexType) -> EdmType | None:
    """The type when it is primitive, else None."""
    return type_ if isinstance(type_, EdmType) else None
