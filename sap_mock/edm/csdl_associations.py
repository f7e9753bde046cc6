"""Association elements → associations: two typed ends, and the properties that tie them if the document says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sap_mock.edm.csdl_document import children
from sap_mock.edm.model import Association, End, Multiplicity, ReferentialConstraint
from sap_mock.edm.oddities import Oddity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element as Element

    from sap_mock.edm.csdl_schemas import Schemas
    from sap_mock.edm.model import EntityType

_MULTIPLICITIES = {member.value: member for member in Multiplicity}


def untied(schemas: Schemas) -> dict[str, Association]:
    """The associations by qualified name, without their constraints: those need the types, which need these."""
    found = {}
    for qualified, (namespace, name, element) in schemas.declared("Association").items():
        place = f"Association {name}"
        ends = tuple(children(element, "End"))
        read = [end for end in (_end(end, schemas, place) for end in ends) if end is not None]
        roles = {end.role for end in read}
        if len(ends) != 2 or (len(read) == 2 and len(roles) != 2):
            schemas.report(Oddity.NOT_TWO_ENDS, element, place, str(min(len(ends), len(roles))))
        elif len(read) == 2:
            found[qualified] = Association(name=name, namespace=namespace, ends=(read[0], read[1]))
    return found


def _end(element: Element, schemas: Schemas, place: str) -> End | None:
    """One end; its role defaults to the type's name ([MC-CSDL] 2.1.10)."""
    written = element.get("Type", "")
    qualified = schemas.qualified(written, element, place)
    multiplicity = _MULTIPLICITIES.get(element.get("Multiplicity", ""))
    if qualified not in schemas.declared("EntityType"):
        schemas.report(Oddity.END_WITHOUT_TYPE, element, place, written or "nothing")
        return None
    if multiplicity is None:
        schemas.report(Oddity.ODD_MULTIPLICITY, element, place, element.get("Multiplicity", "nothing"))
        return None
    return End(role=element.get("Role") or written.rpartition(".")[2], entity_type=qualified, multiplicity=multiplicity)


def tied(
    associations: Mapping[str, Association], types: Mapping[str, EntityType], schemas: Schemas
) -> dict[str, Association]:
    """The same associations, each with its referential constraint if it has one that holds."""
    return {
        qualified: replace(
            association,
            constraint=_constraint(association, schemas.declared("Association")[qualified].element, types, schemas),
        )
        for qualified, association in associations.items()
    }


def _constraint(
    association: Association, element: Element, types: Mapping[str, EntityType], schemas: Schemas
) -> ReferentialConstraint | None:
    for constraint in children(element, "ReferentialConstraint"):
        sides = {}
        for kind in ("Principal", "Dependent"):
            side = next(children(constraint, kind), None)
            if side is None:
                schemas.report(Oddity.ODD_CONSTRAINT, constraint, f"Association {association.name}", f"no {kind}")
                return None
            sides[kind] = side
        problem = _problem(association, sides, types)
        if problem:
            schemas.report(Oddity.ODD_CONSTRAINT, constraint, f"Association {association.name}", problem)
            return None
        principal, dependent = (_references(sides[kind]) for kind in ("Principal", "Dependent"))
        return ReferentialConstraint(
            principal_role=sides["Principal"].get("Role", ""),
            dependent_role=sides["Dependent"].get("Role", ""),
            pairs=tuple(zip(principal, dependent, strict=True)),
        )
    return None


def _references(side: Element) -> tuple[str, ...]:
    return tuple(reference.get("Name", "") for reference in children(side, "PropertyRef"))


def _problem(association: Association, sides: Mapping[str, Element], types: Mapping[str, EntityType]) -> str | None:
    """What of the constraint is not there, or None when it holds."""
    ends = {end.role: end for end in association.ends}
    for kind, side in sides.items():
        role = side.get("Role", "")
        if role not in ends:
            return f"the role {role or 'nothing'}"
        for name in _references(side):
            if name not in types[ends[role].entity_type].by_name:
                return f"the {kind.lower()}'s property {name or 'without a name'}"
    principal, dependent = (_references(sides[kind]) for kind in ("Principal", "Dependent"))
    if not principal or len(principal) != len(dependent):
        return f"{len(principal)} principal and {len(dependent)} dependent properties"
    return None
