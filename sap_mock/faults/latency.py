"""The answer comes late: the work is done first, then time passes.

A right client has a time-out on every call, longer than what is usual and shorter than for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import sleep
from typing import Any, ClassVar

from sap_mock.faults.fault import Answer, Fault, Parameter
from sap_mock.odata.messages import ODataRequest, ODataResponse


class Latency(Fault):
    """See the module."""

    name = "latency"
    parameters: ClassVar = {
        "milliseconds": Parameter(
            type=int, default=200, meaning="how long the answer is held back", between=range(600_001)
        )
    }

    def around(self, request: ODataRequest, answer: Answer, settings: Mapping[str, Any]) -> ODataResponse:
        response = answer(request)
        sleep(settings["milliseconds"] / 1000)
        return response
