"""Schema elements → entity types and complex types, flattened: inheritance and nesting are resolved here.

Every name is looked up once, through :class:`Schemas`; what cannot be resolved is left out and reported there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sap_mock.edm.csdl_document import METADATA, children, is_true, sap_attributes
from sap_mock.edm.csdl_schemas import facets
from sap_mock.edm.model import ComplexType, EntityType, NavigationProperty, Property
from sap_mock.edm.oddities import Oddity
from sap_mock.edm.primitives import TYPES, EdmType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element as Element

    from sap_mock.edm.csdl_schemas import Schemas
    from sap_mock.edm.model import Association


class Types:
    """The entity types and complex types of one document by qualified name."""

    def __init__(self, schemas: Schemas, associations: Mapping[str, Association]) -> None:
        self._schemas = schemas
        self._associations = associations
        self._open: list[str] = []
        self.complex: dict[str, ComplexType] = {}
        self.entity: dict[str, EntityType] = {}
        self.way_elements: dict[NavigationProperty, Element] = {}
        for qualified in schemas.declared("ComplexType"):
            self._complex(qualified)
        for qualified in schemas.declared("EntityType"):
            self._entity(qualified)

    def _complex(self, qualified: str) -> ComplexType:
        if qualified not in self.complex:
            namespace, name, element = self._schemas.declared("ComplexType")[qualified]
            self._open.append(qualified)
            inherited = self._base_complex(qualified, element)
            own = self._properties(element, f"ComplexType {name}", inherited)
            self._open.pop()
            self.complex[qualified] = ComplexType(name=name, namespace=namespace, properties=own)
        return self.complex[qualified]

    def _base_complex(self, qualified: str, element: Element) -> tuple[Property, ...]:
        base = self._base(qualified, element, "ComplexType")
        return self._complex(base).properties if base else ()

    def _entity(self, qualified: str) -> EntityType:
        if qualified not in self.entity:
            namespace, name, element = self._schemas.declared("EntityType")[qualified]
            place = f"EntityType {name}"
            self._open.append(qualified)
            base_name = self._base(qualified, element, "EntityType")
            base = self._entity(base_name) if base_name else None
            properties = self._properties(element, place, base.properties if base else ())
            self._open.pop()
            self.entity[qualified] = EntityType(
                name=name,
                namespace=namespace,
                properties=properties,
                key=self._key(element, place, properties) or (base.key if base else ()),
                navigation=self._navigation(element, place, base.navigation if base else ()),
                has_stream=is_true(element.get(f"{METADATA}HasStream")) or (base is not None and base.has_stream),
                base=base_name,
                abstract=is_true(element.get("Abstract")),
                sap=sap_attributes(element),
            )
        return self.entity[qualified]

    def _base(self, qualified: str, element: Element, kind: str) -> str | None:
        """The qualified name of the base type, if there is one that can be inherited from."""
        written = element.get("BaseType")
        if not written:
            return None
        place = f"{kind} {qualified}"
        base = self._schemas.qualified(written, element, place)
        if base in self._schemas.declared(kind) and base not in self._open:
            return base
        oddity = Oddity.ENDLESS_BASE if base in self._open else Oddity.UNKNOWN_BASE
        self._schemas.report(oddity, element, place, written)
        return None

    def _properties(self, parent: Element, where: str, inherited: tuple[Property, ...]) -> tuple[Property, ...]:
        found = {prop.name: prop for prop in inherited}
        for name, element in self._schemas.named(parent, "Property", where):
            place = f"property {name} of {where}"
            if name in found:
                self._schemas.report(Oddity.DEFINED_TWICE, element, place)
                continue
            type_ = self._type(element, place)
            if type_ is not None:
                found[name] = self._property(name, type_, element, place)
        return tuple(found.values())

    def _property(self, name: str, type_: EdmType | ComplexType, element: Element, place: str) -> Property:
        allowed = facets(element, self._schemas, place)
        return Property(
            name=name,
            type=type_,
            facets=allowed,
            concurrency_fixed=element.get("ConcurrencyMode", "").lower() == "fixed",
            default=element.get("DefaultValue"),
            feed_target=element.get(f"{METADATA}FC_TargetPath", ""),
            feed_namespace=element.get(f"{METADATA}FC_NsUri", ""),
            sap=sap_attributes(element),
        )

    def _type(self, element: Element, place: str) -> EdmType | ComplexType | None:
        written = element.get("Type", "")
        if written in TYPES:
            return TYPES[written]
        if not written:
            self._schemas.report(Oddity.NAMELESS, element, place, "Type")
            return None
        if written.startswith("Edm."):
            return self._schemas.primitive(written, element, place)
        qualified = self._schemas.qualified(written, element, place)
        if qualified not in self._schemas.declared("ComplexType"):
            self._schemas.report(Oddity.UNKNOWN_TYPE, element, place, written)
            return None
        if qualified in self._open:
            self._schemas.report(Oddity.ENDLESS_TYPE, element, place, written)
            return None
        return self._complex(qualified)

    def _key(self, element: Element, place: str, properties: tuple[Property, ...]) -> tuple[str, ...]:
        by_name = {prop.name: prop for prop in properties}
        key: dict[str, None] = {}
        for group in children(element, "Key"):
            for reference in children(group, "PropertyRef"):
                name = reference.get("Name", "")
                prop = by_name.get(name)
                if prop is None or not isinstance(prop.type, EdmType):
                    self._schemas.report(Oddity.UNKNOWN_KEY, reference, place, name or "nothing")
                    continue
                if prop.facets.nullable:
                    self._schemas.report(Oddity.NULLABLE_KEY, reference, f"property {name} of {place}")
                key[name] = None
        return tuple(key)

    def _navigation(
        self, parent: Element, where: str, inherited: tuple[NavigationProperty, ...]
    ) -> tuple[NavigationProperty, ...]:
        found = {nav.name: nav for nav in inherited}
        for name, element in self._schemas.named(parent, "NavigationProperty", where):
            place = f"navigation property {name} of {where}"
            if name in found:
                self._schemas.report(Oddity.DEFINED_TWICE, element, place)
                continue
            way = self._way(name, element, place)
            if way is not None:
                found[name] = way
        return tuple(found.values())

    def _way(self, name: str, element: Element, place: str) -> NavigationProperty | None:
        written = element.get("Relationship", "")
        association = self._associations.get(self._schemas.qualified(written, element, place))
        if association is None:
            self._schemas.report(Oddity.WAY_WITHOUT_ASSOCIATION, element, place, written or "nothing")
            return None
        roles = element.get("FromRole", ""), element.get("ToRole", "")
        known = {end.role for end in association.ends}
        for role in roles:
            if role not in known:
                self._schemas.report(Oddity.WAY_WITHOUT_ROLE, element, place, role or "nothing")
                return None
        way = NavigationProperty(
            name=name, association=association.qualified_name, from_role=roles[0], to_role=roles[1]
        )
        self.way_elements[way] = element
        return way
