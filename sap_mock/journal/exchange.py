"""One exchange as the gateway hands it over: what was asked, what was decided, and when. Flat, because it is packed."""

from __future__ import annotations

import marshal
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol, Self

from sap_mock.odata.messages import ODataRequest, ODataResponse, Performed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Fields = tuple[tuple[str, str], ...]


class Exchange(NamedTuple):
    """A request, its answer as decided, and how long the deciding took.

    ``started`` is in microseconds since 1970; ``transmission`` tells how much of the answer was sent; ``strikes`` are
    the ids and faults of the plans that struck; the bodies may be cut, their whole lengths stand beside them.
    """

    started: int
    seconds: float
    service: str
    entity_set: str
    method: str
    origin: str
    path: str
    query: str
    request_headers: Fields
    request_body: bytes
    request_bytes: int
    status: int
    response_headers: Fields
    response_body: bytes
    response_bytes: int
    transmission: str
    transaction_id: str
    strikes: tuple[tuple[str, str], ...]
    operations: tuple[Performed, ...]

    @classmethod
    def of(
        cls,
        request: ODataRequest,
        response: ODataResponse,
        *,
        about: tuple[str, str],
        started: datetime,
        seconds: float,
    ) -> Self:
        """What was exchanged; ``about`` is the service and the entity set."""
        notes = request.notes
        return cls(
            started=microseconds(started),
            seconds=seconds,
            service=about[0],
            entity_set=about[1],
            method=request.method,
            origin=request.origin,
            path=request.path,
            query=request.query,
            request_headers=tuple(request.headers.items()),
            request_body=request.body,
            request_bytes=len(request.body),
            status=response.status,
            response_headers=response.headers,
            response_body=response.body,
            response_bytes=len(response.body),
            transmission=response.transmission.value,
            transaction_id=notes.transaction_id,
            strikes=tuple(notes.strikes),
            operations=tuple(notes.operations),
        )

    def cut(self, most: int) -> Self:
        """The same with at most so many bytes of either body."""
        if self.request_bytes <= most and self.response_bytes <= most:
            return self
        return self._replace(request_body=self.request_body[:most], response_body=self.response_body[:most])

    def packed(self) -> bytes:
        """For a file of this program; :meth:`unpacked` reads it."""
        return marshal.dumps((*self[:-1], tuple(map(tuple, self.operations))))

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        """What was :meth:`packed` by a process of the same server."""
        *fields, operations = marshal.loads(packed)  # noqa: S302 - our own file, which only our own user can write
        return cls._make((*fields, tuple(Performed(*operation) for operation in operations)))

    @property
    def moment(self) -> datetime:
        """When it started."""
        return _EPOCH + timedelta(microseconds=self.started)


def microseconds(moment: datetime) -> int:
    """A moment as exchanges count it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


class Journal(Protocol):
    """Where exchanges are remembered."""

    def record(self, exchange: Exchange) -> None:
        """Remember an exchange; never raises, since what is remembered must not change what is answered."""
