"""The x-csrf-token no longer counts: 403 with ``x-csrf-token: Required``; nothing was done.

A right client fetches a new token once and sends the same request again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sap_mock.faults.fault import WRITES, Answer, Fault, Scope, Strike
from sap_mock.odata.messages import Headers, ODataRequest, ODataResponse


class CsrfExpiry(Fault):
    """See the module."""

    name = "csrf_expiry"

    def concerns(self, scope: Scope, settings: Mapping[str, Any]) -> bool:
        return scope.method in WRITES  # only a request that changes something shows its token

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        fields = [(name, value) for name, value in request.headers.items() if name != "x-csrf-token"]
        return answer(replace(request, headers=Headers([*fields, ("x-csrf-token", "expired")])))
