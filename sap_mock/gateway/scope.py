"""What a request is about, as far as its address tells: for fault plans and the journal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from sap_mock.faults.fault import Scope
from sap_mock.odata.batch import multipart
from sap_mock.odata.batch.multipart import ChangesetRequest
from sap_mock.odata.errors import ODataError
from sap_mock.odata.messages import BatchPart, ODataRequest

_ADDRESS = re.compile(r"(/sap/opu/odata/(?:[^/;]+/)?([^/;]+)[^/]*)/?([^/(?]*)(?:\(([^)]*)\))?")
_PLANS = "x-mock-plan"
_ALONE = BatchPart(number=0)


def scope_of(request: ODataRequest) -> Scope:
    """The service, the first segment behind its root, the method, and where in a $batch it stands."""
    match = _ADDRESS.match(request.path)
    root, service, entity_set, key = match.groups() if match else ("", "", "", None)
    part = request.part or _ALONE
    named = request.notes.plans or request.headers.get(_PLANS, "")
    request.notes.plans = named
    return Scope(
        service=service,
        entity_set=entity_set,
        method=_method(request),
        headers=request.headers,
        key=key or "",
        body=request.body,
        number=part.number or None,
        position=part.position,
        content_id=part.content_id,
        plans=frozenset(named.replace(",", " ").split()),
        operations=cache(lambda: _operations(request, root)) if entity_set == "$batch" else tuple,
    )


def entity_set_of(request: ODataRequest) -> str:
    """The first segment behind the root of the service, which :func:`scope_of` tells among the rest."""
    match = _ADDRESS.match(request.path)
    return match[3] if match else ""


def _operations(request: ODataRequest, root: str) -> Sequence[Scope]:
    """The scopes of the operations in a $batch; none for a body that is no batch."""
    try:
        parts = multipart.read(request.body, request.headers.get("content-type", ""), request, root)
    except ODataError:
        return ()
    return [
        scope_of(operation)
        for part in parts
        for operation in (part.operations if isinstance(part, ChangesetRequest) else (part,))
    ]


def _method(request: ODataRequest) -> str:
    """POST with X-HTTP-Method is that method ([MS-ODATA] 2.2.5.8)."""
    tunnelled = request.headers.get("x-http-method") if request.method == "POST" else None
    return tunnelled.upper() if tunnelled else request.method
