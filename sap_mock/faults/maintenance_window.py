"""503 with the maintenance page of the Web Dispatcher (EMAINTENANCE); nothing was done. ``seconds`` is its length.

A right client keeps what it has, stops asking, and comes back when the window is over.
"""

from __future__ import annotations

from typing import ClassVar

from sap_mock.faults.fault import Answer, Fault, Parameter, Strike
from sap_mock.faults.pages import icm_page
from sap_mock.odata.messages import ODataRequest, ODataResponse


class MaintenanceWindow(Fault):
    """See the module."""

    name = "maintenance_window"
    parameters: ClassVar = {
        "retry_after": Parameter(
            type=int, default=0, meaning="seconds for a Retry-After header; 0 sends none", between=range(86_401)
        )
    }

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        text = "The system is down for maintenance."
        return icm_page(503, "Service Unavailable", "EMAINTENANCE", text, strike.settings["retry_after"])
