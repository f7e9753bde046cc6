"""One operation on its way: what was asked, who serves it, and what every kind of answer shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sap_mock.edm.model import EntitySet
from sap_mock.formats.atom import Atom
from sap_mock.formats.verbose_json import VerboseJson
from sap_mock.formats.view import Feed, View, Writer
from sap_mock.odata.addresses import entity_path, etag, etag_matches
from sap_mock.odata.entity import Entity
from sap_mock.odata.errors import ODataError, Refusal, refused
from sap_mock.odata.messages import ODataRequest, ODataResponse
from sap_mock.odata.negotiation import Format, choose
from sap_mock.odata.uri.target import Expand, Step, Target
from sap_mock.provider.catalog import Location, Service
from sap_mock.provider.data_provider import Dpc
from sap_mock.provider.request_context import RequestContext, ResponseContext

_WRITERS: dict[Format, Writer] = {Format.ATOM: Atom(), Format.JSON: VerboseJson()}
_NO_STORE = ("cache-control", "no-store, no-cache")
_VERSION = ("dataserviceversion", "2.0")


@dataclass(kw_only=True)
class Operation:
    """What a handler of the dispatch table works with."""

    request: ODataRequest
    location: Location
    target: Target
    dpc: Dpc
    lenient: bool = False

    @property
    def service(self) -> Service:
        """The service that was addressed."""
        return self.location.service

    @property
    def root(self) -> str:
        """The service's absolute address as the caller spelled it, with its trailing slash."""
        return self.request.origin + self.location.root_path

    @property
    def writer(self) -> Writer:
        """The format of the answer; raises ODataError (406) where none is acceptable."""
        return _WRITERS[choose(self.target.options.format, self.request.headers.get("accept"))]

    @property
    def view(self) -> View:
        """How entities are shown in the answer."""
        return View(root=self.root, model=self.service.model, select=self.target.select, in_batch=self.request.in_batch)

    def method(self, entity_set: EntitySet, operation: str) -> Callable[..., Any]:
        """The data provider's method for an operation on a set."""
        return self.dpc.method(entity_set, operation)

    def context(self, **more: Any) -> RequestContext:
        """What the data provider is told about the last step of the address."""
        target = self.target
        step = target.steps[-1]
        return RequestContext(
            entity_set=step.entity_set,
            key=step.key,
            source=self._source(target.steps),
            expand=target.expand,
            custom_options=target.options.custom,
            headers=self.request.headers,
            origin=self.request.origin,
            **more,
        )

    def _source(self, steps: Sequence[Step]) -> Any:
        relation = steps[-1].relation
        return (self.entity_at(steps[:-1]), relation) if relation is not None else None

    def entity_at(self, steps: Sequence[Step]) -> Entity:
        """The entity that steps lead to, read by the data provider of its set; raises 404."""
        step = steps[-1]
        context = RequestContext(
            entity_set=step.entity_set,
            key=step.key,
            source=self._source(steps),
            headers=self.request.headers,
            origin=self.request.origin,
        )
        entity: Entity = self.method(step.entity_set, "get_entity")(context)
        return entity

    # Answers ---------------------------------------------------------------------------------------------------

    def body(
        self, content_type: str, body: bytes, *, status: int = 200, headers: Sequence[tuple[str, str]] = ()
    ) -> ODataResponse:
        """An answer with a body."""
        modified = (("sap-metadata-last-modified", self.service.last_modified),) if status == 200 else ()
        fields = (("content-type", content_type), *headers, *modified, _VERSION, _NO_STORE, *self.messages())
        return ODataResponse(status=status, headers=fields, body=body, provided=True)

    def nothing(self, response: ResponseContext | None = None, *headers: tuple[str, str]) -> ODataResponse:
        """204, or the status that the data provider set, without a body."""
        status = (response.status if response else None) or 204
        extra = tuple(response.headers) if response else ()
        kind = (("content-type", "text/html"),) if self.request.in_batch else ()
        fields = (*kind, *headers, *extra, _VERSION, *self.messages())
        return ODataResponse(status=status, headers=fields, provided=True)

    def messages(self) -> tuple[tuple[str, str], ...]:
        """The ``sap-message`` header of what the data provider left behind on success."""
        header = self.dpc.messages.header()
        return (("sap-message", header),) if header else ()

    def entry(self, entity: Entity, entity_set: EntitySet, response: ResponseContext, *, status: int) -> ODataResponse:
        """One entity as the answer, with its ETag."""
        tag = etag(entity_set.entity_type, entity.values)
        headers = [("etag", tag)] if tag else []
        if status == 201:
            headers.insert(0, ("location", self.root + entity_path(entity_set, entity.values)))
        writer, view = self.writer, self.view
        return self.body(
            writer.entry_type(view),
            writer.write_entry(entity, entity_set, view),
            status=response.status or status,
            headers=[*headers, *response.headers],
        )

    def feed(self, entities: list[Entity], entity_set: EntitySet, response: ResponseContext) -> ODataResponse:
        """A collection as the answer."""
        count = response.inlinecount if self.target.options.inlinecount else None
        following = self._next(response.skiptoken) if response.skiptoken else None
        feed = Feed(entities=entities, count=count, next=following)
        writer, view = self.writer, self.view
        return self.body(
            writer.feed_type(view),
            writer.write_feed(feed, entity_set, view),
            headers=response.headers,
        )

    def _next(self, skiptoken: str) -> str:
        kept = [
            pair
            for pair in self.request.query.split("&")
            if pair and pair.partition("=")[0] not in ("$skiptoken", "%24skiptoken", "$skip", "%24skip")
        ]
        path = quote(self.location.behind, safe="/()'=,$")
        return f"{self.root}{path}?{'&'.join([*kept, f'$skiptoken={skiptoken}'])}"

    def expand(self, entity: Entity, entity_set: EntitySet, expand: Expand) -> None:
        """Include what $expand asks for, reading each relation through the data provider of its set."""
        for name, (relation, below) in expand.relations.items():
            if name not in entity.inline:
                context = RequestContext(
                    entity_set=relation.target,
                    source=(entity, relation),
                    headers=self.request.headers,
                    origin=self.request.origin,
                )
                entity.inline[name] = self._related(context)
            inline = entity.inline[name]
            for child in inline if isinstance(inline, list) else [inline] if inline is not None else []:
                self.expand(child, relation.target, below)

    def _related(self, context: RequestContext) -> list[Entity] | Entity | None:
        assert context.source is not None  # noqa: S101 - expand always comes from somewhere
        if context.source[1].to_many:
            entities: list[Entity] = self.method(context.entity_set, "get_entityset")(context)
            return entities
        try:
            entity: Entity = self.method(context.entity_set, "get_entity")(context)
        except ODataError as error:
            if error.refusal is Refusal.ENTITY_UNKNOWN:
                return None
            raise
        return entity

    def check_if_match(self, entity_set: EntitySet, read: Callable[[], Entity]) -> None:
        """Raise 428 without and 412 with the wrong If-Match where the type has an ETag; elsewhere it is ignored."""
        if not entity_set.entity_type.etag_properties:
            return
        wanted = self.request.headers.get("if-match")
        if wanted is None:
            raise refused(Refusal.IF_MATCH_REQUIRED)
        if not etag_matches(wanted, etag(entity_set.entity_type, read().values) or ""):
            raise refused(Refusal.IF_MATCH_DIFFERS)
