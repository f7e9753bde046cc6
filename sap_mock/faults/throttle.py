"""429 by the API management in front of the Gateway, in its own JSON; nothing was done.

The body is that of a spike arrest policy (SAP API Management; Apigee's fault format). A right client keeps to
``Retry-After`` and lowers its rate; it does not look for SAP's envelope in the body.
"""

from __future__ import annotations

import json
from typing import ClassVar

from sap_mock.faults.fault import Answer, Fault, Parameter, Strike
from sap_mock.odata.messages import ODataRequest, ODataResponse

_BODY = {
    "fault": {
        "faultstring": "Spike arrest violation. Allowed rate : 1ps",
        "detail": {"errorcode": "policies.ratelimit.SpikeArrestViolation"},
    }
}


class Throttle(Fault):
    """See the module."""

    name = "throttle"
    parameters: ClassVar = {
        "retry_after": Parameter(
            type=int, default=1, meaning="seconds for a Retry-After header; 0 sends none", between=range(86_401)
        )
    }

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        wait = strike.settings["retry_after"]
        fields = (("content-type", "application/json"), *((("retry-after", str(wait)),) if wait else ()))
        return ODataResponse(status=429, headers=fields, body=json.dumps(_BODY).encode())
