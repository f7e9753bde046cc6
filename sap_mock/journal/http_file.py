"""Exchanges as .http texts: what was sent and what came back, byte by byte, in the form of tests/wire/cases.

What belongs to one log-on or one connection is left out, since a replay brings its own.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

_OWN_OF_A_REPLAY = frozenset({
    "authorization", "connection", "content-length", "cookie", "host", "proxy-authorization", "x-csrf-token"
})  # fmt: skip
_OWN_OF_AN_ANSWER = frozenset({"set-cookie", "x-csrf-token", "content-length"})


def request(document: Mapping[str, Any]) -> bytes:
    """The request of an exchange as ``/_mock/journal`` shows it."""
    asked = document["request"]
    host = asked["origin"].partition("://")[2]
    fields = [("host", host), *((name, value) for name, value in asked["headers"] if name not in _OWN_OF_A_REPLAY)]
    return _message(f"{asked['method']} {target(asked)} HTTP/1.1", fields, content(asked["body"]))


def response(document: Mapping[str, Any]) -> bytes:
    """The answer as it was decided."""
    given = document["response"]
    body = content(given["body"])
    fields = [(name, value) for name, value in given["headers"] if name not in _OWN_OF_AN_ANSWER]
    line = f"HTTP/1.1 {given['status']} {reason(given['status'])}".rstrip()
    return _message(line, [*fields, ("content-length", str(len(body)))], body)


def pairs(documents: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, bytes]]:
    """File names with their content: ``0001_post_invoices.request.http`` and ``….response.http`` for each exchange."""
    for number, document in enumerate(documents, start=1):
        words = f"{document['request']['method']} {document['entity_set'] or document['service']}"
        name = f"{number:04d}_{re.sub(r'[^a-z0-9]+', '_', words.lower()).strip('_')}"
        yield f"{name}.request.http", request(document)
        yield f"{name}.response.http", response(document)


def text(documents: Sequence[Mapping[str, Any]]) -> bytes:
    """All exchanges in one text, each under a ``###`` line that says what became of it."""
    return b"".join(
        f"### {name}{told}\r\n".encode() + content + b"\r\n\r\n"
        for (name, content), told in zip(pairs(documents), _told(documents), strict=True)
    )


def _told(documents: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for document in documents:
        yield f"  {document['started']}"
        struck = "".join(f" {strike['fault']}" for strike in document["faults"])
        yield f"  {document['milliseconds']} ms, sent: {document['transmission']}{struck and f', struck by{struck}'}"


def target(asked: Mapping[str, Any]) -> str:
    """Path and query as a request line has them."""
    path = quote(asked["path"], safe="/$()',;=:@!*+~")
    return f"{path}?{asked['query']}" if asked["query"] else path


def content(body: Mapping[str, Any]) -> bytes:
    """The bytes of a body, as many as were kept."""
    return b64decode(body["text"]) if body.get("encoding") == "base64" else body["text"].encode()


def reason(status: int) -> str:
    """The phrase behind a status, or nothing."""
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def _message(line: str, fields: Sequence[tuple[str, str]], body: bytes) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"{line}\r\n{head}\r\n".encode() + body
