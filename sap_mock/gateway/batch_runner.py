"""Runs the parts of a $batch. A changeset is one unit of work: all of it is kept, or one refusal answers for all.

SAP Note 1869434: reads stand outside changesets, writes inside; operations of a changeset run in the order given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Protocol

from sap_mock import identifiers
from sap_mock.faults.fault import Effect
from sap_mock.gateway.scope import entity_set_of
from sap_mock.odata.batch import changeset, multipart
from sap_mock.odata.batch.multipart import Answer, ChangesetAnswer, ChangesetRequest
from sap_mock.odata.errors import ErrorDetail, ODataError, Refusal, Terminated, refused
from sap_mock.odata.messages import ODataRequest, ODataResponse, Performed
from sap_mock.provider.catalog import Location
from sap_mock.storage.unit_of_work import UnitOfWork

_READS = frozenset({"GET", "HEAD"})
_WRITES = frozenset({"POST", "PUT", "MERGE", "PATCH", "DELETE"})


class Work(Protocol):
    """One changeset's unit of work, as the gateway opens it."""

    def begin(self, requests: Sequence[ODataRequest]) -> None:
        """Announce the operations to the data provider; raises ODataError."""

    def perform(self, request: ODataRequest) -> ODataResponse:
        """Perform one operation; raises ODataError."""

    def end(self, *, keep: bool) -> None:
        """All went well: commit; without ``keep`` the update fails behind the caller's back."""

    def discard(self) -> None:
        """Roll back; harmless after :meth:`end`."""


class BatchRunner:
    """Runs batches with what the gateway gives it.

    ``alone`` answers a part that stands by itself; ``together`` opens the work of a changeset, in the ``unit_of_work``
    that the changesets of a batch use one after another; ``refuse`` words a refusal; ``struck`` tells what faults do to
    an operation of a changeset.
    """

    def __init__(
        self,
        *,
        alone: Callable[[ODataRequest], ODataResponse],
        together: Callable[[Location, UnitOfWork], Work],
        unit_of_work: Callable[[], UnitOfWork],
        refuse: Callable[[Exception, ODataRequest], ODataResponse],
        struck: Callable[[ODataRequest], Effect],
    ) -> None:
        self._alone = alone
        self._together = together
        self._unit_of_work = unit_of_work
        self._refuse = refuse
        self._struck = struck

    def run(self, request: ODataRequest, location: Location) -> ODataResponse:
        """202 with the answers to all parts; raises ODataError (400) for a body that is no batch."""
        parts = multipart.read(
            request.body, request.headers.get("content-type", ""), request, location.root_path.rstrip("/")
        )
        _check_methods(parts)
        with self._unit_of_work() as unit_of_work:
            answers = [self._answer(part, location, unit_of_work) for part in parts]
        request.notes.operations += _told(parts, answers)
        boundary = identifiers.batch_boundary()
        return ODataResponse(
            status=202,
            headers=(
                ("content-type", f"multipart/mixed; boundary={boundary}0"),
                ("dataserviceversion", "2.0"),
                ("cache-control", "no-cache, no-store, must-revalidate"),
            ),
            body=multipart.write(answers, boundary),
        )

    def _answer(
        self, part: ODataRequest | ChangesetRequest, location: Location, unit_of_work: UnitOfWork
    ) -> Answer | ChangesetAnswer:
        if isinstance(part, ChangesetRequest):
            return self._changeset(part, location, unit_of_work)
        return Answer(response=self._alone(part), content_id=part.content_id, to_head=part.method == "HEAD")

    def _changeset(
        self, part: ChangesetRequest, location: Location, unit_of_work: UnitOfWork
    ) -> Answer | ChangesetAnswer:
        if not part.operations:
            return ChangesetAnswer()
        effects = [self._struck(request) for request in part.operations]  # before a transaction is open
        work = self._together(location, unit_of_work)
        at = part.operations[0]
        try:
            work.begin(part.operations)
            answers: list[Answer] = []
            created: dict[str, str] = {}
            alone = len(part.operations) == 1  # nothing refers to what it creates
            for at, effect in zip(part.operations, effects, strict=True):
                response = _performed(work, changeset.resolved(at, location.root_path, created), effect.error)
                if at.content_id and not alone and (address := response.header("location")):
                    created[at.content_id] = address.partition(location.root_path)[2]
                answers.append(Answer(response=response, content_id=at.content_id))
            work.end(keep=not any(effect.loses_update for effect in effects))
        except Terminated:
            work.discard()
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke, nothing of the changeset may stay
            work.discard()
            return Answer(response=self._refuse(_with_content_id(error, at.content_id), at))
        return ChangesetAnswer(answers=tuple(answers))


def _performed(work: Work, request: ODataRequest, fault: Exception | None) -> ODataResponse:
    if fault is not None:
        raise fault
    return work.perform(request)


def _told(
    parts: Sequence[ODataRequest | ChangesetRequest], answers: Sequence[Answer | ChangesetAnswer]
) -> Iterator[Performed]:
    """What is noted of each operation; those of a failed changeset share its one answer."""
    changesets = count(1)
    for part, answer in zip(parts, answers, strict=True):
        number = next(changesets) if isinstance(part, ChangesetRequest) else None
        operations = part.operations if isinstance(part, ChangesetRequest) else (part,)
        given = answer.answers if isinstance(answer, ChangesetAnswer) else (answer,) * len(operations)
        for request, one in zip(operations, given, strict=True):
            yield Performed(
                method=request.method,
                path=request.path,
                entity_set=entity_set_of(request),
                status=one.response.status,
                content_id=request.content_id,
                changeset=number,
            )


def _check_methods(parts: Sequence[ODataRequest | ChangesetRequest]) -> None:
    for part in parts:
        if isinstance(part, ChangesetRequest):
            allowed = all(request.method in _WRITES for request in part.operations)
        else:
            allowed = part.method in _READS
        if not allowed:
            raise refused(Refusal.MALFORMED_SYNTAX)


def _with_content_id(error: Exception, content_id: str | None) -> Exception:
    if isinstance(error, ODataError) and content_id:
        error.details = tuple(_marked(detail, content_id) for detail in error.details)
    return error


def _marked(detail: ErrorDetail, content_id: str) -> ErrorDetail:
    return replace(detail, content_id=content_id)
