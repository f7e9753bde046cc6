"""The work is done and committed, and then something breaks: 500 in SAP's envelope, and the document is there.

A right client never takes a 500 for a no: it looks the document up before it sends it again.
"""

from __future__ import annotations

from typing import ClassVar

from sap_mock.faults.fault import Answer, Fault, Strike
from sap_mock.faults.refusal import refusal, worded
from sap_mock.odata.messages import ODataRequest, ODataResponse

_TECHNICAL = "/IWBEP/CX_MGW_TECH_EXCEPTION"


class BookedThen500(Fault):
    """See the module."""

    name = "booked_then_500"
    parameters: ClassVar = worded(_TECHNICAL, "An exception was raised", status=500)

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        response = answer(request)
        if response.status >= 400:
            return response
        raise refusal(**strike.settings, exception=_TECHNICAL)
