"""The addresses under /_mock/faults: post a plan, look at its score, lift it."""

from flask import Blueprint, Response, jsonify

from billing_mock.app import bodies
from billing_mock.app.foreign import refuse_foreign
from billing_mock.app.parts import Parts
from billing_mock.faults import Plan

Answer = tuple[dict[str, object], int]


def blueprint(parts: Parts) -> Blueprint:
    """POST a plan → 201 with its id; GET gives `fired`, `left` and `completed`; DELETE lifts one or all."""
    pages = Blueprint("fault_plans", __name__, url_prefix="/_mock/faults")
    pages.before_request(refuse_foreign)
    plans = parts.plans

    @pages.post("")
    def add() -> Answer:
        body = bodies.posted()
        schema = bodies.PlanSchema()
        plan = schema.load({name: value for name, value in body.items() if name in schema.fields})
        bodies.known(plan.get("source"), parts.vendors)
        parameters = {name: value for name, value in body.items() if name not in schema.fields}
        return plans.add(Plan(**plan, parameters=parameters)), 201

    @pages.get("")
    def scores() -> Response:
        return jsonify(plans.scores())

    @pages.delete("")
    def lift_all() -> tuple[str, int]:
        plans.reset()
        return "", 204

    @pages.get("/<plan_id>")
    def score(plan_id: str) -> Answer:
        found = plans.score(plan_id)
        return (found, 200) if found else _unknown(plan_id)

    @pages.delete("/<plan_id>")
    def lift(plan_id: str) -> Answer | tuple[str, int]:
        return ("", 204) if plans.remove(plan_id) else _unknown(plan_id)

    return pages


def _unknown(plan_id: str) -> Answer:
    return {"error": f"There is no fault plan {plan_id!r}."}, 404
