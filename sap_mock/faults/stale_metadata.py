"""$metadata from a cache that does not know the newest property yet, as after a transport; the service knows it.

A right client reads $metadata for what it needs, says what is missing, and sends nothing in the dark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from sap_mock.faults.fault import Answer, Fault, Parameter, Scope, Strike
from sap_mock.odata.messages import ODataRequest, ODataResponse

_PROPERTY = re.compile(rb'<Property Name="([^"]+)"[^>]*?(?:/>|>.*?</Property>)', re.DOTALL)
_LONG_AGO = "Thu, 01 Jan 2015 00:00:00 GMT"


class StaleMetadata(Fault):
    """See the module."""

    name = "stale_metadata"
    parameters: ClassVar = {
        "property": Parameter(
            type=str, default="", meaning="the property that is missing; the last one if none is named"
        )
    }

    def concerns(self, scope: Scope, settings: Mapping[str, Any]) -> bool:
        return scope.entity_set == "$metadata"

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        response = answer(request)
        found = list(_PROPERTY.finditer(response.body))
        name = strike.settings["property"].encode() or (found[-1][1] if found else b"")
        body = _PROPERTY.sub(lambda match: b"" if match[1] == name else match[0], response.body)
        fields = tuple((field, _LONG_AGO if field == "last-modified" else value) for field, value in response.headers)
        return replace(response, body=body, headers=fields)
