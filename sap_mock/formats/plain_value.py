"""``$value`` and ``$count``: text/plain, nothing around the value."""

from __future__ import annotations

from typing import Any

from sap_mock.edm.facets import ANY, Facets
from sap_mock.edm.primitives import Binary, EdmType

TEXT = "text/plain;charset=utf-8"


def write(type_: EdmType, value: Any, facets: Facets = ANY) -> tuple[str, bytes]:
    """The Content-Type and the bytes of a raw value that is not None; Edm.Binary as it is."""
    if isinstance(type_, Binary):
        return "application/octet-stream", bytes(value)
    return TEXT, type_.to_text(value, facets).encode()


def write_count(count: int) -> tuple[str, bytes]:
    """The Content-Type and the digits of a ``$count``."""
    return TEXT, str(count).encode()
