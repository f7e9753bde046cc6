"""Whom the plans in force strike: around an exchange, and at single operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sap_mock.faults.fault import Answer, Effect, Fault, Level, Scope, Strike
from sap_mock.faults.plan import FaultPlan, Scoreboard
from sap_mock.odata.messages import ODataRequest, ODataResponse


@dataclass(frozen=True, slots=True)
class Faults:
    """All faults and the plans in force."""

    faults: Mapping[str, Fault]
    scoreboard: Scoreboard

    @property
    def in_force(self) -> bool:
        """Whether there is any plan; where there is none, nobody need ask what a request is about."""
        return bool(self.scoreboard.plans())

    def around(self, request: ODataRequest, scope: Scope, answer: Answer) -> ODataResponse:
        """The answer to a request with every fault around it whose plan strikes, the oldest plan outermost.

        A plan counts a request when it gets it: what an outer fault answers by itself is no match of an inner plan.
        """
        for plan_id, plan in reversed(self.scoreboard.plans()):
            fault = self.faults[plan.fault]
            if fault.level is Level.OPERATION or not fault.concerns(scope, plan.settings):
                continue
            if plan.matches(scope, plan_id) or (fault.level is Level.EXCHANGE and _within(plan, plan_id, scope)):
                answer = self._wrapped(plan_id, plan, answer)
        return answer(request)

    def effect(self, request: ODataRequest, scope: Scope) -> Effect:
        """What the plans in force do to one operation; the oldest plan that ends it in an error decides."""
        loses_update = False
        for fault, strike in self._operation_strikes(request, scope):
            effect = fault.effect(strike)
            loses_update = loses_update or effect.loses_update
            if effect.error is not None:
                return effect
        return Effect(loses_update=loses_update)

    def _operation_strikes(self, request: ODataRequest, scope: Scope) -> Iterator[tuple[Fault, Strike]]:
        levels = (Level.OPERATION, Level.EITHER) if request.in_batch else (Level.OPERATION,)
        for plan_id, plan in self.scoreboard.plans():
            fault = self.faults[plan.fault]
            if fault.level in levels and plan.matches(scope, plan_id) and fault.concerns(scope, plan.settings):
                strike = self._strike(plan_id, plan, request)
                if strike is not None:
                    yield fault, strike

    def _wrapped(self, plan_id: str, plan: FaultPlan, answer: Answer) -> Answer:
        def perhaps(request: ODataRequest) -> ODataResponse:
            strike = self._strike(plan_id, plan, request)
            return answer(request) if strike is None else self.faults[plan.fault].around(request, answer, strike)

        return perhaps

    def _strike(self, plan_id: str, plan: FaultPlan, request: ODataRequest) -> Strike | None:
        number = self.scoreboard.strike(plan_id, plan)
        if not number:
            return None
        request.notes.strikes.append((plan_id, plan.fault))
        return Strike(settings=plan.settings, number=number, chance=plan.chance(number))


def _within(plan: FaultPlan, plan_id: str, scope: Scope) -> bool:
    return any(plan.matches(operation, plan_id) for operation in scope.operations())
