"""A log-on form with status 200 instead of the answer, as some systems are set up; nothing was done.

A right client looks at the content type before it looks for data, and takes this for what it is: not logged on.
(SAP/open-ux-tools and ewm-cloud-robotics turn it into a 401.)
"""

from __future__ import annotations

from sap_mock.faults.fault import Answer, Fault, Strike
from sap_mock.faults.pages import logon_form
from sap_mock.odata.messages import ODataRequest, ODataResponse


class LogonPage(Fault):
    """See the module."""

    name = "logon_page"

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        return logon_form()
