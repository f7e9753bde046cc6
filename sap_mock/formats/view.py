"""What every writer needs besides the entity: where the service stands and how much of the entity is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sap_mock.edm.model import EntitySet, FunctionImport, Model, Property, Relation
from sap_mock.edm.primitives import DateTime, DateTimeOffset
from sap_mock.odata.entity import Entity
from sap_mock.odata.errors import ODataError, Refusal, refused
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


def may_be_null(prop: Property) -> bool:
    """Whether None can be shown: everywhere but in a date that is not nullable (docs/fidelity.md "Initial values")."""
    return prop.facets.nullable or not isinstance(prop.type, DateTime | DateTimeOffset)


def unwritable(prop: Property, value: Any) -> ODataError:
    """The server's own error for a value that its property cannot show; an initial date is eight zeros in ABAP."""
    return refused(Refusal.WRITTEN_VALUE, property=prop.name, value="00000000" if value is None else value)
