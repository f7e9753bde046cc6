"""The number range has no number left (SNRO): a 400 by the application; nothing was done.

By default a text without a message (``/IWBEP/CM_MGW_RT/022``). A right client does not try again by itself: somebody
has to extend the interval first.
"""

from __future__ import annotations

from typing import ClassVar

from sap_mock.faults.refusal import TEXT_ONLY, ApplicationRefusal, worded


class NumberRangeExhausted(ApplicationRefusal):
    """See the module."""

    name = "number_range_exhausted"
    parameters: ClassVar = worded(TEXT_ONLY, "Number range RF_BELEG 01 has no number left")
