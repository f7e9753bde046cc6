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
from sap_mock.provider import select_options
from sap_mock.provider.select_options import SelectOptions


@dataclass(slots=True, kw_only=True)
class ResponseContext:
    """What a method hands back besides data: ``inlinecount`` for $inlinecount, ``skiptoken`` where a page ends."""

    inlinecount: int | None = None
    skiptoken: str | None = None
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class RequestContext:
    """One call of one method.

    ``key`` (GET_CONVERTED_KEYS) is typed and in key order; ``source`` (GET_NAVIGATION_PATH and
    GET_CONVERTED_SOURCE_KEYS) is the entity and the relation that a navigation came by; ``filter`` is the whole
    expression and ``filter_string`` its text (IV_FILTER_STRING); ``order``, ``top``, ``skip`` and ``skiptoken`` are
    GET_ORDERBY, GET_TOP, GET_SKIP and GET_SKIPTOKEN; ``wants_inlinecount`` is HAS_INLINECOUNT and ``count_only`` is
    HAS_COUNT: only ``response.inlinecount`` is wanted (``/$count``). ``expand`` is GET_EXPAND. ``action`` and
    ``parameters`` are the name of a function import and its typed parameters, those left out missing.
    ``custom_options`` are the query options without a ``$``; ``headers`` those of GET_REQUEST_HEADERS; ``origin`` the
    scheme, host and port that the caller used.
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

    def select_options(self) -> SelectOptions:
        """$filter as ``get_filter( )->get_filter_select_options( )`` gives it: property → rows of its range.

        Empty without $filter and where ranges cannot say it; then ``filter`` and ``filter_string`` hold it. The rules
        and ABAP's ``IN`` are in :mod:`sap_mock.provider.select_options`.
        """
        return select_options.select_options(self.filter)

    def set_response_status(self, status: int) -> None:
        """Answer with this HTTP status instead of the usual one, as SAP's SET_RESPONSE_STATUS does."""
        self.response.status = status

    def set_header(self, name: str, value: str) -> None:
        """Add a header field to the answer."""
        self.response.headers.append((name, value))
