"""Atom feeds and entries, written ([MS-ODATA] 2.2.6.2; the element order is a Gateway's, docs/fidelity.md "Atom")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sap_mock import clock
from sap_mock.edm.model import (
    ComplexType,
    EntitySet,
    EntityType,
    FunctionImport,
    NavigationProperty,
    Property,
    Relation,
)
from sap_mock.edm.primitives import DateTime, String
from sap_mock.formats.view import Feed, View, may_be_null, unwritable
from sap_mock.formats.xml_text import ATOM, DECLARATION, RELATED, SCHEME, D, M, attribute, text
from sap_mock.odata.addresses import entity_path, etag
from sap_mock.odata.entity import Entity
from sap_mock.odata.uri.target import EVERYTHING

_ELEMENT = re.compile(r"[^\W\d][\w.-]*\Z")
_NAMESPACES = f'xmlns="{ATOM}" xmlns:m="{M}" xmlns:d="{D}"'


class Atom:
    """Writes Atom XML; see :class:`sap_mock.formats.view.Writer`."""

    def entry_type(self, view: View) -> str:
        return "application/atom+xml;type=entry" + ("" if view.in_batch else "; charset=utf-8")

    def feed_type(self, view: View) -> str:
        return "application/atom+xml;type=feed" + ("" if view.in_batch else "; charset=utf-8")

    def value_type(self, view: View) -> str:
        return "application/xml" + ("" if view.in_batch else "; charset=utf-8")

    def write_entry(self, entity: Entity, entity_set: EntitySet, view: View) -> bytes:
        return (DECLARATION + _entry(entity, entity_set, view, root=True)).encode()

    def write_feed(self, feed: Feed, entity_set: EntitySet, view: View) -> bytes:
        return (DECLARATION + _feed(feed, entity_set.name, entity_set, view, root=True)).encode()

    def write_property(self, prop: Property, value: Any, view: View) -> bytes:
        return (DECLARATION + _value(prop.name, prop, value, root=True)).encode()

    def write_link(self, target: Entity, relation: Relation, view: View) -> bytes:
        return f'{DECLARATION}<uri xmlns="{D}">{_address(target, relation, view)}</uri>'.encode()

    def write_links(self, feed: Feed, relation: Relation, view: View) -> bytes:
        count = f'<m:count xmlns:m="{M}">{feed.count}</m:count>' if feed.count is not None else ""
        links = "".join(f"<uri>{_address(entity, relation, view)}</uri>" for entity in feed.entities)
        return f'{DECLARATION}<links xmlns="{D}">{count}{links}</links>'.encode()

    def write_result(self, function: FunctionImport, value: Any, view: View) -> bytes:
        returns = function.returns
        if returns is None or isinstance(returns.type, EntityType):
            raise TypeError(function.name)
        prop = Property(name="element" if returns.collection else function.name, type=returns.type)
        if not returns.collection:
            return (DECLARATION + _value(prop.name, prop, value, root=True)).encode()
        items = "".join(_value("d:element", prop, item) for item in value)
        return f'{DECLARATION}<d:{function.name} xmlns:d="{D}" xmlns:m="{M}">{items}</d:{function.name}>'.encode()


def _address(entity: Entity, relation: Relation, view: View) -> str:
    return text(view.root + entity_path(relation.target, entity.values))


def _updated() -> str:
    return clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _feed(feed: Feed, path: str, entity_set: EntitySet, view: View, *, root: bool = False) -> str:
    base = f" {_NAMESPACES} xml:base={attribute(view.root)}" if root else ""
    count = f"<m:count>{feed.count}</m:count>" if feed.count is not None else ""
    following = f'<link rel="next" href={attribute(feed.next)}/>' if feed.next else ""
    entries = "".join(_entry(entity, entity_set, view) for entity in feed.entities)
    return (
        f'<feed{base}><id>{text(view.root + path)}</id><title type="text">{text(entity_set.name)}</title>'
        f"<updated>{_updated()}</updated><author><name/></author>"
        f'<link href={attribute(path)} rel="self" title={attribute(entity_set.name)}/>'
        f"{count}{entries}{following}</feed>"
    )


def _entry(entity: Entity, entity_set: EntitySet, view: View, *, root: bool = False) -> str:
    entity_type, path = entity_set.entity_type, entity_path(entity_set, entity.values)
    base = f" {_NAMESPACES} xml:base={attribute(view.root)}" if root else ""
    tag = etag(entity_type, entity.values)
    etag_attribute = f" m:etag={attribute(tag)}" if tag else ""
    mapped = _mapped(entity_type, entity)
    own = "".join(
        f"<own:{prop.feed_target} xmlns:own={attribute(prop.feed_namespace)}>{text(mapped.get(prop.feed_target, ''))}"
        f"</own:{prop.feed_target}>"
        for prop in entity_type.properties
        if prop.feed_namespace and _ELEMENT.match(prop.feed_target)
    )
    parts = [
        f"<entry{base}{etag_attribute}><id>{text(view.root + path)}</id>",
        f'<title type="text">{text(mapped.get("SyndicationTitle", path))}</title>',
        f"<updated>{text(mapped.get('SyndicationUpdated', _updated()))}</updated>{_author(mapped)}{own}",
        f'<category term={attribute(entity_type.qualified_name)} scheme="{SCHEME}"/>',
        f'<link href={attribute(path)} rel="{_self_or_edit(entity_set)}" title={attribute(entity_type.name)}/>',
    ]
    if entity_type.has_stream:
        parts.append(f'<link href={attribute(f"{path}/$value")} rel="edit-media"')
        parts.append(f" type={attribute(entity.media_type or 'application/octet-stream')}/>")
    parts.extend(
        _link(nav, entity, entity_set, path, view) for nav in entity_type.navigation if view.select.keeps(nav.name)
    )
    properties = "".join(
        _value(f"d:{prop.name}", prop, entity.values.get(prop.name))
        for prop in entity_type.properties
        if view.select.keeps(prop.name)
    )
    if entity_type.has_stream:
        media_type = attribute(entity.media_type or "application/octet-stream")
        parts.append(f"<content type={media_type} src={attribute(f'{path}/$value')}/>")
        parts.append(f"<m:properties>{properties}</m:properties></entry>")
    else:
        parts.append(f'<content type="application/xml"><m:properties>{properties}</m:properties></content></entry>')
    return "".join(parts)


def _mapped(entity_type: EntityType, entity: Entity) -> dict[str, str]:
    """What properties say of the entry itself: m:FC_TargetPath → text ([MC-CSDL] 2.1.3, "set_as_title" in SEGW).

    They stand among the properties as well, whatever m:FC_KeepInContent says, so that every reader finds them.
    """
    found = {}
    for prop in entity_type.properties:
        value = entity.values.get(prop.name) if prop.feed_target else None
        if value is not None and not isinstance(prop.type, ComplexType):
            shown = prop.type.to_text(value, prop.facets)
            found[prop.feed_target] = f"{shown}Z" if isinstance(prop.type, DateTime) else shown
    return found


def _author(mapped: Mapping[str, str]) -> str:
    parts = "".join(
        f"<{part}>{text(mapped[target])}</{part}>"
        for part, target in (("name", "SyndicationAuthorName"), ("uri", "SyndicationAuthorUri"),
                             ("email", "SyndicationAuthorEmail"))
        if target in mapped
    )  # fmt: skip
    return f"<author>{parts}</author>" if parts else ""


def _self_or_edit(entity_set: EntitySet) -> str:
    """``self`` where the set is neither updatable nor deletable (captured on the catalogue service)."""
    closed = all(entity_set.sap.get(flag) == "false" for flag in ("updatable", "deletable"))
    return "self" if closed else "edit"


def _link(nav: NavigationProperty, entity: Entity, entity_set: EntitySet, path: str, view: View) -> str:
    relation = view.model.relations.get((entity_set.name, nav.name))
    kind = "feed" if relation is not None and relation.to_many else "entry"
    opening = (
        f'<link href={attribute(f"{path}/{nav.name}")} rel="{RELATED}{nav.name}" '
        f'type="application/atom+xml;type={kind}" title={attribute(nav.name)}'
    )
    if nav.name not in entity.inline or relation is None:
        return opening + "/>"
    inline = entity.inline[nav.name]
    below = View(
        root=view.root, model=view.model, select=view.select.below.get(nav.name, EVERYTHING), in_batch=view.in_batch
    )
    if isinstance(inline, list):
        content = _feed(Feed(entities=inline), f"{path}/{nav.name}", relation.target, below)
    else:
        content = _entry(inline, relation.target, below) if inline is not None else ""
    return f"{opening}><m:inline>{content}</m:inline></link>" if content else f"{opening}><m:inline/></link>"


def _value(name: str, prop: Property, value: Any, *, root: bool = False) -> str:
    """One property as an element; ``root`` makes it a document of its own, in the d: namespace."""
    try:
        return _element(name, prop, value, root=root)
    except (ValueError, TypeError, AttributeError):
        raise unwritable(prop, value) from None


def _element(name: str, prop: Property, value: Any, *, root: bool) -> str:
    attributes = f' xmlns:m="{M}" xmlns:d="{D}"' if root else ""
    name = f"d:{name}" if root else name
    type_ = prop.type
    if value is None and may_be_null(prop):
        return f'<{name}{attributes} m:null="true"/>'
    if isinstance(type_, ComplexType):
        members = _members(type_, value)
        return f"<{name}{attributes} m:type={attribute(type_.qualified_name)}>{members}</{name}>"
    content = value.rstrip(" ") if isinstance(type_, String) else type_.to_text(value, prop.facets)
    return f"<{name}{attributes}>{text(content)}</{name}>" if content else f"<{name}{attributes}/>"


def _members(type_: ComplexType, value: Mapping[str, Any]) -> str:
    return "".join(_value(f"d:{prop.name}", prop, value.get(prop.name)) for prop in type_.properties)
