"""Booked and never answered: the data provider has done its work, the connection closes without a byte.

A right client takes nothing for granted: it looks the document up before it sends it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sap_mock.faults.fault import Answer, Fault
from sap_mock.odata.messages import ODataRequest, ODataResponse, Transmission


class LostResponse(Fault):
    """See the module."""

    name = "lost_response"

    def around(self, request: ODataRequest, answer: Answer, settings: Mapping[str, Any]) -> ODataResponse:
        return replace(answer(request), transmission=Transmission.NEVER)
