"""The answer breaks off in the middle of its body and the connection closes.

A right client notices the missing bytes and treats the answer as lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sap_mock.faults.fault import Answer, Fault
from sap_mock.odata.messages import ODataRequest, ODataResponse, Transmission


class CutBody(Fault):
    """See the module."""

    name = "cut_body"

    def around(self, request: ODataRequest, answer: Answer, settings: Mapping[str, Any]) -> ODataResponse:
        return replace(answer(request), transmission=Transmission.CUT)
