"""A $batch is answered in part: whole for HTTP, but its multipart body ends early; everything was done.

A right client counts the parts, and treats every operation without an answer as lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from sap_mock.faults.fault import Answer, Fault, Parameter, Scope, Strike
from sap_mock.odata.messages import ODataRequest, ODataResponse


class BatchCut(Fault):
    """See the module."""

    name = "batch_cut"
    parameters: ClassVar = {
        "parts": Parameter(type=int, default=1, meaning="how many parts of the answer are left", between=range(100_001))
    }

    def concerns(self, scope: Scope, settings: Mapping[str, Any]) -> bool:
        return scope.entity_set == "$batch"

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        response = answer(request)
        boundary = (response.header("content-type") or "").partition("boundary=")[2]
        delimiter = f"--{boundary}\r\n".encode()
        if not boundary or delimiter not in response.body:
            return response
        kept = response.body.split(delimiter)[: strike.settings["parts"] + 1]
        return replace(response, body=delimiter.join(kept))
