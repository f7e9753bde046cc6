"""GET: what each kind of address gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sap_mock.edm.model import ComplexType
from sap_mock.edm.primitives import EdmType
from sap_mock.formats import plain_value
from sap_mock.formats.view import Feed
from sap_mock.gateway.operation import Operation
from sap_mock.odata.addresses import etag, etag_matches
from sap_mock.odata.entity import Entity, Media
from sap_mock.odata.errors import Refusal, refused
from sap_mock.odata.messages import ODataResponse
from sap_mock.provider.request_context import RequestContext


def entity_set(operation: Operation) -> ODataResponse:
    """A feed."""
    writer = operation.writer  # refuse an unacceptable format before the data provider works
    del writer
    context = _query(operation)
    entities: list[Entity] = operation.method(context.entity_set, "get_entityset")(context)
    for entity in entities:
        operation.expand(entity, context.entity_set, operation.target.expand)
    if context.wants_inlinecount and context.response.inlinecount is None:
        context.response.inlinecount = len(entities)
    return operation.feed(entities, context.entity_set, context.response)


def entity(operation: Operation) -> ODataResponse:
    """An entry, or 304 where If-None-Match names its ETag."""
    target = operation.target
    context = operation.context(filter=target.filter, filter_string=target.options.filter or "")
    found: Entity = operation.method(context.entity_set, "get_entity")(context)
    known = operation.request.headers.get("if-none-match")
    tag = etag(context.entity_type, found.values)
    if known is not None and tag is not None and etag_matches(known, tag):
        return ODataResponse(status=304, headers=(("etag", tag), ("dataserviceversion", "2.0")))
    operation.expand(found, context.entity_set, operation.target.expand)
    return operation.entry(found, context.entity_set, context.response, status=200)


def count(operation: Operation) -> ODataResponse:
    """``/$count``: digits only, after $filter."""
    context = _query(operation, count_only=True)
    entities: list[Entity] = operation.method(context.entity_set, "get_entityset")(context)
    total = context.response.inlinecount
    content_type, body = plain_value.write_count(len(entities) if total is None else total)
    return operation.body(content_type, body)


def entity_count(operation: Operation) -> ODataResponse:
    """``/$count`` behind one entity: 1, or 404."""
    operation.entity_at(operation.target.steps)
    content_type, body = plain_value.write_count(1)
    return operation.body(content_type, body)


def property_(operation: Operation) -> ODataResponse:
    """One property, primitive or complex."""
    value = property_value(operation)
    prop = operation.target.properties[-1]
    body = operation.writer.write_property(prop, value, operation.view)
    return operation.body(operation.writer.value_type(operation.view), body)


def raw_value(operation: Operation) -> ODataResponse:
    """``/Property/$value``: the bare text, 404 where it is null ([MS-ODATA] 2.2.6.5.5)."""
    value = property_value(operation)
    prop = operation.target.properties[-1]
    if value is None or not isinstance(prop.type, EdmType):
        raise refused(Refusal.SEGMENT_UNKNOWN, segment=prop.name)
    content_type, body = plain_value.write(prop.type, value, prop.facets)
    return operation.body(content_type, body)


def property_value(operation: Operation) -> Any:
    """The value that the property path of the address leads to."""
    found: Any = operation.entity_at(operation.target.steps).values
    for prop in operation.target.properties:
        found = found.get(prop.name) if isinstance(found, Mapping) else None
    return found


def media(operation: Operation) -> ODataResponse:
    """The stream of a media entity."""
    context = operation.context()
    stream: Media = operation.method(context.entity_set, "get_stream")(context)
    return operation.body(stream.content_type, stream.content)


def links(operation: Operation) -> ODataResponse:
    """``$links`` to many: the addresses of related entities."""
    relation = operation.target.link
    assert relation is not None  # noqa: S101 - the kind LINKS always has one
    context = _linked(operation)
    entities: list[Entity] = operation.method(relation.target, "get_entityset")(context)
    feed = Feed(entities=entities, count=context.response.inlinecount if context.wants_inlinecount else None)
    body = operation.writer.write_links(feed, relation, operation.view)
    return operation.body(operation.writer.value_type(operation.view), body)


def link(operation: Operation) -> ODataResponse:
    """``$links`` to one: the address of the related entity."""
    relation = operation.target.link
    assert relation is not None  # noqa: S101 - the kind LINK always has one
    found: Entity = operation.method(relation.target, "get_entity")(_linked(operation))
    body = operation.writer.write_link(found, relation, operation.view)
    return operation.body(operation.writer.value_type(operation.view), body)


def links_count(operation: Operation) -> ODataResponse:
    """``$links/…/$count``."""
    relation = operation.target.link
    assert relation is not None  # noqa: S101 - the kind LINKS_COUNT always has one
    context = _linked(operation, count_only=True)
    entities: list[Entity] = operation.method(relation.target, "get_entityset")(context)
    total = context.response.inlinecount
    content_type, body = plain_value.write_count(len(entities) if total is None else total)
    return operation.body(content_type, body)


def _query(operation: Operation, *, count_only: bool = False) -> RequestContext:
    target = operation.target
    options = target.options
    return operation.context(
        filter=target.filter,
        filter_string=options.filter or "",
        order=target.order,
        top=options.top,
        skip=options.skip,
        skiptoken=options.skiptoken,
        wants_inlinecount=options.inlinecount,
        count_only=count_only,
    )


def _linked(operation: Operation, *, count_only: bool = False) -> RequestContext:
    target = operation.target
    relation = target.link
    assert relation is not None  # noqa: S101 - only called for kinds with one
    return RequestContext(
        entity_set=relation.target,
        key=target.link_key,
        source=(operation.entity_at(target.steps), relation),
        filter=target.filter,
        filter_string=target.options.filter or "",
        order=target.order,
        top=target.options.top,
        skip=target.options.skip,
        wants_inlinecount=target.options.inlinecount,
        count_only=count_only,
        headers=operation.request.headers,
    )


def function(operation: Operation) -> ODataResponse:
    """A function import: an entity, a collection, a value, or 204 for nothing."""
    target = operation.target
    called = target.function
    assert called is not None  # noqa: S101 - the function kinds always have one
    context = _action(operation)
    result = operation.dpc.execute_action(context)
    if called.returns is None or result is None:
        return operation.nothing(context.response)
    if target.steps and isinstance(result, Entity):
        operation.expand(result, target.entity_set, target.expand)
        return operation.entry(result, target.entity_set, context.response, status=200)
    if target.steps and called.returns.collection and not isinstance(called.returns.type, EdmType | ComplexType):
        for one in result:
            operation.expand(one, target.entity_set, target.expand)
        return operation.feed(result, target.entity_set, context.response)
    body = operation.writer.write_result(called, result, operation.view)
    return operation.body(
        operation.writer.value_type(operation.view),
        body,
        status=context.response.status or 200,
        headers=context.response.headers,
    )


def function_value(operation: Operation) -> ODataResponse:
    """The bare value of a function that returns one primitive."""
    called = operation.target.function
    assert called is not None  # noqa: S101 - the function kinds always have one
    result = operation.dpc.execute_action(_action(operation))
    if result is None or called.returns is None or not isinstance(called.returns.type, EdmType):
        raise refused(Refusal.SEGMENT_UNKNOWN, segment="$value")
    content_type, body = plain_value.write(called.returns.type, result)
    return operation.body(content_type, body)


def _action(operation: Operation) -> RequestContext:
    target = operation.target
    assert target.function is not None  # noqa: S101 - the function kinds always have one
    sets = operation.service.model.entity_sets
    entity_set_ = target.entity_set if target.steps else next(iter(sets.values()))
    return RequestContext(
        entity_set=entity_set_,
        action=target.function.name,
        parameters=target.arguments,
        custom_options=target.options.custom,
        headers=operation.request.headers,
    )
