"""The fault plans of one stand-in as a test sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests


@dataclass(kw_only=True)
class FaultPlans:
    """A plan that is added must strike, unless it is told that it may stay idle.

    ``mock`` asks the stand-in itself: method, path below ``/_mock/``, options of requests.
    """

    mock: Callable[..., requests.Response] = field(repr=False)
    _expected: dict[str, str] = field(default_factory=dict)

    def add(self, fault: str, *, may_stay_idle: bool = False, **settings: Any) -> str:
        """Put a plan in force and give its id; raises ``ValueError`` with the stand-in's words for one it refuses.

        ``settings`` are the plan's scope and rhythm (``method``, ``times``, ``skip`` …; ``service``, ``entity_set`` at
        a gateway, ``source``, ``path`` at a billing-mock) and the fault's own parameters.
        """
        answer = self.mock("POST", "faults", json={"fault": fault, **settings})
        if answer.status_code != 201:
            raise ValueError(answer.json()["error"])
        plan_id = str(answer.json()["id"])
        if not may_stay_idle:
            self._expected[plan_id] = fault
        return plan_id

    def remove(self, plan_id: str) -> None:
        """Take a plan out of force; it need not strike any more."""
        self.mock("DELETE", f"faults/{plan_id}")
        self._expected.pop(plan_id, None)

    def score(self, plan_id: str) -> dict[str, Any]:
        """``fired``, ``seen``, ``left`` and ``completed`` of a plan; raises ``ValueError`` where it is not in force."""
        answer = self.mock("GET", f"faults/{plan_id}")
        if answer.status_code != 200:
            raise ValueError(f"{plan_id}: {answer.json()['error']}")
        return dict(answer.json())

    def never_fired(self) -> list[str]:
        """The faults of the plans that had to strike and have not; asking again starts anew."""
        expected, self._expected = self._expected, {}
        in_force = self.mock("GET", "faults").json()
        return [expected[one["id"]] for one in in_force if one["id"] in expected and not one["fired"]]
