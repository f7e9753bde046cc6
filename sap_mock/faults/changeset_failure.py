"""One operation of a changeset fails, and everything of that changeset is taken back; other parts go on.

The changeset gets one answer, the refusal, whose details name the Content-ID of the operation that failed. A right
client takes none of the changeset's operations as done, and finds out which one was refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sap_mock.faults.fault import Effect, Parameter, Scope, Strike
from sap_mock.faults.refusal import TEXT_ONLY, ApplicationRefusal, refusal, worded


class ChangesetFailure(ApplicationRefusal):
    """See the module."""

    name = "changeset_failure"
    parameters: ClassVar = {
        "at": Parameter(type=int, default=1, meaning="which operation of the changeset", between=range(1, 100_001)),
        **worded(TEXT_ONLY, "The document cannot be saved"),
    }

    def concerns(self, scope: Scope, settings: Mapping[str, Any]) -> bool:
        return bool(scope.position == settings["at"])

    def effect(self, strike: Strike) -> Effect:
        return Effect(error=refusal(**{name: strike.settings[name] for name in ("status", "code", "text")}))
