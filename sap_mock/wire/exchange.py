"""An HTTP exchange as the two ends see it: chunks joined, compression undone, header fields in the order they came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

_CONNECTION = ("connection", "keep-alive", "transfer-encoding", "content-encoding", "te", "trailer", "upgrade")
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a request and a response have in common. ``fields`` are header fields; a name may come twice."""

    fields: Fields = ()
    body: bytes = b""

    def field(self, name: str) -> str | None:
        """The first header field of this name, whatever its case."""
        return next((value for known, value in self.fields if known.lower() == name.lower()), None)

    def without(self, names: Iterable[str]) -> Self:
        """The same message without these header fields."""
        unwanted = {name.lower() for name in names}
        return replace(self, fields=tuple(field for field in self.fields if field[0].lower() not in unwanted))

    def without_connection(self) -> Self:
        """The same without what belongs to the connection; the length of a body that was compressed goes with it."""
        compressed = self.field("content-encoding") is not None
        return self.without((*_CONNECTION, "content-length") if compressed else _CONNECTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Message):
    """``target`` is what stands in the request line: path and query, as they were sent."""

    method: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Message):
    """``cut`` says that the body ended before its time."""

    status: int
    reason: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer; None for one that never came."""

    request: Request
    response: Response | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One or more exchanges that are played in their order. ``about`` is for people."""

    name: str
    exchanges: tuple[Exchange, ...]
    about: str = ""
