"""201, and then the update task fails (SM13): the answer is right, and what it tells of is gone.

``COMMIT WORK`` without ``AND WAIT`` returns before the update task has run. In a changeset all its operations share one
update, so all of them are gone. A right client does not take a 201 for a proof: it looks again later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sap_mock.faults.fault import WRITES, Effect, Fault, Level, Scope, Strike


class UpdateTaskFailure(Fault):
    """See the module."""

    name = "update_task_failure"
    level: ClassVar = Level.OPERATION

    def concerns(self, scope: Scope, settings: Mapping[str, Any]) -> bool:
        return scope.method in WRITES

    def effect(self, strike: Strike) -> Effect:
        return Effect(loses_update=True)
