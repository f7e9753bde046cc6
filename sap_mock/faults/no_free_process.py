"""503 with ICM's page: every dialog work process is busy and the queue is full (EOVERLOAD); nothing was done.

A right client keeps to ``Retry-After`` where it is sent, asks for less at once, and tries again later.
"""

from __future__ import annotations

from typing import ClassVar

from sap_mock.faults.fault import Answer, Fault, Parameter, Strike
from sap_mock.faults.pages import icm_page
from sap_mock.odata.messages import ODataRequest, ODataResponse


class NoFreeProcess(Fault):
    """See the module."""

    name = "no_free_process"
    parameters: ClassVar = {
        "retry_after": Parameter(
            type=int, default=5, meaning="seconds for a Retry-After header; 0 sends none", between=range(86_401)
        )
    }

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        text = "All dialog work processes are busy and the dispatcher queue is full."
        return icm_page(503, "Service Unavailable", "EOVERLOAD", text, strike.settings["retry_after"])
