"""A refusal instead of an answer, in SAP's envelope; nothing was done.

In a $batch it strikes the batch as a whole, or single operations: both are requests that a scope may name. A right
client reads the code and the text, repeats a 503 later (``retry_after``), and never repeats a 400.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sap_mock.faults.fault import Answer, Fault, Parameter
from sap_mock.odata.errors import ODataError
from sap_mock.odata.messages import ODataRequest, ODataResponse


class HttpError(Fault):
    """See the module."""

    name = "http_error"
    parameters: ClassVar = {
        "status": Parameter(type=int, default=500, meaning="the HTTP status", between=range(400, 600)),
        "code": Parameter(type=str, default="/IWFND/CM_BEC/026", meaning="SAP's code"),
        "text": Parameter(
            type=str, default="RFC Error: An exception occurred that was not caught.", meaning="the text"
        ),
        "retry_after": Parameter(
            type=int, default=0, meaning="seconds for a Retry-After header; 0 sends none", between=range(86_401)
        ),
    }

    def around(self, request: ODataRequest, answer: Answer, settings: Mapping[str, Any]) -> ODataResponse:
        raise self.refusal(settings)

    def refusal(self, settings: Mapping[str, Any]) -> ODataError:
        wait = settings["retry_after"]
        return ODataError(
            status=settings["status"],
            code=settings["code"],
            text=settings["text"],
            logged=settings["status"] >= 500,
            headers=(("retry-after", str(wait)),) if wait else (),
        )
