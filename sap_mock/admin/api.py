"""The routes under /_mock/ that need no log-on: they control the stand-in, a real Gateway has none of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sap_mock.admin.foreign import refuse_foreign
from sap_mock.faults.plan_reader import PlanRefused
from sap_mock.gateway.parts import Parts


@dataclass(frozen=True)
class Admin:
    """The routes, bound to one gateway's parts."""

    parts: Parts

    def blueprint(self) -> Blueprint:
        """The routes as Flask takes them."""
        routes = Blueprint("admin", __name__, url_prefix="/_mock")
        routes.before_request(refuse_foreign)
        routes.get("/health")(self.health)
        routes.get("/services")(self.offered)
        routes.post("/reset")(self.reset)
        routes.post("/faults")(self.add_fault)
        routes.get("/faults")(self.list_faults)
        routes.delete("/faults")(self.remove_faults)
        routes.get("/faults/<plan_id>")(self.fault)
        routes.delete("/faults/<plan_id>")(self.remove_fault)
        return routes

    def health(self) -> Response:
        """Whether the stand-in answers."""
        return jsonify(status="ok", services=[service.name for service in self.parts.services])

    def offered(self) -> Response:
        """What it offers."""
        return jsonify([
            {
                "name": service.name,
                "version": service.version,
                "root": service.path,
                "entity_sets": list(service.model.entity_sets),
            }
            for service in self.parts.services
        ])  # fmt: skip

    def reset(self) -> tuple[str, int]:
        """Empty entities, numbers, sessions, fault plans and the journal."""
        self.parts.reset()
        return "", 204

    def add_fault(self) -> tuple[Response, int]:
        """Put a fault plan in force."""
        document = request.get_json(silent=True)
        if not isinstance(document, dict):
            return jsonify(error="the body must be a JSON object, a fault plan, sent as application/json"), 400
        try:
            plan_id = self.parts.add_plan(document)
        except PlanRefused as refusal:
            return jsonify(error=str(refusal)), 400
        return jsonify(self._score(plan_id)), 201

    def list_faults(self) -> Response:
        """Every plan in force with its score."""
        return jsonify([self._score(plan_id) for plan_id, _ in self.parts.state.plans()])

    def remove_faults(self) -> tuple[str, int]:
        """Take every plan out of force."""
        for plan_id, _ in self.parts.state.plans():
            self.parts.state.remove_plan(plan_id)
        return "", 204

    def fault(self, plan_id: str) -> tuple[Response, int]:
        """One plan with its score."""
        score = self._score(plan_id)
        return (jsonify(score), 200) if score else (jsonify(error="there is no such fault plan"), 404)

    def remove_fault(self, plan_id: str) -> tuple[str, int]:
        """Take a plan out of force."""
        self.parts.state.remove_plan(plan_id)
        return "", 204

    def _score(self, plan_id: str) -> dict[str, Any] | None:
        kept = self.parts.score(plan_id)
        if kept is None:
            return None
        score, document = kept
        return {
            "id": plan_id,
            "plan": {name: value for name, value in document.items() if name != "begun"},
            "seen": score.seen,
            "fired": score.fired,
            "left": score.left,
            "completed": score.completed,
        }
