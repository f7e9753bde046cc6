"""WSGI ⇄ the engine's messages, and the one place that performs a transmission.

OData requests do not pass through Flask, whose routing and contexts took a third of the time of a single POST.

Granian writes a response through hyper, which refuses to send a head whose Content-Length is no number and closes the
connection without a byte: that is how an answer is lost. A body that raises in its middle closes it half-way.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from time import sleep
from typing import Any

from flask import Response
from werkzeug.wsgi import get_host, get_input_stream

from sap_mock.odata.messages import Headers, ODataRequest, ODataResponse, Transmission

_GZIP_FROM = 1024  # bytes; below that, compressing saves nothing
_FLUSH_SECONDS = 0.05
_REASONS = {status.value: status.phrase for status in HTTPStatus}

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class ConnectionCut(Exception):
    """Raised inside a body to make the server close the connection."""


class ODataRoot:
    """The WSGI application that answers below ``root`` by ``answer`` and leaves to ``others`` what it does not know.

    These are other paths, and methods and spellings of the root that ``others`` refuses or redirects.
    """

    def __init__(
        self, root: str, methods: Iterable[str], answer: Callable[[ODataRequest], ODataResponse], others: Application
    ) -> None:
        self._path = re.compile(re.escape(root) + r"(?:[^/].*)?")
        self._methods = frozenset(methods)
        self._answer = answer
        self._others = others

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """As PEP 3333 says."""
        known = self._path.fullmatch(environ["PATH_INFO"]) and environ["REQUEST_METHOD"].upper() in self._methods
        if not known:
            return self._others(environ, start_response)
        return send(self._answer(to_request(environ)), environ, start_response)


def to_request(environ: Environ) -> ODataRequest:
    """The engine's request. The path arrives percent-decoded, as WSGI hands it over ([PEP 3333])."""
    return ODataRequest(
        method=environ["REQUEST_METHOD"].upper(),
        path=environ["PATH_INFO"].encode("latin-1", "replace").decode("utf-8", "replace"),
        query=environ.get("QUERY_STRING", ""),
        headers=Headers(_fields(environ)),
        body=get_input_stream(environ).read() if _has_body(environ) else b"",
        origin=f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST') or get_host(environ)}",
    )


def _has_body(environ: Mapping[str, Any]) -> bool:
    return bool(environ.get("CONTENT_LENGTH")) or "HTTP_TRANSFER_ENCODING" in environ


def _fields(environ: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The header fields as WSGI hands them over; walking Werkzeug's view of them costs more than all else here."""
    for name, value in environ.items():
        if name.startswith("HTTP_") and type(value) is str:
            yield name[5:].replace("_", "-"), value
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            yield name.replace("_", "-"), environ[name]


def send(response: ODataResponse, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The response, transmitted as the engine decided."""
    headers, body = list(response.headers), response.body
    if response.transmission in (Transmission.NEVER, Transmission.RESET):
        lost = Response(iter([b""]), status=response.status, headers=[("content-length", "never")])
        return lost(environ, start_response)
    if len(body) >= _GZIP_FROM and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        body = gzip.compress(body, 1, mtime=0)
        headers.append(("content-encoding", "gzip"))
    length, status = ("content-length", str(len(body))), response.status
    if response.transmission is Transmission.CUT:
        cut = Response(_cut(body, response.amount), status=status, headers=[*headers, length])
        return cut(environ, start_response)
    bodiless = environ["REQUEST_METHOD"] == "HEAD" or status == 304
    if response.transmission is Transmission.DRIP and not bodiless:
        dripping = Response(_dripping(body, response.amount), status=status, headers=[*headers, length])
        return dripping(environ, start_response)
    if not bodiless:  # the length of nothing is not the length of the entity
        headers.append(length)
    start_response(f"{status} {_REASONS.get(status, 'UNKNOWN')}", headers)
    return [body] if body else iter(())  # a list would lose a 204 its Content-Length on the way through hyper


def _cut(body: bytes, percent: int) -> Iterator[bytes]:
    yield body[: len(body) * percent // 100]
    sleep(_FLUSH_SECONDS)
    raise ConnectionCut


def _dripping(body: bytes, bytes_per_second: int) -> Iterator[bytes]:
    """The body in pieces, at most twenty a second."""
    size = max(bytes_per_second // 20, 1)
    for begin in range(0, len(body), size):
        yield body[begin : begin + size]
        sleep(size / bytes_per_second)
