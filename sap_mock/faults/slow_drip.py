"""The answer comes a few bytes at a time; everything was done, and everything arrives, if one waits.

A right client has a deadline for the whole answer: a time-out between bytes alone never ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from sap_mock.faults.fault import Answer, Fault, Parameter, Scope, Strike
from sap_mock.odata.messages import ODataRequest, ODataResponse, Transmission


class SlowDrip(Fault):
    """See the module."""

    name = "slow_drip"
    parameters: ClassVar = {
        "bytes_per_second": Parameter(
            type=int, default=100, meaning="how fast the body comes", between=range(1, 1_000_001)
        )
    }

    def concerns(self, scope: Scope, settings: Mapping[str, Any]) -> bool:
        return scope.method != "HEAD"  # whose answer has no body

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        pace = strike.settings["bytes_per_second"]
        return replace(answer(request), transmission=Transmission.DRIP, amount=pace)
