"""For whom and how often: a plan names a fault, its scope and its rhythm, and is checked when it is made.

The score lives in a :class:`Scoreboard` that every worker process shares, so ``times`` means times, whoever answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sap_mock import identifiers
from sap_mock.faults.fault import Answer, Fault, Scope
from sap_mock.odata.errors import ODataError
from sap_mock.odata.messages import ODataRequest, ODataResponse


class PlanRefused(Exception):
    """A plan that cannot be carried out; the message names the field and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """For whom and how often.

    ``times`` None means always; ``skip`` lets the first matches pass; ``every`` strikes each n-th; ``probability``
    strikes by chance, repeatably with a ``seed``. Scope fields left empty match everything.
    """

    fault: str
    service: str = ""
    entity_set: str = ""
    method: str = ""
    header: str = ""
    times: int | None = None
    skip: int = 0
    every: int = 1
    probability: float = 1.0
    seed: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def matches(self, scope: Scope) -> bool:
        """Whether a request is in the scope."""
        name, _, value = self.header.partition(":")
        return (
            (not self.service or self.service.upper() == scope.service.upper())
            and (not self.entity_set or self.entity_set == scope.entity_set)
            and (not self.method or self.method.upper() == scope.method)
            and (not name or scope.headers.get(name.strip()) == value.strip())
        )

    def strikes(self, seen: int, fired: int) -> bool:
        """Whether the ``seen``-th match (from 1) is struck, after ``fired`` strikes."""
        if (self.times is not None and fired >= self.times) or seen <= self.skip:
            return False
        if (seen - self.skip - 1) % self.every:
            return False
        if self.probability >= 1:
            return True
        seed = None if self.seed is None else self.seed * 1_000_003 + seen
        return identifiers.chance(seed).random() < self.probability


_SCOPE = ("fault", "service", "entity_set", "method", "header", "times", "skip", "every", "probability", "seed")


def read(document: Mapping[str, Any], faults: Mapping[str, Fault]) -> FaultPlan:
    """A plan from its JSON; raises :class:`PlanRefused` for unknown names, naming what is allowed."""
    name = document.get("fault")
    fault = faults.get(str(name))
    if fault is None:
        raise PlanRefused(f"'fault' is {name!r}; allowed are {', '.join(sorted(faults))}")
    allowed = {*_SCOPE, *fault.parameters}
    unknown = sorted(set(document) - allowed)
    if unknown:
        raise PlanRefused(f"{', '.join(unknown)}: unknown; {fault.name} allows {', '.join(sorted(allowed))}")
    settings = {key: parameter.default for key, parameter in fault.parameters.items()}
    for key, parameter in fault.parameters.items():
        value = document.get(key, parameter.default)
        if not isinstance(value, parameter.type) or isinstance(value, bool) is not (parameter.type is bool):
            raise PlanRefused(f"'{key}' is {value!r}; it must be {parameter.type.__name__}: {parameter.meaning}")
        if isinstance(value, int) and value not in parameter.between:
            lowest, highest = parameter.between[0], parameter.between[-1]
            raise PlanRefused(f"'{key}' is {value!r}; it must be from {lowest} to {highest}")
        settings[key] = value
    scope = {key: document[key] for key in _SCOPE if key in document}
    _check(scope)
    return FaultPlan(**scope, settings=settings)


def _check(scope: Mapping[str, Any]) -> None:
    for key, default in (("times", None), ("skip", 0), ("every", 1), ("seed", None)):
        value = scope.get(key, default)
        if value is None and default is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < (key == "every"):
            raise PlanRefused(
                f"'{key}' is {value!r}; it must be a whole number, {'1' if key == 'every' else '0'} or more"
            )
    probability = scope.get("probability", 1)
    if not isinstance(probability, int | float) or not 0 <= probability <= 1:
        raise PlanRefused(f"'probability' is {probability!r}; it must be between 0 and 1")
    for key in ("service", "entity_set", "method", "header"):
        if not isinstance(scope.get(key, ""), str):
            raise PlanRefused(f"'{key}' must be text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A plan as it stands: how many requests it matched and struck."""

    id: str
    plan: FaultPlan
    seen: int = 0
    fired: int = 0

    @property
    def left(self) -> int | None:
        """How many strikes are still to come; None without a limit."""
        return None if self.plan.times is None else max(self.plan.times - self.fired, 0)

    @property
    def completed(self) -> bool:
        """Whether every strike asked for has happened; a plan without a limit is complete once it struck."""
        return self.fired > 0 if self.plan.times is None else self.left == 0


class Scoreboard(Protocol):
    """Where plans and their scores are kept, for all worker processes."""

    def plans(self) -> Sequence[tuple[str, FaultPlan]]:
        """The plans in force, oldest first, with their ids; cheap when nothing has changed."""

    def strike(self, plan_id: str, plan: FaultPlan) -> bool:
        """Count one match and tell whether it is struck, counting the strike too."""


@dataclass(frozen=True, slots=True)
class Faults:
    """All faults and the plans in force."""

    faults: Mapping[str, Fault]
    scoreboard: Scoreboard

    def around(self, request: ODataRequest, scope: Scope, answer: Answer) -> ODataResponse:
        """The answer to a request with every fault around it whose plan strikes, the oldest plan outermost.

        A plan counts a request when it gets it: what an outer fault answers by itself is no match of an inner plan.
        """
        for plan_id, plan in reversed(self.scoreboard.plans()):
            if plan.matches(scope) and self.faults[plan.fault].concerns(scope.method):
                answer = self._wrapped(plan_id, plan, answer)
        return answer(request)

    def refusal(self, request: ODataRequest, scope: Scope) -> ODataError | None:
        """The refusal of the oldest plan that strikes an operation of a $batch; None when none does."""
        for plan_id, plan in self.scoreboard.plans():
            refusal = self.faults[plan.fault].refusal(plan.settings)
            if refusal is not None and plan.matches(scope) and self.scoreboard.strike(plan_id, plan):
                request.notes.strikes.append((plan_id, plan.fault))
                return refusal
        return None

    def _wrapped(self, plan_id: str, plan: FaultPlan, answer: Answer) -> Answer:
        def perhaps(request: ODataRequest) -> ODataResponse:
            if self.scoreboard.strike(plan_id, plan):
                request.notes.strikes.append((plan_id, plan.fault))
                return self.faults[plan.fault].around(request, answer, plan.settings)
            return answer(request)

        return perhaps
