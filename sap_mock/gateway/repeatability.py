"""Idempotent services: the same RequestID again gives the first answer again and does nothing.

SAP Help, "Defining Settings for Idempotent Services": request fields RequestID (a GUID of 32 hexadecimal digits) and
RepeatabilityCreation, answer field RepeatabilityResult. Clean-up jobs bound it, typically at 6 hours for the answers
(ids stay longer); from then on /IWBEP/CM_COS 005 says that the request was processed and its answer is gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sap_mock.odata.errors import Refusal, refused
from sap_mock.odata.messages import ODataRequest, ODataResponse

_GUID = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
ANSWERS_KEPT = timedelta(hours=6)
_ACCEPTED = ("repeatabilityresult", "accepted")


class Kept(Protocol):
    """An answer given before."""

    @property
    def response(self) -> ODataResponse:
        """The answer."""

    @property
    def answered(self) -> datetime:
        """When it was given."""


class Memory(Protocol):
    """Where answers are kept, in the unit of work of the request."""

    def find(self, request_id: str) -> Kept | None:
        """The answer given under an id."""

    def keep(self, request_id: str, response: ODataResponse, answered: datetime) -> None:
        """Keep an answer."""


def request_id(request: ODataRequest) -> str | None:
    """The RequestID of a request, in one spelling, or None where there is no GUID."""
    text = request.headers.get("requestid", "").strip()
    return text.replace("-", "").upper() if _GUID.fullmatch(text) else None


def once(identifier: str, memory: Memory, now: datetime, perform: Callable[[], ODataResponse]) -> ODataResponse:
    """Perform a request, or give the answer it got before; raises ODataError where that answer is no longer kept."""
    kept = memory.find(identifier)
    if kept is None:
        response = perform()
        memory.keep(identifier, response, now)
        return response.with_headers(_ACCEPTED)
    if now - kept.answered > ANSWERS_KEPT:
        raise refused(Refusal.REQUEST_ID_OUTDATED)
    return kept.response.with_headers(_ACCEPTED)
