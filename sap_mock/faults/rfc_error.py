"""The hub cannot call its back end, or the back end ended the call: 500 ``/IWFND/CM_BEC/026``; nothing was done.

That nothing was done is only true here: a real RFC may break after the work. A right client looks the document up.
"""

from __future__ import annotations

from typing import ClassVar

from sap_mock.faults.fault import Effect, Fault, Level, Strike
from sap_mock.faults.refusal import refusal, worded


class RfcError(Fault):
    """See the module."""

    name = "rfc_error"
    level: ClassVar = Level.OPERATION
    parameters: ClassVar = worded("/IWFND/CM_BEC/026", "RFC Error: Error when opening an RFC connection.", status=500)

    def effect(self, strike: Strike) -> Effect:
        return Effect(error=refusal(**strike.settings, exception="/IWBEP/CX_MGW_TECH_EXCEPTION"))
