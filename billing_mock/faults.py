"""Plans of what goes wrong, and their score. A plan only decides; the app performs what was decided.

Adding a fault: one row in FAULTS, one function in app/performing.py, or the vendors named in REACH; a row in
docs/faults.md, and one in tests/integration/pipeline/test_under_vendor_faults.py.
"""

import itertools
import random
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

FAULTS: dict[str, dict[str, object]] = {
    "throttle": {"retry_after": 1, "quota": "minute"},  # 429; quota "month" is the one that waiting does not cure
    "http_error": {"status": 500, "shape": "problem"},  # in one of the vendor's body shapes
    "half_page": {"framing": "length"},  # the body stops half-way; "chunked" ends as if all were well
    "slow": {"seconds": 1},  # the answer is right, but late
    "slow_drip": {"seconds": 1},  # … and comes in pieces, over so many seconds
    "lost_response": {},  # everything was done, the connection closes without a byte
    "maintenance": {"retry_after": 1},  # 503 with a page of whatever stands in front
    "credentials_refused": {},  # the key counts no longer: what the vendor says to one without
    "session_expiry": {},  # the session ends just before this request
    "repeated_page": {},  # a page comes once more
    "empty_page": {},  # nothing on this page, and yet a next one, which has what this one should have had
    "grown_list": {"records": 1},  # the list has grown at its head since the page before
    "lost_lines": {},  # the consolidated call leaves out a line of each invoice
    "doubled_lines": {},  # … tells it twice
    "mismatched_lines": {},  # … joins it with another line's sale
    "false_success": {},  # 200 with a failure inside
}
"""Fault → its own parameters with their defaults."""

_BILL_LIST = r"GET /bill/connect/v3/(customers|invoices|credit-memos|receivable-payments)$"
_FYNN_LIST = r"GET /fynn/accounting/postings$"
_COPACO_JOINED = r"GET /copaco/[^/]+/consolidatedinvoices$"
REACH: dict[str, dict[str, str]] = {
    "session_expiry": {"bill": r"[A-Z]+ /bill/connect/v3/(?!login$)"},
    "repeated_page": {"bill": _BILL_LIST, "fynn": _FYNN_LIST},
    "grown_list": {"fynn": _FYNN_LIST},
    "lost_lines": {"copaco": _COPACO_JOINED},
    "doubled_lines": {"copaco": _COPACO_JOINED},
    "mismatched_lines": {"copaco": _COPACO_JOINED},
    "empty_page": {"bill": _BILL_LIST},
    "false_success": {"bill": r"[A-Z]+ /bill/connect/v3/(?!login$)"},
}
"""Fault → the vendors that can have it, and the requests that it can touch, where not all can; performed by them."""

CHOICES: dict[str, tuple[object, ...]] = {
    "quota": ("minute", "month"),
    "shape": ("problem", "envelope", "statusless"),
    "framing": ("length", "chunked"),
    "status": (500, 502, 503, 504),
}
"""Parameter → its allowed values, where there are few. All other parameters are numbers from 0 to 60."""


Header = Callable[[str], str | None]
"""A request's header field by its name."""


class PlanError(Exception):
    """A plan that cannot be followed; the message says what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One fault, for whom and how often: `times` is None for a fault that never wears off.

    `skip` lets the first matches pass, `every` strikes each n-th of the rest, `probability` strikes by chance, the same
    each time with a `seed`. `header` is "name: value".
    """

    fault: str
    source: str | None = None
    path: str | None = None
    method: str | None = None
    header: str | None = None
    times: int | None = 1
    skip: int = 0
    every: int = 1
    probability: float = 1.0
    seed: int | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)

    def concerns(self, source: str, path: str, method: str, header: Header) -> bool:
        """Whether a request to this vendor and path is meant."""
        name, _, value = (self.header or "").partition(":")
        if self.fault in REACH and not re.match(REACH[self.fault].get(source, "(?!)"), f"{method} {path}"):
            return False
        return (
            self.source in {None, source}
            and (self.path is None or self.path in path)
            and (self.method is None or self.method.upper() == method)
            and (not name or header(name.strip()) == value.strip())
        )

    def strikes(self, seen: int, fired: int) -> bool:
        """Whether the `seen`-th match (from 1) is struck, after `fired` strikes."""
        if (self.times is not None and fired >= self.times) or seen <= self.skip or (seen - self.skip - 1) % self.every:
            return False
        if self.probability >= 1:
            return True
        seed = None if self.seed is None else self.seed * 1_000_003 + seen
        return random.Random(seed).random() < self.probability  # noqa: S311 - faults, not secrets


@dataclass(kw_only=True)
class _Running:
    id: str
    plan: Plan
    parameters: Mapping[str, object]
    seen: int = 0
    fired: int = 0

    @property
    def left(self) -> int | None:
        return None if self.plan.times is None else self.plan.times - self.fired

    def score(self) -> dict[str, object]:
        plan = self.plan
        told: dict[str, object] = {"id": self.id, "fault": plan.fault, "source": plan.source, "path": plan.path}
        rhythm = {"skip": plan.skip, "every": plan.every, "probability": plan.probability}
        completed = self.fired > 0 if self.left is None else self.left == 0
        score = {"seen": self.seen, "fired": self.fired, "left": self.left, "completed": completed}
        return told | dict(self.parameters) | rhythm | score


@dataclass(frozen=True, kw_only=True)
class Strike:
    """The decision that a fault hits this request."""

    fault: str
    parameters: Mapping[str, object]


class FaultPlans:
    """All plans in force; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}
        self._ids = itertools.count(1)

    def add(self, plan: Plan) -> dict[str, object]:
        """Put the plan in force and return its score; PlanError for a fault or a parameter that does not exist."""
        parameters = _parameters(plan.fault, plan.parameters)
        if plan.source is not None and plan.source not in REACH.get(plan.fault, (plan.source,)):
            raise PlanError(f"The fault {plan.fault!r} is known to {', '.join(REACH[plan.fault])} only.")
        with self._lock:
            running = _Running(id=str(next(self._ids)), plan=plan, parameters=parameters)
            self._running[running.id] = running
            return running.score()

    def strike(self, source: str, path: str, method: str = "GET", header: Header = lambda _name: None) -> Strike | None:
        """Ask whether this request is hit; the first plan that concerns it and strikes now decides."""
        with self._lock:
            for running in self._running.values():
                if not running.plan.concerns(source, path, method, header):
                    continue
                running.seen += 1
                if running.plan.strikes(running.seen, running.fired):
                    running.fired += 1
                    return Strike(fault=running.plan.fault, parameters=running.parameters)
        return None

    def scores(self) -> list[dict[str, object]]:
        """Every plan's score, oldest first."""
        with self._lock:
            return [running.score() for running in self._running.values()]

    def score(self, plan_id: str) -> dict[str, object] | None:
        """One plan's score; None if there is no such plan."""
        with self._lock:
            running = self._running.get(plan_id)
            return running.score() if running else None

    def remove(self, plan_id: str) -> bool:
        """Lift one plan; whether there was one."""
        with self._lock:
            return self._running.pop(plan_id, None) is not None

    def reset(self) -> None:
        """Lift every plan."""
        with self._lock:
            self._running.clear()


def _parameters(fault: str, given: Mapping[str, object]) -> dict[str, object]:
    if fault not in FAULTS:
        raise PlanError(f"There is no fault {fault!r}; there are: {', '.join(FAULTS)}.")
    defaults = FAULTS[fault]
    for name, value in given.items():
        if name not in defaults:
            raise PlanError(f"The fault {fault!r} has no parameter {name!r}; it has: {', '.join(defaults) or 'none'}.")
        if name in CHOICES and value not in CHOICES[name]:
            raise PlanError(f"{name} is one of {', '.join(map(str, CHOICES[name]))}; not {value!r}.")
        if name not in CHOICES and not _is_seconds(value):
            raise PlanError(f"{name} is a number from 0 to 60; not {value!r}.")
    return defaults | dict(given)


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 60
