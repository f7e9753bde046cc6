"""The password counts no longer: 401 with ICF's page, whatever the caller accepts; nothing was done.

A right client stops at once and tells a person: each further try counts towards locking the user.
"""

from __future__ import annotations

from dataclasses import replace

from sap_mock.faults.fault import Answer, Fault, Strike
from sap_mock.odata.messages import Headers, ODataRequest, ODataResponse


class PasswordChanged(Fault):
    """See the module."""

    name = "password_changed"

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        known = ("authorization", "cookie")
        fields = [(name, value) for name, value in request.headers.items() if name not in known]
        return answer(replace(request, headers=Headers(fields)))
