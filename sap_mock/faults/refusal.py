"""The parent of faults that are a refusal of SAP's application, worded in its envelope; nothing is done.

The code and the text of each can be set, because a site's back end has messages of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sap_mock.faults.fault import WRITES, Effect, Fault, Level, Parameter, Scope, Strike
from sap_mock.odata.errors import ErrorDetail, ODataError, T100Message

BUSINESS = "/IWBEP/CX_MGW_BUSI_EXCEPTION"
TEXT_ONLY = "/IWBEP/CM_MGW_RT/022"


def worded(code: str, text: str, status: int = 400) -> Mapping[str, Parameter]:
    """The parameters of such a fault with its defaults."""
    return {
        "status": Parameter(type=int, default=status, meaning="the HTTP status", between=range(400, 600)),
        "code": Parameter(type=str, default=code, meaning="SAP's code"),
        "text": Parameter(type=str, default=text, meaning="the text"),
    }


class ApplicationRefusal(Fault):
    """A write that the application refuses."""

    level: ClassVar = Level.OPERATION

    def concerns(self, scope: Scope, settings: Mapping[str, Any]) -> bool:
        return scope.method in WRITES

    def effect(self, strike: Strike) -> Effect:
        return Effect(error=refusal(**strike.settings))


def refusal(*, status: int, code: str, text: str, exception: str = BUSINESS) -> ODataError:
    """The error with its one detail, as a data provider's exception becomes one."""
    class_, _, number = code.rpartition("/")
    t100 = T100Message(class_=class_, number=number, text=text) if class_ and number.isdigit() else None
    detail = ErrorDetail(code=exception, message=text, t100=t100)
    return ODataError(status=status, code=code, text=text, details=(detail,), t100=t100, logged=status >= 500)
