"""The sap: annotations that a service repeats outside $metadata, with their defaults. SAP takes them as hints only.

A missing annotation means its default (SAP Annotations for OData V2, "Elements edm:EntitySet"), which SEGW does not
print. The order is the one that SAP's own documents have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sap_mock.edm.model import EntitySet

_DEFAULTS = {
    "creatable": "true",
    "updatable": "true",
    "deletable": "true",
    "searchable": "false",
    "pageable": "true",
    "addressable": "true",
    "countable": "true",
    "topable": "true",
    "requires-filter": "false",
}


def entity_set_flags(entity_set: EntitySet) -> Mapping[str, str]:
    """What SEGW prints of an entity set in the service document: flags other than their default, then the version.

    Local names → values, in printing order; ``{"creatable": "false", "content-version": "1"}``.
    """
    flags = {
        name: entity_set.sap[name]
        for name, default in _DEFAULTS.items()
        if entity_set.sap.get(name, default) != default
    }
    return {**flags, "content-version": entity_set.sap.get("content-version", "1")}
