"""What the engine takes and gives: a request of bytes, a response of bytes, and how much of it reaches the caller.

Nobody changes a request, a part of a batch or an answer, but freezing their fields would take a fourteenth of the time
of a changeset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, NamedTuple, TypeVar, overload

from sap_mock import identifiers

_Other = TypeVar("_Other")


class Headers(Mapping[str, str]):
    """Header fields by name, whatever the case of the name. Later fields of the same name win."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = {name.lower(): value for name, value in fields}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    @overload
    def get(self, name: str, /) -> str | None: ...
    @overload
    def get(self, name: str, /, default: str | _Other) -> str | _Other: ...
    def get(self, name: str, /, default: Any = None) -> Any:
        """The value of a field or the default; said here because a mapping's own takes an exception to find out."""
        return self._fields.get(name.lower(), default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Headers({sorted(self._fields)})"


class Transmission(Enum):
    """How much of a response reaches the caller; only a fault asks for less than all of it."""

    WHOLE = "whole"
    CUT = "cut"
    DRIP = "drip"
    NEVER = "never"
    RESET = "reset"


@dataclass(slots=True, kw_only=True)
class BatchPart:
    """Where an operation stands in its $batch: its number from 1, its place in its changeset, its Content-ID."""

    number: int
    position: int | None = None
    content_id: str | None = None


class Performed(NamedTuple):
    """One operation of a $batch with its answer's status; ``changeset`` is its changeset's number, from 1."""

    method: str
    path: str
    entity_set: str
    status: int
    content_id: str | None = None
    changeset: int | None = None


@dataclass(slots=True)
class Notes:
    """What is noted of one exchange while it is worked on, for the journal; the parts of a $batch share their batch's.

    ``strikes`` are the ids and faults of the plans that struck; ``transaction_id`` is the one that errors show;
    ``plans`` are the ids of fault plans that the caller names.
    """

    transaction_id: str = field(default_factory=identifiers.transaction_id)
    strikes: list[tuple[str, str]] = field(default_factory=list)
    operations: list[Performed] = field(default_factory=list)
    plans: str = ""


@dataclass(slots=True, kw_only=True)
class ODataRequest:
    """One request, top-level or a part of a $batch.

    ``path`` is percent-decoded and begins with a slash; ``query`` is raw; ``origin`` is ``scheme://host[:port]`` as
    the caller spelled it, from which every absolute address in an answer is built. ``part`` is set for the operations
    of a $batch.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    origin: str = "http://localhost"
    part: BatchPart | None = None
    notes: Notes = field(default_factory=Notes, compare=False, repr=False)

    @property
    def in_batch(self) -> bool:
        """Whether this is an operation of a $batch."""
        return self.part is not None

    @property
    def content_id(self) -> str | None:
        """The Content-ID of an operation of a $batch, if it has one."""
        return self.part.content_id if self.part is not None else None


@dataclass(slots=True, kw_only=True)
class ODataResponse:
    """One answer as decided; ``headers`` keep their order, ``provided`` tells that a data provider took part.

    ``amount`` is the percentage of the body that is sent for CUT, and bytes a second for DRIP.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    transmission: Transmission = Transmission.WHOLE
    amount: int = 0
    provided: bool = False

    def with_headers(self, *fields: tuple[str, str]) -> ODataResponse:
        """The same answer with these header fields added in front."""
        return replace(self, headers=(*fields, *self.headers))

    def header(self, name: str) -> str | None:
        """The first header field of this name, or None."""
        wanted = name.lower()
        for field_name, value in self.headers:
            if field_name.lower() == wanted:
                return value
        return None
