"""For whom and how often: a plan names a fault, its scope and its rhythm, and is checked when it is made.

The score lies in a :class:`Scoreboard` that every worker process shares, so ``times`` means times, whoever answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from sap_mock import clock, identifiers
from sap_mock.faults.fault import Scope

_QUOTED = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """For whom and how often.

    ``times`` None means always; ``skip`` lets the first matches pass; ``every`` strikes each n-th; ``probability``
    strikes by chance, repeatably with a ``seed``; ``seconds`` is how long it lasts from ``begun``, a moment in seconds
    since 1970. Scope fields left empty match everything.
    """

    fault: str
    id: str = ""
    service: str = ""
    entity_set: str = ""
    method: str = ""
    key: str = ""
    header: str = ""
    operation: int | None = None
    content_id: str = ""
    times: int | None = None
    skip: int = 0
    every: int = 1
    probability: float = 1.0
    seed: int | None = None
    seconds: float | None = None
    begun: float = 0
    settings: Mapping[str, Any] = field(default_factory=dict)

    def matches(self, scope: Scope, plan_id: str = "") -> bool:
        """Whether a request is in the scope, now."""
        name, _, value = self.header.partition(":")
        return (
            self._is_for(scope.plans, plan_id)
            and (not self.service or self.service.upper() == scope.service.upper())
            and (not self.entity_set or self.entity_set == scope.entity_set)
            and (not self.method or self.method.upper() == scope.method)
            and (self.operation is None or self.operation == scope.number)
            and (not self.content_id or self.content_id == scope.content_id)
            and (not name or scope.headers.get(name.strip()) == value.strip())
            and (not self.key or _has_key(scope, self.key))
            and (self.seconds is None or clock.now().timestamp() < self.begun + self.seconds)
        )

    def _is_for(self, named: frozenset[str], plan_id: str) -> bool:
        """A caller who names plans meets these only, and a plan that was given its id meets only who names it."""
        return plan_id in named if named or self.id else True

    def strikes(self, seen: int, fired: int) -> bool:
        """Whether the ``seen``-th match (from 1) is struck, after ``fired`` strikes."""
        if (self.times is not None and fired >= self.times) or seen <= self.skip:
            return False
        if (seen - self.skip - 1) % self.every:
            return False
        return self.probability >= 1 or self.chance(seen).random() < self.probability

    def chance(self, number: int) -> Random:
        """The chance of one match or strike: the same each time with a seed."""
        return identifiers.chance(None if self.seed is None else self.seed * 1_000_003 + number)


def _has_key(scope: Scope, key: str) -> bool:
    """The key in the address, with or without its quotes; what is created has it in its body, as a whole text."""
    bare = _bare(key)
    if scope.key:
        return key == scope.key or bare == _bare(scope.key)
    return f'"{bare}"'.encode() in scope.body or f">{bare}<".encode() in scope.body


def _bare(key: str) -> str:
    """The text that a quoted key spells, in which a quote stands twice; any other key as it is."""
    return key[1:-1].replace("''", "'") if _QUOTED.fullmatch(key) else key


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

    def strike(self, plan_id: str, plan: FaultPlan) -> int:
        """Count one match; the number of the strike from 1 where it is one, counted too, and 0 where it is none."""
