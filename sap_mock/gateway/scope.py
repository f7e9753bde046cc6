"""What a request is about, as far as its address tells: for fault plans and the journal."""

from __future__ import annotations

import re

from sap_mock.faults.fault import Scope
from sap_mock.odata.messages import ODataRequest

_FIRST_SEGMENT = re.compile(r"/sap/opu/odata/(?:[^/;]+/)?([^/;]+)[^/]*/?([^/(?]*)")


def scope_of(request: ODataRequest) -> Scope:
    """The service, the first segment behind its root and the method."""
    match = _FIRST_SEGMENT.match(request.path)
    service, entity_set = match.groups() if match else ("", "")
    return Scope(service=service, entity_set=entity_set, method=request.method, headers=request.headers)
