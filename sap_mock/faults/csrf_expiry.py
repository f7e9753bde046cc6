"""The x-csrf-token no longer counts: 403 with ``x-csrf-token: Required``; nothing was done.

A right client fetches a new token once and sends the same request again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sap_mock.faults.fault import Answer, Fault
from sap_mock.odata.messages import Headers, ODataRequest, ODataResponse


class CsrfExpiry(Fault):
    """See the module."""

    name = "csrf_expiry"

    def concerns(self, method: str) -> bool:
        return method not in ("GET", "HEAD", "OPTIONS")  # only a request that changes something shows its token

    def around(self, request: ODataRequest, answer: Answer, settings: Mapping[str, Any]) -> ODataResponse:
        fields = [(name, value) for name, value in request.headers.items() if name != "x-csrf-token"]
        expired = replace(request, headers=Headers([*fields, ("x-csrf-token", "expired")]))
        return answer(expired)
