"""What a data provider's method is told about the request, as SAP's ``io_tech_request_context`` tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sap_mock.edm.model import EntitySet, EntityType, Relation
from sap_mock.odata.entity import Entity, Key
from sap_mock.odata.messages import Headers
from sap_mock.odata.uri.expressions import Expression, Order
from sap_mock.odata.uri.target import NO_EXPAND, Expand


@dataclass(slots=True, kw_only=True)
class ResponseContext:
    """What a method hands back besides data: ``inlinecount`` for $inlinecount, ``skiptoken`` where a page ends."""

    inlinecount: int | None = None
    skiptoken: str | None = None
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """One call of one method.

    ``key`` is typed and in key order; ``source`` is the entity and the relation that a navigation came by;
    ``origin`` is the scheme, host and port that the caller used;
    ``count_only`` means that only ``response.inlinecount`` is wanted (``/$count``).
    """

    entity_set: EntitySet
    key: Key | None = None
    source: tuple[Entity, Relation] | None = None
    filter: Expression | None = None
    filter_string: str = ""
    order: tuple[Order, ...] = ()
    top: int | None = None
    skip: int | None = None
    skiptoken: str | None = None
    wants_inlinecount: bool = False
    count_only: bool = False
    expand: Expand = NO_EXPAND
    action: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    custom_options: Mapping[str, str] = field(default_factory=dict)
    headers: Headers = field(default_factory=Headers)
    origin: str = ""
    response: ResponseContext = field(default_factory=ResponseContext)

    @property
    def entity_type(self) -> EntityType:
        """The type of the entity set."""
        return self.entity_set.entity_type

    def set_response_status(self, status: int) -> None:
        """Answer with this HTTP status instead of the usual one, as SAP's SET_RESPONSE_STATUS does."""
        self.response.status = status

    def set_header(self, name: str, value: str) -> None:
        """Add a header field to the answer."""
        self.response.headers.append((name, value))
