"""Booked and never answered: the data provider has done its work, the connection closes without a byte.

A right client takes nothing for granted: it looks the document up before it sends it again.
"""

from __future__ import annotations

from dataclasses import replace

from sap_mock.faults.fault import Answer, Fault, Strike
from sap_mock.odata.messages import ODataRequest, ODataResponse, Transmission


class LostResponse(Fault):
    """See the module."""

    name = "lost_response"

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        return replace(answer(request), transmission=Transmission.NEVER)
