"""What a fault is: it stands around the answer to a request and may change either. It decides; it touches no socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sap_mock.odata.errors import ODataError
from sap_mock.odata.messages import ODataRequest, ODataResponse

Answer = Callable[[ODataRequest], ODataResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a fault: its type, default and meaning, and what lies between where it is a number."""

    type: type
    default: Any
    meaning: str
    between: range = range(1_000_000)


@dataclass(frozen=True, slots=True)
class Fault:
    """The parent of all faults. ``parameters`` are what a plan may set besides its scope."""

    name: ClassVar[str]
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def concerns(self, method: str) -> bool:
        """Whether the fault can do anything to a request of this method; another one is no match of a plan."""
        del method
        return True

    def around(self, request: ODataRequest, answer: Answer, settings: Mapping[str, Any]) -> ODataResponse:
        """The response that this fault makes of ``answer(request)``, which it may call or not."""
        del settings
        return answer(request)

    def refusal(self, settings: Mapping[str, Any]) -> ODataError | None:
        """What this fault answers a single operation of a $batch with; None for one that strikes whole exchanges."""
        del settings
        return None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a request is about, as far as its address tells."""

    service: str
    entity_set: str
    method: str
    headers: Mapping[str, str] = field(default_factory=dict)
