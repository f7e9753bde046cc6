"""A content type that does not fit the body, as proxies and error pages bring about; everything was done.

A right client does not take the body for data because of its shape, nor for an error because of its type: what it
cannot be sure of, it looks up.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from sap_mock.faults.fault import Answer, Fault, Parameter, Strike
from sap_mock.odata.messages import ODataRequest, ODataResponse


class WrongContentType(Fault):
    """See the module."""

    name = "wrong_content_type"
    parameters: ClassVar = {
        "content_type": Parameter(type=str, default="text/html; charset=utf-8", meaning="what is sent instead")
    }

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        response = answer(request)
        others = [(name, value) for name, value in response.headers if name != "content-type"]
        return replace(response, headers=(("content-type", strike.settings["content_type"]), *others))
