"""The schemas of one document: what they declare by qualified name, and every oddity met while reading it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from sap_mock.edm.csdl_document import children, is_true, namespace_of
from sap_mock.edm.facets import Facets
from sap_mock.edm.oddities import Finding, Oddity
from sap_mock.edm.primitives import TYPES, EdmType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element as Element

_STRING = TYPES["Edm.String"]
_LONGEST_NUMBER = 10  # digits; MaxLength="2147483647" is the largest that means something


class Declaration(NamedTuple):
    """A type or association as it stands in its schema."""

    namespace: str
    name: str
    element: Element


class Schemas:
    """The schemas of one document: their elements by qualified name, and what was found odd so far."""

    def __init__(self, elements: list[Element]) -> None:
        self.elements = elements
        self.findings: list[Finding] = []
        self._declared: dict[str, dict[str, Declaration]] = {}
        self._namespace_of_alias = {
            schema.get("Alias"): schema.get("Namespace", "") for schema in elements if schema.get("Alias")
        }

    def report(self, oddity: Oddity, element: Element, place: str, target: str = "") -> None:
        """Keep a finding about this element."""
        self.findings.append(
            Finding(oddity=oddity, line=cast("int | None", element.sourceline), place=place, target=target)
        )

    def declared(self, kind: str) -> Mapping[str, Declaration]:
        """The declarations of this kind by qualified name, in document order; of two with one name the first."""
        if kind not in self._declared:
            found = self._declared[kind] = {}
            for schema in self.elements:
                namespace = schema.get("Namespace", "")
                for name, element in self.named(schema, kind, f"schema {namespace}"):
                    qualified = f"{namespace}.{name}"
                    if qualified in found:
                        self.report(Oddity.DEFINED_TWICE, element, f"{kind} {qualified}")
                    else:
                        found[qualified] = Declaration(namespace, name, element)
        return self._declared[kind]

    def named(self, parent: Element, kind: str, where: str) -> Iterator[tuple[str, Element]]:
        """(name, element) of the children of this kind that have a name."""
        for element in children(parent, kind):
            name = element.get("Name")
            if name:
                yield name, element
            else:
                self.report(Oddity.NAMELESS, element, f"a {kind} of {where}", "Name")

    def qualified(self, name: str, element: Element, place: str) -> str:
        """The name with a schema's alias replaced by its namespace ([MC-CSDL] 2.1.2, Schema.Alias).

        A name without a namespace is reported, and looked for in the schema that it stands in.
        """
        prefix, dot, local = name.rpartition(".")
        if dot or not name:
            return f"{self._namespace_of_alias.get(prefix, prefix)}{dot}{local}"
        self.report(Oddity.UNQUALIFIED, element, place, name)
        return f"{namespace_of(element)}.{name}"

    def primitive(self, name: str, element: Element, place: str) -> EdmType:
        """The primitive type of this name; one that V2 does not have is reported and read as Edm.String."""
        if name not in TYPES:
            self.report(Oddity.UNKNOWN_PRIMITIVE, element, place, name or "no name")
        return TYPES.get(name, _STRING)


def facets(element: Element, schemas: Schemas, place: str, *, nullable: bool = True) -> Facets:
    """The facets of a Property, Parameter or ReturnType element ([MC-CSDL] 2.2); odd ones are reported and ignored.

    ``nullable`` is what a missing Nullable means. A MaxLength of 0 is ABAP's "no limit".
    """

    def number(name: str) -> int | None:
        text = element.get(name)
        if text is None or (name == "MaxLength" and text.lower() == "max"):
            return None
        if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER:
            return int(text)
        schemas.report(Oddity.ODD_FACET, element, place, f'{name}="{text}"')
        return None

    written = element.get("Nullable")
    precision, scale = number("Precision"), number("Scale")
    if precision is not None and scale is not None and scale > precision:
        schemas.report(Oddity.SCALE_OVER_PRECISION, element, place, f'Precision="{precision}" Scale="{scale}"')
        precision = None
    return Facets(
        nullable=nullable if written is None else is_true(written),
        max_length=number("MaxLength") or None,
        precision=precision,
        scale=scale,
    )
