"""The security session is gone: logged off, timed out, or its application server was restarted; the cookie is nothing.

A request with a log-on of its own begins a new session, to which the old x-csrf-token does not belong: 403 Required
for a write, nothing done. A right client takes the new cookies, fetches a token in that session and sends again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sap_mock.faults.fault import Answer, Fault, Scope, Strike
from sap_mock.odata.messages import Headers, ODataRequest, ODataResponse


class SessionLoss(Fault):
    """See the module."""

    name = "session_loss"

    def concerns(self, scope: Scope, settings: Mapping[str, Any]) -> bool:
        return "cookie" in scope.headers

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        fields = [(name, value) for name, value in request.headers.items() if name != "cookie"]
        return answer(replace(request, headers=Headers(fields)))
