"""The XML of a $metadata document: parsed safely, and walked by names whatever year its namespaces carry.

Shared by the reader and the writer; knows elements and attributes, not what they mean.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element
    from lxml.etree import _ElementTree as Tree

SAP = "{http://www.sap.com/Protocols/SAPData}"
METADATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
_EDM_OF_ANY_YEAR = "http://schemas.microsoft.com/ado/"
_EDMX_OF_V4 = "http://docs.oasis-open.org/odata/ns/edmx"


class MetadataError(ValueError):
    """The document is no $metadata of an OData V2 service. The text is one sentence for the person who gave it."""


def parse(document: bytes) -> Tree:
    """The checked tree of a $metadata document: an Edmx with at least one Schema in its DataServices.

    No entity is expanded, nothing is fetched and a DOCTYPE is refused ([MC-CSDL] has no use for one). Raises
    :class:`MetadataError`.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=False
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MetadataError(_not_xml(error)) from None
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise MetadataError("The document has a DOCTYPE (line 1), which $metadata must not have.")
    tag = etree.QName(root)
    if tag.localname != "Edmx":
        raise MetadataError(
            f"The document is no $metadata: its root (line {root.sourceline}) is {tag.localname}, not Edmx."
        )
    if tag.namespace == _EDMX_OF_V4:
        raise MetadataError(f"The document is OData V4 metadata (line {root.sourceline}); only V2 can be served.")
    if not schemas(root):
        raise MetadataError(f"The document has no Schema in its DataServices (Edmx at line {root.sourceline}).")
    return tree


def _not_xml(error: Exception) -> str:
    line = getattr(error, "lineno", None)
    where = f" (line {line})" if line else ""
    reason = str(getattr(error, "msg", error)).partition(", line ")[0].rstrip(".")
    return f"The document is not well-formed XML{where}: {reason}."


def schemas(root: Element) -> list[Element]:
    """The Schema elements in document order."""
    return [schema for services in children(root, "DataServices") for schema in children(services, "Schema")]


def children(element: Element, name: str) -> Iterator[Element]:
    """The children with this name in an EDM or EDMX namespace of any year; others' vocabularies are passed over."""
    for child in element:
        if _edm_name(child.tag) == name:
            yield child


def namespace_of(element: Element) -> str:
    """The namespace of the schema that an element stands in."""
    return next(
        (above.get("Namespace", "") for above in element.iterancestors() if _edm_name(above.tag) == "Schema"), ""
    )


@lru_cache(maxsize=4096)
def _edm_name(tag: object) -> str | None:
    """The local name of an EDM or EDMX element, None for anything else (comments have a function for a tag)."""
    if not isinstance(tag, str):
        return None
    if not tag.startswith("{"):
        return tag
    namespace, _, name = tag[1:].partition("}")
    return name if namespace.startswith(_EDM_OF_ANY_YEAR) else None


def sap_attributes(element: Element) -> dict[str, str]:
    """The sap: annotations of an element by local name, in document order, as they were written."""
    skip = len(SAP)
    return {str(key)[skip:]: str(value) for key, value in element.attrib.items() if str(key).startswith(SAP)}


def is_true(text: str | None) -> bool:
    """Whether an XML boolean is there and true."""
    return text is not None and text.strip().lower() in ("true", "1")
