"""POST, PUT, MERGE, PATCH, DELETE: what each kind of address takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sap_mock.edm.model import ComplexType, EntitySet, Relation
from sap_mock.edm.primitives import Binary, EdmValueError
from sap_mock.formats import atom_reader, json_reader
from sap_mock.gateway.operation import Operation
from sap_mock.odata.addresses import etag
from sap_mock.odata.entity import Entity, EntityInput, Media
from sap_mock.odata.errors import Refusal, refused
from sap_mock.odata.messages import ODataResponse
from sap_mock.odata.uri import binding, query_options, resource_path
from sap_mock.odata.uri.target import TargetKind
from sap_mock.provider.exceptions import resource_not_found
from sap_mock.provider.initial_values import completed
from sap_mock.provider.request_context import RequestContext

_JSON, _XML = "json", "xml"
_BODIES = {
    "": _XML,  # a body without a Content-Type is read as Atom, as a Gateway does
    "application/json": _JSON,
    "application/atom+xml": _XML,
    "application/xml": _XML,
    "text/xml": _XML,
}


def create(operation: Operation) -> ODataResponse:
    """POST on a set, or below a navigation: 201 with Location and the entity as the data provider returned it."""
    writer = operation.writer  # refuse an unacceptable format before the data provider works
    del writer
    context = operation.context()
    if operation.request.headers.get("if-match") is not None:
        raise refused(Refusal.IF_MATCH_ON_POST, method="POST")
    if context.entity_type.has_stream and _media_type(operation) not in _BODIES:
        media = Media(content_type=operation.request.headers.get("content-type", ""), content=operation.request.body)
        entity: Entity = operation.method(context.entity_set, "create_stream")(context, media)
        return operation.entry(entity, context.entity_set, context.response, status=201)
    data = read_entry(operation, context.entity_set)
    for warning in data.warnings:
        operation.dpc.messages.add_text(warning, severity="warning")
    if data.inline:
        entity = operation.method(context.entity_set, "create_deep_entity")(context, data)
    else:
        entity = operation.method(context.entity_set, "create_entity")(context, data)
    _tie(operation, context.entity_set, entity, data)
    return operation.entry(entity, context.entity_set, context.response, status=201)


def replace(operation: Operation) -> ODataResponse:
    """PUT on an entity: what is missing in the body becomes initial. 204."""
    entity_type = operation.target.entity_set.entity_type
    data = read_entry(operation, operation.target.entity_set)
    data.values = completed(entity_type, data.values)
    return _update(operation, data)


def merge(operation: Operation) -> ODataResponse:
    """MERGE or PATCH on an entity: what is missing in the body stays, read by GET_ENTITY. 204."""
    data = read_entry(operation, operation.target.entity_set)
    current = operation.entity_at(operation.target.steps)
    data.values = _merged(current.values, data.values)
    return _update(operation, data)


def _merged(current: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(current)
    for name, value in sent.items():
        below = merged.get(name)
        merged[name] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _update(operation: Operation, data: EntityInput) -> ODataResponse:
    context = operation.context()
    operation.check_if_match(context.entity_set, lambda: operation.entity_at(operation.target.steps))
    for warning in data.warnings:
        operation.dpc.messages.add_text(warning, severity="warning")
    operation.method(context.entity_set, "update_entity")(context, data)
    if data.links:
        _tie(operation, context.entity_set, operation.entity_at(operation.target.steps), data)
    return operation.nothing(context.response, *_new_etag(operation))


def _new_etag(operation: Operation) -> tuple[tuple[str, str], ...]:
    entity_type = operation.target.entity_set.entity_type
    if not entity_type.etag_properties:
        return ()
    tag = etag(entity_type, operation.entity_at(operation.target.steps).values)
    return (("etag", tag),) if tag else ()


def delete(operation: Operation) -> ODataResponse:
    """DELETE on an entity: 204."""
    context = operation.context()
    operation.check_if_match(context.entity_set, lambda: operation.entity_at(operation.target.steps))
    operation.method(context.entity_set, "delete_entity")(context)
    return operation.nothing(context.response)


def write_property(operation: Operation) -> ODataResponse:
    """PUT, MERGE or PATCH on a property, with the property's own document as the body. 204."""
    prop = operation.target.properties[-1]
    model = operation.service.model
    if _body_kind(operation) == _JSON:
        value = json_reader.read_property(operation.request.body, prop, model, lenient=operation.lenient)
    else:
        value = atom_reader.read_property(operation.request.body, prop)
    return _update(operation, _at_path(operation, value))


def write_raw_value(operation: Operation) -> ODataResponse:
    """PUT on ``/Property/$value``: the bare text, or bytes for Edm.Binary. 204."""
    prop = operation.target.properties[-1]
    assert not isinstance(prop.type, ComplexType)  # noqa: S101 - binding gives no $value to complex properties
    body = operation.request.body
    try:
        value = body if isinstance(prop.type, Binary) else prop.type.from_text(body.decode(), prop.facets)
        prop.type.check(value, prop.facets)
    except (UnicodeDecodeError, EdmValueError):
        shown = body.decode(errors="replace")
        raise refused(Refusal.PROPERTY_VALUE, property=prop.name, offset=0, value=shown) from None
    return _update(operation, _at_path(operation, value))


def delete_value(operation: Operation) -> ODataResponse:
    """DELETE on ``/Property/$value``: null, where the property may be. 204."""
    prop = operation.target.properties[-1]
    if operation.target.properties[0].name in operation.target.entity_set.entity_type.key:
        raise refused(Refusal.METHOD_NOT_ALLOWED)
    if not prop.facets.nullable:
        raise refused(Refusal.PROPERTY_VALUE, property=prop.name, offset=0, value="")
    return _update(operation, _at_path(operation, None))


def _at_path(operation: Operation, value: Any) -> EntityInput:
    names = [prop.name for prop in operation.target.properties]
    if names[0] in operation.target.entity_set.entity_type.key:
        raise refused(Refusal.METHOD_NOT_ALLOWED)
    for name in reversed(names):
        value = {name: value}
    current = operation.entity_at(operation.target.steps)
    return EntityInput(values={names[0]: _merged(current.values, value)[names[0]]})


def write_media(operation: Operation) -> ODataResponse:
    """PUT on the stream of a media entity. 204."""
    context = operation.context()
    content_type = operation.request.headers.get("content-type", "application/octet-stream")
    media = Media(content_type=content_type, content=operation.request.body)
    operation.method(context.entity_set, "update_stream")(context, media)
    return operation.nothing(context.response)


def delete_media(operation: Operation) -> ODataResponse:
    """DELETE on the stream of a media entity. 204."""
    context = operation.context()
    operation.method(context.entity_set, "delete_stream")(context)
    return operation.nothing(context.response)


def add_link(operation: Operation) -> ODataResponse:
    """POST on ``$links`` to many, or PUT on ``$links`` to one: tie to the entity whose address is the body. 204."""
    relation = _link(operation)
    address = (
        json_reader.read_link(operation.request.body)
        if _body_kind(operation) == _JSON
        else atom_reader.read_link(operation.request.body)
    )
    source = operation.entity_at(operation.target.steps)
    operation.dpc.tie(source, relation, _addressed(operation, relation, address))
    return operation.nothing()


def remove_link(operation: Operation) -> ODataResponse:
    """DELETE on ``$links``: untie. 204."""
    relation = _link(operation)
    source = operation.entity_at(operation.target.steps)
    context = RequestContext(
        entity_set=relation.target,
        key=operation.target.link_key,
        source=(source, relation),
        headers=operation.request.headers,
    )
    target: Entity = operation.method(relation.target, "get_entity")(context)
    operation.dpc.store.untie(source, relation, target)
    return operation.nothing()


def _link(operation: Operation) -> Relation:
    assert operation.target.link is not None  # noqa: S101 - only called for kinds with one
    return operation.target.link


def _tie(operation: Operation, entity_set: EntitySet, entity: Entity, data: EntityInput) -> None:
    for name, addresses in data.links.items():
        relation = operation.service.model.relations[entity_set.name, name]
        for address in addresses:
            operation.dpc.tie(entity, relation, _addressed(operation, relation, address))
    for name, inputs in data.inline.items():
        children, sent = _listed(entity.inline.get(name)), _listed(inputs)
        if len(children) == len(sent):  # a data provider of its own may return other children than were sent
            relation = operation.service.model.relations[entity_set.name, name]
            for child, child_input in zip(children, sent, strict=True):
                _tie(operation, relation.target, child, child_input)


def _listed(inline: Any) -> list[Any]:
    if isinstance(inline, list):
        return inline
    return [] if inline is None else [inline]


def _addressed(operation: Operation, relation: Relation, address: str) -> Entity:
    """The entity at an address that a body names; raises 404 where there is none of the right type."""
    path = binding.parse_entity_address(address, operation.location.root_path)
    target = binding.bind(resource_path.parse(path), query_options.NONE, operation.service.model)
    if target.kind is not TargetKind.ENTITY or target.entity_set.name != relation.target.name:
        raise resource_not_found(relation.target.entity_type.name)
    return operation.entity_at(target.steps)


def read_entry(operation: Operation, entity_set: EntitySet) -> EntityInput:
    """The entity in the body; raises ODataError: 415 for an unknown media type, 400 for the rest."""
    if _body_kind(operation) == _JSON:
        return json_reader.read_entry(
            operation.request.body, entity_set, operation.service.model, lenient=operation.lenient
        )
    return atom_reader.read_entry(operation.request.body, entity_set, operation.service.model)


def _media_type(operation: Operation) -> str:
    return operation.request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _body_kind(operation: Operation) -> str:
    kind = _BODIES.get(_media_type(operation))
    if kind is None or "type=feed" in operation.request.headers.get("content-type", ""):  # nobody takes a feed
        raise refused(Refusal.UNSUPPORTED_MEDIA_TYPE)
    return kind
