"""Atom bodies, read ([MS-ODATA] 2.2.6.2). A body without a Content-Type is read here too, as a Gateway does."""

from __future__ import annotations

from typing import Any

from lxml import etree

from sap_mock.edm.model import ComplexType, EntitySet, Model, Property
from sap_mock.edm.primitives import EdmValueError, NotConvertible
from sap_mock.formats.xml_text import ATOM, RELATED, D, M
from sap_mock.odata.entity import EntityInput
from sap_mock.odata.errors import Refusal, refused

_A, _M, _D = f"{{{ATOM}}}", f"{{{M}}}", f"{{{D}}}"


def read_entry(body: bytes, entity_set: EntitySet, model: Model) -> EntityInput:
    """One entry with its inline entries; raises ODataError (400)."""
    root = parse(body)
    if root.tag != f"{_A}entry":
        raise refused(Refusal.MALFORMED_SYNTAX)
    return _entry(root, entity_set, model)


def read_property(body: bytes, prop: Property) -> Any:
    """The value of a property's own document; raises ODataError (400)."""
    root = parse(body)
    if etree.QName(root).localname != prop.name:
        raise refused(Refusal.PROPERTY_INVALID, property=etree.QName(root).localname)
    return _value(root, prop)


def read_link(body: bytes) -> str:
    """The address in ``<uri>…</uri>``; raises ODataError (400)."""
    root = parse(body)
    if etree.QName(root).localname != "uri":
        raise refused(Refusal.MALFORMED_SYNTAX)
    return (root.text or "").strip()


def parse(body: bytes) -> etree._Element:
    """The root of a document without entities, DTD or network; raises ODataError (400)."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise refused(Refusal.BODY_NOT_PARSED) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise refused(Refusal.BODY_NOT_PARSED)
    return root


def _entry(node: etree._Element, entity_set: EntitySet, model: Model) -> EntityInput:
    entity = EntityInput(values={})
    properties = node.find(f"{_A}content/{_M}properties")
    if properties is None:
        properties = node.find(f"{_M}properties")
    for child in elements(properties):
        name = etree.QName(child).localname
        prop = entity_set.entity_type.by_name.get(name)
        if prop is None:
            raise refused(Refusal.PROPERTY_INVALID, property=name)
        entity.values[name] = _value(child, prop)
    for link in node.findall(f"{_A}link"):
        _link(link, entity, entity_set, model)
    return entity


def _link(link: etree._Element, entity: EntityInput, entity_set: EntitySet, model: Model) -> None:
    rel = str(link.get("rel", ""))
    if not rel.startswith(RELATED):
        return
    name = rel.removeprefix(RELATED)
    relation = model.relations.get((entity_set.name, name))
    if relation is None:
        raise refused(Refusal.PROPERTY_INVALID, property=name)
    inline = link.find(f"{_M}inline")
    if inline is None:
        href = link.get("href")
        if href and not href.endswith(f"/{name}"):  # ``<entity>/<name>`` only repeats where the children are
            entity.links.setdefault(name, []).append(str(href))
        return
    children = [_entry(child, relation.target, model) for child in inline.iter(f"{_A}entry") if _own(child, inline)]
    if relation.to_many:
        entity.inline[name] = children
    elif children:
        entity.inline[name] = children[0]


def elements(parent: etree._Element | None) -> list[etree._Element]:
    """The child elements, without comments and processing instructions; none of no parent."""
    return [] if parent is None else list(parent.iterchildren("*"))


def _own(entry: etree._Element, inline: etree._Element) -> bool:
    """Whether this inline element is the nearest one around the entry."""
    return next(entry.iterancestors(f"{_M}inline"), None) is inline


def _value(node: etree._Element, prop: Property) -> Any:
    if node.get(f"{_M}null") == "true":
        if not prop.facets.nullable:
            raise refused(Refusal.PROPERTY_VALUE, property=prop.name, offset=_offset(node), value="")
        return None
    if isinstance(prop.type, ComplexType):
        return _complex(node, prop.type)
    content = node.text or ""
    try:
        return prop.type.from_text(content, prop.facets)
    except NotConvertible:
        raise refused(Refusal.PROPERTY_CONVERSION, property=prop.name, offset=_offset(node)) from None
    except EdmValueError:
        raise refused(Refusal.PROPERTY_VALUE, property=prop.name, offset=_offset(node), value=content) from None


def _complex(node: etree._Element, type_: ComplexType) -> dict[str, Any]:
    values = {}
    for child in elements(node):
        name = etree.QName(child).localname
        inner = type_.by_name.get(name)
        if inner is None:
            raise refused(Refusal.PROPERTY_INVALID, property=name)
        values[name] = _value(child, inner)
    return values


def _offset(node: etree._Element) -> int:
    """The line of the element: lxml keeps no byte offsets, and no capture of an XML refusal shows one."""
    line: Any = node.sourceline
    return int(line or 0)
