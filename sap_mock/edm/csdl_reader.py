"""$metadata → model: the whole document read, every name resolved, every oddity reported together.

Steps: the XML (csdl_document), associations, types, containers. What dangles is left out of the model and stands in
``Model.findings``; only a document that is no $metadata at all is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sap_mock.edm.csdl_associations import tied, untied
from sap_mock.edm.csdl_containers import Containers
from sap_mock.edm.csdl_document import METADATA, MetadataError, children, is_true, parse, schemas
from sap_mock.edm.csdl_schemas import Schemas
from sap_mock.edm.csdl_types import Types
from sap_mock.edm.model import Model
from sap_mock.edm.oddities import Oddity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from sap_mock.edm.model import EntitySet, NavigationProperty

__all__ = ["MetadataError", "read"]


def read(document: bytes) -> Model:
    """The model of an OData V2 $metadata document, with what is odd about it in ``findings``, by line.

    Raises :class:`MetadataError` when the document is no XML, no Edmx of V2, has a DOCTYPE or no schema. An entity set
    without a type or key is left out with a finding of severity ERROR; everything else that dangles is left out with a
    WARNING. Rules: [MC-CSDL] 2.1, [MC-EDMX], [MS-ODATA] 2.2.3.7, SAP Annotations for OData V2.
    """
    root = parse(document).getroot()
    found = Schemas(schemas(root))
    ends = untied(found)
    types = Types(found, ends)
    associations = tied(ends, types.entity, found)
    containers = Containers(found, types, associations)
    model = Model(
        namespace=_namespace(found.elements),
        entity_types=types.entity,
        complex_types=types.complex,
        associations=associations,
        entity_sets=containers.entity_sets,
        association_sets=containers.association_sets,
        function_imports=containers.function_imports,
        document=document,
    )
    for entity_set, way, element in _ways_to_no_set(model, types):
        place = f"navigation property {way.name} of EntityType {entity_set.entity_type.name}"
        found.report(Oddity.WAY_TO_NO_SET, element, place, entity_set.name)
    if not model.entity_sets and not model.function_imports:
        found.report(Oddity.NO_SETS, root, "")
    return replace(model, findings=tuple(sorted(found.findings, key=lambda finding: finding.line or 0)))


def _ways_to_no_set(model: Model, types: Types) -> Iterator[tuple[EntitySet, NavigationProperty, Element]]:
    """The navigation properties from a set that the model knows no relation for, with where they stand."""
    for entity_set in model.entity_sets.values():
        for way in entity_set.entity_type.navigation:
            if (entity_set.name, way.name) not in model.relations:
                yield entity_set, way, types.way_elements[way]


def _namespace(elements: list[Element]) -> str:
    """The namespace the service goes by: of the schema with the default container, else of the first schema."""
    with_container = [schema for schema in elements if next(children(schema, "EntityContainer"), None) is not None]
    default = [
        schema
        for schema in with_container
        for container in children(schema, "EntityContainer")
        if is_true(container.get(f"{METADATA}IsDefaultEntityContainer"))
    ]
    return (default or with_container or elements)[0].get("Namespace", "")
