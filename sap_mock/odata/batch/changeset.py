"""References between the operations of a changeset: ``$<Content-ID>`` stands for what an earlier one created."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from sap_mock.odata.messages import ODataRequest


def resolved(request: ODataRequest, service_path: str, created: Mapping[str, str]) -> ODataRequest:
    """The request with ``$id`` replaced at the start of its path and in the addresses of its body.

    ``created`` maps a Content-ID to the relative address of the entity created under it.
    """
    if not created:
        return request
    behind = request.path.removeprefix(service_path).lstrip("/")
    first, slash, rest = behind.partition("/")
    if first.startswith("$") and first[1:] in created:
        request = replace(request, path=f"{service_path.rstrip('/')}/{created[first[1:]]}{slash}{rest}")
    names = "|".join(re.escape(name) for name in created)
    reference = re.compile(rf'(?<=["/>])\$({names})(?=["/<])'.encode())
    if reference.search(request.body):
        body = reference.sub(lambda match: created[match[1].decode()].encode(), request.body)
        request = replace(request, body=body)
    return request
