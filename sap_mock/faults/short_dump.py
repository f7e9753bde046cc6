"""The program ends in a short dump (ST22): 500 with ICF's page; what was not committed is taken back.

In a $batch it ends the whole batch at that operation: what stood before it stays, what stands behind it is never
begun, and the answer says nothing of either. A right client looks every document of the batch up.
"""

from __future__ import annotations

from typing import ClassVar

from sap_mock.faults.fault import Effect, Fault, Level, Parameter, Strike
from sap_mock.faults.pages import dump_page
from sap_mock.odata.errors import Terminated


class ShortDump(Fault):
    """See the module."""

    name = "short_dump"
    level: ClassVar = Level.OPERATION
    parameters: ClassVar = {
        "text": Parameter(type=str, default="An exception that could not be caught occurred.", meaning="the text")
    }

    def effect(self, strike: Strike) -> Effect:
        return Effect(error=Terminated(dump_page(strike.settings["text"])))
