"""An opaque place to go on from: the key of the last entity of a page, as text that survives a URI."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from sap_mock.edm.model import EntityType
from sap_mock.edm.primitives import EdmType, EdmValueError
from sap_mock.odata.errors import Refusal, refused


def write(entity_type: EntityType, values: Mapping[str, Any]) -> str:
    """The token behind an entity."""
    parts = [
        prop.type.to_text(values[prop.name]) for prop in entity_type.key_properties if isinstance(prop.type, EdmType)
    ]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def read(token: str, entity_type: EntityType) -> dict[str, Any]:
    """The key that a token holds; raises ODataError (400) for a token that is none of ours."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        key = {}
        for prop, text in zip(entity_type.key_properties, parts, strict=True):
            if isinstance(prop.type, EdmType):
                key[prop.name] = prop.type.from_text(text)
    except (binascii.Error, ValueError, TypeError, EdmValueError):
        raise refused(Refusal.OPTION_VALUE) from None
    return key
