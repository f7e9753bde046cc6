"""What a fault is: it stands around the answer to a request and may change either. It decides; it touches no socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Any, ClassVar

from sap_mock.odata.messages import ODataRequest, ODataResponse

Answer = Callable[[ODataRequest], ODataResponse]
WRITES = frozenset({"POST", "PUT", "PATCH", "MERGE", "DELETE"})


class Level(Enum):
    """What a fault strikes.

    EXCHANGE: a request with all of its answer; a $batch as one, when it or any operation in it is in the plan's scope.
    OPERATION: a request by itself after its log-on, or one operation of a $batch. EITHER: a request, a $batch that is
    itself in the scope, or one operation of a $batch.
    """

    EXCHANGE = "exchange"
    OPERATION = "operation"
    EITHER = "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a fault: type, default, meaning; ``between`` for a number, ``choices`` for some texts."""

    type: type
    default: Any
    meaning: str
    between: range = range(1_000_000)
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """One strike of a plan: the parameters it was given, its number from 1, and its own chance."""

    settings: Mapping[str, Any]
    number: int = 1
    chance: Random = field(default_factory=Random)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What is done to one operation: it ends in ``error``, or all goes well and its update fails afterwards."""

    error: Exception | None = None
    loses_update: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a request is about, as far as its address tells.

    ``key`` is the key predicate without its parentheses; ``number`` counts the operations of a $batch from 1 and
    ``position`` those of a changeset; ``plans`` are the plan ids that the caller names; ``operations`` gives the scopes
    of the operations in a $batch.
    """

    service: str
    entity_set: str
    method: str
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    body: bytes = b""
    number: int | None = None
    position: int | None = None
    content_id: str | None = None
    plans: frozenset[str] = frozenset()
    operations: Callable[[], Sequence[Scope]] = tuple


@dataclass(frozen=True, slots=True)
class Fault:
    """The parent of all faults. ``parameters`` are what a plan may set besides its scope and rhythm."""

    name: ClassVar[str]
    level: ClassVar[Level] = Level.EXCHANGE
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def concerns(self, scope: Scope, settings: Mapping[str, Any]) -> bool:
        """Whether the fault can do anything to such a request; another one is no match of a plan."""
        del scope, settings
        return True

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        """The response that this fault makes of ``answer(request)``, which it may call or not."""
        del strike
        return answer(request)

    def effect(self, strike: Strike) -> Effect:
        """What this fault does to a single operation, for the levels OPERATION and EITHER."""
        del strike
        return Effect()
