"""The answer breaks off in the middle of its body and the connection closes; everything was done.

A right client notices the missing bytes and treats the answer as lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from sap_mock.faults.fault import Answer, Fault, Parameter, Scope, Strike
from sap_mock.odata.messages import ODataRequest, ODataResponse, Transmission


class CutBody(Fault):
    """See the module."""

    name = "cut_body"
    parameters: ClassVar = {
        "percent": Parameter(type=int, default=50, meaning="how much of the body is sent", between=range(100))
    }

    def concerns(self, scope: Scope, settings: Mapping[str, Any]) -> bool:
        return scope.method != "HEAD"  # whose answer has no body

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        return replace(answer(request), transmission=Transmission.CUT, amount=strike.settings["percent"])
