"""Fault plans and their scores in the state that all worker processes share; a plan is read once, until they change."""

from __future__ import annotations

from collections.abc import Mapping

from sap_mock.faults.fault import Fault
from sap_mock.faults.plan import FaultPlan
from sap_mock.faults.plan_reader import read
from sap_mock.storage.shared_state import SharedState


class SharedScoreboard:
    """See :class:`sap_mock.faults.plan.Scoreboard`."""

    def __init__(self, state: SharedState, faults: Mapping[str, Fault]) -> None:
        self._state = state
        self._faults = faults
        self._documents: object = None
        self._plans: list[tuple[str, FaultPlan]] = []

    def plans(self) -> list[tuple[str, FaultPlan]]:
        """The plans in force."""
        documents = self._state.plans()
        if documents is not self._documents:
            self._plans = [(plan_id, read(document, self._faults)) for plan_id, document in documents]
            self._documents = documents
        return self._plans

    def strike(self, plan_id: str, plan: FaultPlan) -> int:
        """Count a match, and the strike if it is one; its number, or 0."""
        return self._state.strike(plan_id, plan.strikes)
