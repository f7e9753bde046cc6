"""EntityContainer elements → entity sets, association sets and function imports, of all containers together.

SAP serves one container; where a document has several, names are looked up in document order and the first wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sap_mock.edm.csdl_document import METADATA, children, sap_attributes
from sap_mock.edm.csdl_schemas import facets
from sap_mock.edm.model import AssociationSet, EntitySet, EntityType, FunctionImport, Parameter, ReturnType
from sap_mock.edm.oddities import Oddity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element as Element

    from sap_mock.edm.csdl_schemas import Schemas
    from sap_mock.edm.csdl_types import Types
    from sap_mock.edm.model import Association


class Containers:
    """What the containers of one document publish, by name."""

    def __init__(self, schemas: Schemas, types: Types, associations: Mapping[str, Association]) -> None:
        self._schemas = schemas
        self._types = types
        self._associations = associations
        self.entity_sets: dict[str, EntitySet] = {}
        self.association_sets: dict[str, AssociationSet] = {}
        self.function_imports: dict[str, FunctionImport] = {}
        for name, element in self._members("EntitySet", self.entity_sets):
            entity_set = self._entity_set(name, element)
            if entity_set is not None:
                self.entity_sets[name] = entity_set
        for name, element in self._members("AssociationSet", self.association_sets):
            association_set = self._association_set(name, element)
            if association_set is not None:
                self.association_sets[name] = association_set
        for name, element in self._members("FunctionImport", self.function_imports):
            function_import = self._function_import(name, element)
            if function_import is not None:
                self.function_imports[name] = function_import

    def _members(self, kind: str, taken: Mapping[str, object]) -> Iterator[tuple[str, Element]]:
        for schema in self._schemas.elements:
            for container in children(schema, "EntityContainer"):
                where = f"EntityContainer {container.get('Name', '')}"
                for name, element in self._schemas.named(container, kind, where):
                    if name in taken:
                        self._schemas.report(Oddity.DEFINED_TWICE, element, f"{kind} {name}")
                    else:
                        yield name, element

    def _entity_set(self, name: str, element: Element) -> EntitySet | None:
        place = f"EntitySet {name}"
        written = element.get("EntityType", "")
        entity_type = self._types.entity.get(self._schemas.qualified(written, element, place))
        if entity_type is None or not entity_type.key:
            oddity = Oddity.SET_WITHOUT_TYPE if entity_type is None else Oddity.SET_WITHOUT_KEY
            self._schemas.report(oddity, element, place, written or "nothing")
            return None
        parent = element.getparent()
        container = parent.get("Name", "") if parent is not None else ""
        return EntitySet(name=name, entity_type=entity_type, container=container, sap=sap_attributes(element))

    def _association_set(self, name: str, element: Element) -> AssociationSet | None:
        place = f"AssociationSet {name}"
        written = element.get("Association", "")
        association = self._associations.get(self._schemas.qualified(written, element, place))
        if association is None:
            self._schemas.report(Oddity.TIES_NO_ASSOCIATION, element, place, written or "nothing")
            return None
        sets = {}
        for end in children(element, "End"):
            entity_set = self.entity_sets.get(end.get("EntitySet", ""))
            if entity_set is None:
                self._schemas.report(Oddity.TIES_NO_SET, end, place, end.get("EntitySet", "nothing"))
                continue
            role = end.get("Role") or _role_of(entity_set, association)
            if role not in {known.role for known in association.ends}:
                self._schemas.report(Oddity.TIES_NO_ROLE, end, place, role or "nothing")
                continue
            sets[role] = entity_set.name
        return AssociationSet(name=name, association=association.qualified_name, sets=sets)

    def _function_import(self, name: str, element: Element) -> FunctionImport | None:
        place = f"FunctionImport {name}"
        written = element.get("ReturnType") or _return_type(element)
        returns = self._returns(written, element, place) if written else None
        if written and returns is None:
            self._schemas.report(Oddity.RETURNS_NOTHING_KNOWN, element, place, written)
            return None
        return FunctionImport(
            name=name,
            http_method=(element.get(f"{METADATA}HttpMethod") or "GET").upper(),
            returns=returns,
            entity_set=self._returned_from(element, returns, place),
            parameters=tuple(self._parameters(element, place)),
            sap=sap_attributes(element),
        )

    def _returns(self, written: str, element: Element, place: str) -> ReturnType | None:
        inner = written.removeprefix("Collection(").removesuffix(")")
        collection = inner != written
        if inner.startswith("Edm."):
            return ReturnType(type=self._schemas.primitive(inner, element, place), collection=collection)
        qualified = self._schemas.qualified(inner, element, place)
        found = self._types.complex.get(qualified) or self._types.entity.get(qualified)
        return ReturnType(type=found, collection=collection) if found is not None else None

    def _returned_from(self, element: Element, returns: ReturnType | None, place: str) -> str | None:
        """The set that returned entities are of; the attribute is due when entities are returned ([MC-CSDL] 2.1.21)."""
        written = element.get("EntitySet")
        if written in self.entity_sets:
            return written
        if returns is None or not isinstance(returns.type, EntityType):
            return None
        self._schemas.report(Oddity.RETURNS_FROM_NO_SET, element, place, written or "no entity set")
        return next((s.name for s in self.entity_sets.values() if s.entity_type == returns.type), None)

    def _parameters(self, parent: Element, where: str) -> Iterator[Parameter]:
        """The parameters; without Nullable they are mandatory, as SEGW writes Nullable="true" for the others."""
        for name, element in self._schemas.named(parent, "Parameter", where):
            place = f"parameter {name} of {where}"
            yield Parameter(
                name=name,
                type=self._schemas.primitive(element.get("Type", ""), element, place),
                facets=facets(element, self._schemas, place, nullable=False),
            )


def _role_of(entity_set: EntitySet, association: Association) -> str | None:
    """The role an end without one can only mean: that of the set's type, if both ends differ."""
    type_name = entity_set.entity_type.qualified_name
    roles = [end.role for end in association.ends if end.entity_type == type_name]
    return roles[0] if len(roles) == 1 else None


def _return_type(element: Element) -> str | None:
    """The type of a ReturnType element, as [MC-CSDL] 3.0 allows instead of the attribute."""
    returned = next(children(element, "ReturnType"), None)
    return None if returned is None else returned.get("Type")
