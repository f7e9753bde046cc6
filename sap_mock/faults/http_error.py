"""A refusal instead of an answer, in SAP's envelope; nothing was done.

In a $batch it strikes the batch as a whole, or single operations: both are requests that a scope may name. A right
client reads the code and the text, repeats a 503 later (``retry_after``), and never repeats a 400.
"""

from __future__ import annotations

from typing import ClassVar

from sap_mock.faults.fault import Answer, Effect, Fault, Level, Parameter, Strike
from sap_mock.faults.refusal import worded
from sap_mock.odata.errors import ODataError
from sap_mock.odata.messages import ODataRequest, ODataResponse


class HttpError(Fault):
    """See the module."""

    name = "http_error"
    level: ClassVar = Level.EITHER
    parameters: ClassVar = {
        **worded("/IWFND/CM_BEC/026", "RFC Error: An exception occurred that was not caught.", status=500),
        "retry_after": Parameter(
            type=int, default=0, meaning="seconds for a Retry-After header; 0 sends none", between=range(86_401)
        ),
    }

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        raise _error(strike)

    def effect(self, strike: Strike) -> Effect:
        return Effect(error=_error(strike))


def _error(strike: Strike) -> ODataError:
    wait = strike.settings["retry_after"]
    return ODataError(
        status=strike.settings["status"],
        code=strike.settings["code"],
        text=strike.settings["text"],
        logged=strike.settings["status"] >= 500,
        headers=(("retry-after", str(wait)),) if wait else (),
    )
