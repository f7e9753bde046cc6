"""The verbose JSON of OData V2, written: ``d``, ``results``, ``__metadata``, ``__deferred``, ``__count``, ``__next``.

Compact, without a blank or a line break, because clients take the last line of a batch part as its body; property
order is the model's, navigation comes last (docs/fidelity.md "JSON").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from json.encoder import encode_basestring
from typing import Any

from sap_mock.edm.facets import Facets
from sap_mock.edm.model import ComplexType, EntitySet, EntityType, FunctionImport, Property, Relation
from sap_mock.edm.primitives import (
    Boolean,
    Byte,
    DateTime,
    DateTimeOffset,
    EdmType,
    Int16,
    Int32,
    SByte,
    String,
)  # fmt: skip
from sap_mock.formats.view import Feed, View, may_be_null, unwritable
from sap_mock.odata.addresses import entity_path, etag
from sap_mock.odata.entity import Entity
from sap_mock.odata.uri.target import EVERYTHING

_text: Callable[[str], str] = encode_basestring
_DATES = (DateTime, DateTimeOffset)
_BARE = (Byte, SByte, Int16, Int32)


class VerboseJson:
    """Writes JSON; see :class:`sap_mock.formats.view.Writer`."""

    def entry_type(self, view: View) -> str:
        return "application/json" if view.in_batch else "application/json; charset=utf-8"

    feed_type = value_type = entry_type

    def write_entry(self, entity: Entity, entity_set: EntitySet, view: View) -> bytes:
        return f'{{"d":{_entity(entity, entity_set, view)}}}'.encode()

    def write_feed(self, feed: Feed, entity_set: EntitySet, view: View) -> bytes:
        count = f'"__count":"{feed.count}",' if feed.count is not None else ""
        following = f',"__next":{_text(feed.next)}' if feed.next else ""
        results = ",".join(_entity(entity, entity_set, view) for entity in feed.entities)
        return f'{{"d":{{{count}"results":[{results}]{following}}}}}'.encode()

    def write_property(self, prop: Property, value: Any, view: View) -> bytes:
        return f'{{"d":{{{_text(prop.name)}:{value_token(prop, value)}}}}}'.encode()

    def write_link(self, target: Entity, relation: Relation, view: View) -> bytes:
        return f'{{"d":{_link(target, relation, view)}}}'.encode()

    def write_links(self, feed: Feed, relation: Relation, view: View) -> bytes:
        count = f'"__count":"{feed.count}",' if feed.count is not None else ""
        links = ",".join(_link(entity, relation, view) for entity in feed.entities)
        return f'{{"d":{{{count}"results":[{links}]}}}}'.encode()

    def write_result(self, function: FunctionImport, value: Any, view: View) -> bytes:
        returns = function.returns
        if returns is None or isinstance(returns.type, EntityType):
            raise TypeError(function.name)
        prop = Property(name=function.name, type=returns.type)
        if returns.collection:
            tokens = ",".join(value_token(prop, item) for item in value)
            return f'{{"d":{{"results":[{tokens}]}}}}'.encode()
        return f'{{"d":{{{_text(function.name)}:{value_token(prop, value)}}}}}'.encode()


def value_token(prop: Property, value: Any) -> str:
    """The JSON text of one value of a property, ``null`` for None; raises ODataError (500) where there is none."""
    try:
        return "null" if value is None and may_be_null(prop) else _token(prop.type, value, prop.facets)
    except (ValueError, TypeError, AttributeError):
        raise unwritable(prop, value) from None


def _token(type_: EdmType | ComplexType, value: Any, facets: Facets) -> str:
    if isinstance(type_, String):
        return _text(value.rstrip(" "))
    if isinstance(type_, ComplexType):
        return _complex(type_, value)
    if isinstance(type_, _DATES):
        return '"' + type_.to_json(value, facets).replace("/", "\\/") + '"'
    if isinstance(type_, Boolean):
        return "true" if value else "false"
    if isinstance(type_, _BARE):
        return str(value)
    return _text(type_.to_json(value, facets))


def _complex(type_: ComplexType, value: Mapping[str, Any]) -> str:
    members = [f"{_text(prop.name)}:{value_token(prop, value.get(prop.name))}" for prop in type_.properties]
    return "{" + ",".join([f'"__metadata":{{"type":{_text(type_.qualified_name)}}}', *members]) + "}"


def _entity(entity: Entity, entity_set: EntitySet, view: View) -> str:
    entity_type, select, values = entity_set.entity_type, view.select, entity.values
    uri = view.root + entity_path(entity_set, values)
    members = [f'{{"__metadata":{_metadata(entity, entity_type, uri)}']
    everything = select.names is None
    members += [
        f'"{prop.name}":{value_token(prop, values.get(prop.name))}'
        for prop in entity_type.properties
        if everything or select.keeps(prop.name)
    ]
    members += [
        f'"{nav.name}":{_navigation(nav.name, entity, entity_set, uri, view)}'
        for nav in entity_type.navigation
        if everything or select.keeps(nav.name)
    ]
    return ",".join(members) + "}"


def _metadata(entity: Entity, entity_type: EntityType, uri: str) -> str:
    address = _text(uri)
    members = f'"id":{address},"uri":{address},"type":{_text(entity_type.qualified_name)}'
    if entity_type.has_stream:
        stream = _text(f"{uri}/$value")
        content_type = _text(entity.media_type or "application/octet-stream")
        members += f',"content_type":{content_type},"media_src":{stream},"edit_media":{stream}'
    tag = etag(entity_type, entity.values)
    if tag:
        members += f',"etag":{_text(tag)}'
    return "{" + members + "}"


def _navigation(name: str, entity: Entity, entity_set: EntitySet, uri: str, view: View) -> str:
    if name not in entity.inline:
        return f'{{"__deferred":{{"uri":{_text(f"{uri}/{name}")}}}}}'
    inline = entity.inline[name]
    if inline is None:
        return "null"
    target = view.model.relations[entity_set.name, name].target
    below = View(
        root=view.root, model=view.model, select=view.select.below.get(name, EVERYTHING), in_batch=view.in_batch
    )
    if isinstance(inline, list):
        return '{"results":[' + ",".join(_entity(child, target, below) for child in inline) + "]}"
    return _entity(inline, target, below)


def _link(target: Entity, relation: Relation, view: View) -> str:
    return f'{{"uri":{_text(view.root + entity_path(relation.target, target.values))}}}'
