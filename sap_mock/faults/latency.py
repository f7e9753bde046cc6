"""The answer comes late: the work is done first, then time passes.

A right client has a time-out on every call, longer than what is usual and shorter than for ever.
"""

from __future__ import annotations

from time import sleep
from typing import ClassVar

from sap_mock.faults.fault import Answer, Fault, Parameter, Strike
from sap_mock.odata.messages import ODataRequest, ODataResponse

_TEN_MINUTES = range(600_001)


class Latency(Fault):
    """See the module."""

    name = "latency"
    parameters: ClassVar = {
        "milliseconds": Parameter(
            type=int, default=200, meaning="how long the answer is held back", between=_TEN_MINUTES
        ),
        "jitter": Parameter(type=int, default=0, meaning="up to so many more, by chance", between=_TEN_MINUTES),
        "ramp": Parameter(type=int, default=0, meaning="so many more with each strike", between=_TEN_MINUTES),
        "most": Parameter(type=int, default=600_000, meaning="never more than this in all", between=_TEN_MINUTES),
    }

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        response = answer(request)
        sleep(milliseconds(strike) / 1000)
        return response


def milliseconds(strike: Strike) -> int:
    """How long this strike holds the answer back."""
    chosen = strike.settings
    jitter = strike.chance.randint(0, chosen["jitter"]) if chosen["jitter"] else 0
    wanted: int = chosen["milliseconds"] + jitter + chosen["ramp"] * (strike.number - 1)
    return min(wanted, int(chosen["most"]))
