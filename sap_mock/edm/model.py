"""A service's model as values: what $metadata says, with every name resolved. Read by ``csdl_reader``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from sap_mock.edm.facets import ANY, Facets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sap_mock.edm.oddities import Finding
    from sap_mock.edm.primitives import EdmType

_NOTHING: Mapping[str, str] = {}


class Multiplicity(StrEnum):
    """How many entities stand at one end of an association."""

    ONE = "1"
    ZERO_OR_ONE = "0..1"
    MANY = "*"


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property of a type. ``sap`` holds its sap: annotations by local name, as they were written.

    ``feed_target`` names the Atom element that shows the value too (``SyndicationTitle`` …, m:FC_TargetPath), or one
    of the publisher's own in ``feed_namespace``.
    """

    name: str
    type: EdmType | ComplexType
    facets: Facets = ANY
    concurrency_fixed: bool = False
    default: str | None = None
    feed_target: str = ""
    feed_namespace: str = ""
    sap: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, kw_only=True)
class StructuredType:
    """What entity types and complex types share: a name and properties, those of base types first."""

    name: str
    namespace: str
    properties: tuple[Property, ...] = ()

    @property
    def qualified_name(self) -> str:
        """``NAMESPACE.Name``, as ``__metadata.type`` spells it."""
        return f"{self.namespace}.{self.name}"

    @cached_property
    def by_name(self) -> Mapping[str, Property]:
        """The properties by name."""
        return {prop.name: prop for prop in self.properties}


@dataclass(frozen=True, kw_only=True)
class ComplexType(StructuredType):
    """A structured value without a key."""


@dataclass(frozen=True, kw_only=True)
class NavigationProperty:
    """The way from an entity to related ones: association (qualified), and the roles it leads from and to."""

    name: str
    association: str
    from_role: str
    to_role: str


@dataclass(frozen=True, kw_only=True)
class EntityType(StructuredType):
    """The shape of an entity: key (names in key order), properties, navigation properties."""

    key: tuple[str, ...] = ()
    navigation: tuple[NavigationProperty, ...] = ()
    has_stream: bool = False
    base: str | None = None
    abstract: bool = False
    sap: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @cached_property
    def navigation_by_name(self) -> Mapping[str, NavigationProperty]:
        """The navigation properties by name."""
        return {nav.name: nav for nav in self.navigation}

    @cached_property
    def key_properties(self) -> tuple[Property, ...]:
        """The key's properties in key order."""
        return tuple(self.by_name[name] for name in self.key)

    @cached_property
    def etag_properties(self) -> tuple[Property, ...]:
        """The properties with ConcurrencyMode="Fixed", in model order."""
        return tuple(prop for prop in self.properties if prop.concurrency_fixed)


@dataclass(frozen=True, kw_only=True)
class End:
    """One end of an association."""

    role: str
    entity_type: str
    multiplicity: Multiplicity


@dataclass(frozen=True, kw_only=True)
class ReferentialConstraint:
    """Which properties tie the ends: pairs of (principal's property, dependent's property)."""

    principal_role: str
    dependent_role: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Association:
    """A relation between two entity types."""

    name: str
    namespace: str
    ends: tuple[End, End]
    constraint: ReferentialConstraint | None = None

    @property
    def qualified_name(self) -> str:
        """``NAMESPACE.Name``."""
        return f"{self.namespace}.{self.name}"

    def end(self, role: str) -> End:
        """The end with this role; raises ``KeyError``."""
        for end in self.ends:
            if end.role == role:
                return end
        raise KeyError(role)


@dataclass(frozen=True, kw_only=True)
class EntitySet:
    """A named collection of entities of one type. ``container`` is the name of the container that lists it."""

    name: str
    entity_type: EntityType
    container: str = ""
    sap: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @cached_property
    def address(self) -> str:
        """The name as an address spells it."""
        return quote(self.name)


@dataclass(frozen=True, kw_only=True)
class AssociationSet:
    """Which entity sets an association ties: role → entity set name."""

    name: str
    association: str
    sets: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of a function import."""

    name: str
    type: EdmType
    facets: Facets = ANY


@dataclass(frozen=True, kw_only=True)
class ReturnType:
    """What a function import returns: one or many of a primitive, complex or entity type."""

    type: EdmType | ComplexType | EntityType
    collection: bool = False


@dataclass(frozen=True, kw_only=True)
class FunctionImport:
    """An operation published beside the sets."""

    name: str
    http_method: str = "GET"
    returns: ReturnType | None = None
    entity_set: str | None = None
    parameters: tuple[Parameter, ...] = ()
    sap: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @cached_property
    def parameter_by_name(self) -> Mapping[str, Parameter]:
        """The parameters by name."""
        return {parameter.name: parameter for parameter in self.parameters}


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A navigation property seen from one entity set, every name resolved.

    ``pairs`` are (property here, property there) where a referential constraint ties them, else empty: then the tie
    is a link kept apart, under ``association_set``. ``multiplicity`` is the target's, ``source_multiplicity`` tells
    how many sources one target may have.
    """

    name: str
    source: EntitySet
    target: EntitySet
    multiplicity: Multiplicity
    source_multiplicity: Multiplicity
    association_set: str
    source_role: str
    target_role: str
    pairs: tuple[tuple[str, str], ...] = ()
    source_is_dependent: bool = False

    @property
    def to_many(self) -> bool:
        """Whether the way leads to a collection."""
        return self.multiplicity is Multiplicity.MANY


@dataclass(frozen=True, kw_only=True)
class Model:
    """Everything one service publishes. ``document`` is the $metadata it was read from, byte for byte.

    ``findings`` are the oddities the reader met. Two models are equal when they publish the same, however written.
    """

    namespace: str
    entity_types: Mapping[str, EntityType]
    complex_types: Mapping[str, ComplexType]
    associations: Mapping[str, Association]
    entity_sets: Mapping[str, EntitySet]
    association_sets: Mapping[str, AssociationSet]
    function_imports: Mapping[str, FunctionImport]
    document: bytes = field(default=b"", compare=False, repr=False)
    findings: tuple[Finding, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def relations(self) -> Mapping[tuple[str, str], Relation]:
        """(entity set name, navigation property name) → relation; ways that lead nowhere are left out."""
        found: dict[tuple[str, str], Relation] = {}
        for entity_set in self.entity_sets.values():
            for nav in entity_set.entity_type.navigation:
                relation = self._relation(entity_set, nav)
                if relation is not None:
                    found[entity_set.name, nav.name] = relation
        return found

    def _relation(self, source: EntitySet, nav: NavigationProperty) -> Relation | None:
        association = self.associations.get(nav.association)
        if association is None:
            return None
        try:
            source_end, target_end = association.end(nav.from_role), association.end(nav.to_role)
        except KeyError:
            return None
        tied = self._association_set(source, nav)
        target = self.entity_sets.get(tied.sets.get(nav.to_role, "")) if tied else None
        if target is None:  # no association set says which: the first set of that type, or of one derived from it
            candidates = (s for s in self.entity_sets.values() if self._is_a(s.entity_type, target_end.entity_type))
            target = next(candidates, None)
        if target is None:
            return None
        constraint = association.constraint
        pairs: tuple[tuple[str, str], ...] = ()
        dependent = constraint is not None and constraint.dependent_role == nav.from_role
        if constraint is not None:
            pairs = tuple((d, p) if dependent else (p, d) for p, d in constraint.pairs)
        return Relation(
            name=nav.name,
            source=source,
            target=target,
            multiplicity=target_end.multiplicity,
            source_multiplicity=source_end.multiplicity,
            association_set=tied.name if tied else association.name,
            source_role=nav.from_role,
            target_role=nav.to_role,
            pairs=pairs,
            source_is_dependent=dependent,
        )

    def _is_a(self, entity_type: EntityType, qualified_name: str) -> bool:
        """Whether the type has this name or descends from the type that has."""
        current: EntityType | None = entity_type
        while current is not None and current.qualified_name != qualified_name:
            current = self.entity_types.get(current.base) if current.base else None
        return current is not None

    def _association_set(self, source: EntitySet, nav: NavigationProperty) -> AssociationSet | None:
        candidates = self._sets_by_association.get(nav.association, ())
        for candidate in candidates:
            if candidate.sets.get(nav.from_role) == source.name:
                return candidate
        return candidates[0] if candidates else None

    @cached_property
    def _sets_by_association(self) -> Mapping[str, tuple[AssociationSet, ...]]:
        found: dict[str, tuple[AssociationSet, ...]] = {}
        for association_set in self.association_sets.values():
            found[association_set.association] = (*found.get(association_set.association, ()), association_set)
        return found
