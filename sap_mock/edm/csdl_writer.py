"""Model → the $metadata that is served: the document it was read from, with what SEGW adds and this server's links.

Nothing that stood in the document is lost or moved: annotations, references, unknown attributes and their order stay.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from lxml import etree

from sap_mock.edm.csdl_document import METADATA, SAP, children, parse, schemas

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from sap_mock.edm.model import Model

_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>'
_ATOM = "http://www.w3.org/2005/Atom"
_LINK = f"{{{_ATOM}}}link"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_RELATIONS = ("self", "latest-version")
_ADDRESS = "the-address-of-this-document"  # stands in the cached document where the server's address belongs

etree.register_namespace("sap", SAP.strip("{}"))
etree.register_namespace("m", METADATA.strip("{}"))


def write(model: Model, *, service_url: str, language: str) -> bytes:
    """The $metadata document of a model that was read from one, as UTF-8.

    As SEGW does (docs/fidelity.md, section "$metadata"): its XML declaration; ``xml:lang`` (``language``, unless the
    document says which language its texts are in), ``sap:schema-version``, ``m:DataServiceVersion`` and
    ``m:IsDefaultEntityContainer`` where they are missing; and, last in the first schema, the links ``self`` and
    ``latest-version`` to ``service_url``/$metadata in place of those that stood there. Everything but the links is kept
    from call to call. Raises :class:`MetadataError` when the model has no document.
    """
    address = escape(f"{service_url.rstrip('/')}/$metadata", {'"': "&quot;"}).encode()
    return address.join(_pieces(model.document, language))


@lru_cache(maxsize=32)
def _pieces(document: bytes, language: str) -> tuple[bytes, ...]:
    """The document, cut where the server's address belongs."""
    tree = parse(document)
    _complete(tree.getroot(), language)
    written = etree.tostring(tree, encoding="utf-8", xml_declaration=False)
    return tuple((_DECLARATION + written).split(_ADDRESS.encode()))


def _complete(root: Element, language: str) -> None:
    for services in children(root, "DataServices"):
        if not services.get(f"{METADATA}DataServiceVersion"):
            services.set(f"{METADATA}DataServiceVersion", "2.0")
    found = schemas(root)
    for schema in found:
        _default(schema, _LANGUAGE, language)
        _default(schema, f"{SAP}schema-version", "1")
        for link in schema.findall(_LINK):
            if link.get("rel") in _RELATIONS:
                _remove(schema, link)
    containers = [container for schema in found for container in children(schema, "EntityContainer")]
    marker = f"{METADATA}IsDefaultEntityContainer"
    if containers and not any(container.get(marker) for container in containers):
        containers[0].set(marker, "true")
    _append_links(found[0])


def _default(element: Element, attribute: str, value: str) -> None:
    if element.get(attribute) is None:
        element.set(attribute, value)


def _remove(parent: Element, child: Element) -> None:
    """Take the child out, and keep the indentation of what follows: lxml would drop a child's tail with it."""
    before = child.getprevious()
    if before is None:
        parent.text = child.tail
    else:
        before.tail = child.tail
    parent.remove(child)


def _append_links(schema: Element) -> None:
    """Add the links as last children, indented like the first child."""
    closing = schema[-1].tail if len(schema) else None
    for relation in _RELATIONS:
        if len(schema):
            schema[-1].tail = schema.text
        link = etree.SubElement(schema, _LINK, {"rel": relation, "href": _ADDRESS}, nsmap={"atom": _ATOM})
        link.tail = closing
