"""The routes under /_mock/ that need no log-on: they control the stand-in, a real Gateway has none of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from sap_mock import identifiers
from sap_mock.faults.fault import Fault
from sap_mock.faults.plan import FaultPlan, PlanRefused, Score, read
from sap_mock.provider.catalog import Catalog
from sap_mock.storage.database import Database
from sap_mock.storage.shared_state import SharedState


class SharedScoreboard:
    """Fault plans in the state that all worker processes share; see :class:`sap_mock.faults.plan.Scoreboard`."""

    def __init__(self, state: SharedState, faults: dict[str, Fault]) -> None:
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

    def strike(self, plan_id: str, plan: FaultPlan) -> bool:
        """Count a match, and the strike if it is one."""
        return self._state.strike(plan_id, plan.strikes)


def blueprint(catalog: Catalog, database: Database, state: SharedState, faults: dict[str, Fault]) -> Blueprint:
    """The routes, bound to one gateway's parts."""
    routes = Blueprint("admin", __name__, url_prefix="/_mock")

    @routes.get("/health")
    def health() -> Response:
        return jsonify(status="ok", services=[service.name for service in catalog])

    @routes.get("/services")
    def services() -> Response:
        return jsonify([
            {
                "name": service.name,
                "version": service.version,
                "root": service.path,
                "entity_sets": list(service.model.entity_sets),
            }
            for service in catalog
        ])  # fmt: skip

    @routes.post("/reset")
    def reset() -> tuple[str, int]:
        database.empty([service.tables for service in catalog])
        state.reset()
        return "", 204

    @routes.post("/faults")
    def add_fault() -> tuple[Response, int]:
        document = request.get_json(silent=True)
        if not isinstance(document, dict):
            return jsonify(error="the body must be a JSON object: a fault plan"), 400
        try:
            read(document, faults)
        except PlanRefused as refusal:
            return jsonify(error=str(refusal)), 400
        plan_id = identifiers.transaction_id()[:12].lower()
        state.add_plan(plan_id, document)
        return jsonify(_score(plan_id)), 201

    @routes.get("/faults")
    def list_faults() -> Response:
        return jsonify([_score(plan_id) for plan_id, _ in state.plans()])

    @routes.get("/faults/<plan_id>")
    def fault(plan_id: str) -> tuple[Response, int]:
        score = _score(plan_id)
        return (jsonify(score), 200) if score else (jsonify(error="there is no such fault plan"), 404)

    @routes.delete("/faults/<plan_id>")
    def remove_fault(plan_id: str) -> tuple[str, int]:
        state.remove_plan(plan_id)
        return "", 204

    def _score(plan_id: str) -> dict[str, Any] | None:
        kept = state.score(plan_id)
        if kept is None:
            return None
        document, seen, fired = kept
        score = Score(id=plan_id, plan=read(document, faults), seen=seen, fired=fired)
        return {
            "id": plan_id, "plan": document, "seen": seen, "fired": fired, "left": score.left,
            "completed": score.completed,
        }  # fmt: skip

    return routes
