"""Exchanges as a case, in the format of tests/wire/cases: to be read, and to be played against any server."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from sap_mock.wire import case_file
from sap_mock.wire.exchange import Case, Exchange, Request, Response

_OF_A_CONNECTION = frozenset({"accept-encoding", "connection", "content-length"})
_QUOTED = re.compile(r"'[^']*'")
UNANSWERED = frozenset({"never", "reset"})
"""The transmissions that let no byte of an answer out."""


def text(documents: Sequence[Mapping[str, Any]]) -> bytes:
    """The .http file of exchanges as ``/_mock/journal`` shows them."""
    return case_file.write(Case(name="journal", exchanges=tuple(map(_exchange, documents))))


def _exchange(document: Mapping[str, Any]) -> Exchange:
    asked, given = document["request"], document["response"]
    request = Request(
        method=asked["method"], target=target(asked), fields=_fields(asked["headers"]), body=content(asked["body"])
    )
    if document["transmission"] in UNANSWERED:
        return Exchange(request=request)
    response = Response(
        status=given["status"],
        reason=reason(given["status"]),
        fields=(*_fields(given["headers"]), ("content-length", str(given["body"]["bytes"]))),
        body=content(given["body"]),
        cut=document["transmission"] == "cut" or bool(given["body"].get("truncated")),
    )
    return Exchange(request=request, response=response)


def target(asked: Mapping[str, Any]) -> str:
    """Path and query as a request line has them; a slash in a key is encoded, since it divides nothing."""
    path = _QUOTED.sub(lambda literal: literal[0].replace("/", "%2F"), quote(asked["path"], safe="/$()',;=:@!*+~"))
    return f"{path}?{asked['query']}" if asked["query"] else path


def content(body: Mapping[str, Any]) -> bytes:
    """The bytes of a body, as many as were kept."""
    return b64decode(body["text"]) if body.get("encoding") == "base64" else body["text"].encode()


def reason(status: int) -> str:
    """The phrase behind a status, or nothing."""
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def _fields(fields: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in fields if name not in _OF_A_CONNECTION)
