"""The custom option ``search`` of a set with sap:searchable: a text found in any text property, whatever its case.

SAP Annotations for OData V2, "sap:searchable"; the option has no ``$``, as SAP's clients send it. What a search looks
at is each data provider's own choice; this is the default's.
"""

from __future__ import annotations

from functools import reduce

from sap_mock.edm.model import EntitySet
from sap_mock.edm.primitives import TYPES
from sap_mock.odata.uri.expressions import Binary, Call, Expression, Literal, Member
from sap_mock.provider.request_context import RequestContext

_STRING, _BOOLEAN = TYPES["Edm.String"], TYPES["Edm.Boolean"]


def condition(context: RequestContext) -> Expression | None:
    """The request's $filter and its ``search`` together; None where there is neither."""
    text = context.custom_options.get("search", "").strip().strip('"')
    if not text or context.entity_set.sap.get("searchable") != "true":
        return context.filter
    found = _found(text.lower(), context.entity_set)
    if found is None or context.filter is None:
        return found or context.filter
    return Binary("and", context.filter, found, _BOOLEAN)


def _found(text: str, entity_set: EntitySet) -> Expression | None:
    wanted = Literal(_STRING, text)
    places: list[Expression] = [
        Call("substringof", (wanted, Call("tolower", (Member((prop,)),), _STRING)), _BOOLEAN)
        for prop in entity_set.entity_type.properties
        if prop.type is _STRING
    ]
    return reduce(lambda left, right: Binary("or", left, right, _BOOLEAN), places) if places else None
