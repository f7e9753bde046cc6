"""The answer comes after its caller has given up, and the work is done nevertheless: before the wait, or after it.

``commits: late`` is the worst of all: who looks the document up in the meantime is told that it does not exist. A right
client waits before it looks, longer than the target may still work on a request, and only then sends again.
"""

from __future__ import annotations

from time import sleep
from typing import ClassVar

from sap_mock.faults.fault import Answer, Fault, Parameter, Strike
from sap_mock.odata.messages import ODataRequest, ODataResponse


class LateResponse(Fault):
    """See the module."""

    name = "late_response"
    parameters: ClassVar = {
        "milliseconds": Parameter(
            type=int, default=60_000, meaning="how long the answer is held back", between=range(600_001)
        ),
        "commits": Parameter(
            type=str,
            default="first",
            meaning="when the work is done: before the wait or after",
            choices=("first", "late"),
        ),
    }

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        late = strike.settings["commits"] == "late"
        if late:
            sleep(strike.settings["milliseconds"] / 1000)
        response = answer(request)
        if not late:
            sleep(strike.settings["milliseconds"] / 1000)
        return response
