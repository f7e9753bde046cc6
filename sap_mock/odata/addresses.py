"""Entities → their addresses and ETags; the reverse of ``uri.resource_path`` and ``uri.binding``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sap_mock.edm.model import EntitySet, EntityType
from sap_mock.edm.primitives import EdmType


def key_predicate(entity_type: EntityType, values: Mapping[str, Any]) -> str:
    """``('1')``, or ``(A='1',B=2)`` for a composite key, percent-encoded as a Gateway prints it in ``__metadata``."""
    properties = entity_type.key_properties
    if len(properties) == 1:
        return f"({_literal(properties[0].type, values[properties[0].name])})"
    parts = (f"{prop.name}={_literal(prop.type, values[prop.name])}" for prop in properties)
    return f"({','.join(parts)})"


def entity_path(entity_set: EntitySet, values: Mapping[str, Any]) -> str:
    """The address of an entity relative to its service's root: ``Invoices('1')``."""
    return entity_set.address + key_predicate(entity_set.entity_type, values)


def etag(entity_type: EntityType, values: Mapping[str, Any]) -> str | None:
    """``W/"datetime'2015-02-03T21%3A07%3A03'"``, or None when the type has no ETag property.

    Always weak, the literal percent-encoded inside (captured; docs/fidelity.md "ETag").
    """
    properties = entity_type.etag_properties
    if not properties:
        return None
    return f'W/"{",".join(_literal(prop.type, values.get(prop.name)) for prop in properties)}"'


def etag_matches(candidates: str, current: str) -> bool:
    """Whether an If-Match or If-None-Match field names the current ETag; ``*`` names any. Weak comparison."""
    if candidates.strip() == "*":
        return True
    wanted = _opaque(current)
    return any(_opaque(candidate) == wanted for candidate in candidates.split('",'))


def _opaque(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip().strip('"')


def _literal(type_: Any, value: Any) -> str:
    assert isinstance(type_, EdmType)  # noqa: S101 - keys and ETags are of primitive type ([MC-CSDL] 2.1.5)
    return "null" if value is None else type_.to_uri(value)
