"""Somebody else has the document open (SM12): a 400 by the application; nothing was done.

Each application words it in a message of its own; by default it is a text without a message, as a data provider raises
it (``/IWBEP/CM_MGW_RT/022``). A right client tries again later, a few times, and then tells a person.
"""

from __future__ import annotations

from typing import ClassVar

from sap_mock.faults.refusal import TEXT_ONLY, ApplicationRefusal, worded


class LockHeld(ApplicationRefusal):
    """See the module."""

    name = "lock_held"
    parameters: ClassVar = worded(TEXT_ONLY, "The document is currently being processed by user MILLER")
