"""The posting period is not open (OB52): 400 ``F5/201``; nothing was done.

Class, number and text as published. A right client gives the invoice back to a person: it is refused until the period
is opened or the document gets another date.
"""

from __future__ import annotations

from typing import ClassVar

from sap_mock.faults.fault import Effect, Parameter, Strike
from sap_mock.faults.refusal import ApplicationRefusal, refusal


class PostingPeriodClosed(ApplicationRefusal):
    """See the module."""

    name = "posting_period_closed"
    parameters: ClassVar = {
        "period": Parameter(type=str, default="001", meaning="the period"),
        "year": Parameter(type=str, default="2026", meaning="the fiscal year"),
    }

    def effect(self, strike: Strike) -> Effect:
        text = f"Posting period {strike.settings['period']} {strike.settings['year']} is not open"
        return Effect(error=refusal(status=400, code="F5/201", text=text))
