"""Flask ⇄ the engine's messages, and the one place that performs a transmission.

Granian writes a response through hyper, which refuses to send a head whose Content-Length is no number and closes the
connection without a byte: that is how an answer is lost. A body that raises in its middle closes it half-way.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from time import sleep
from typing import Any

from flask import Request, Response

from sap_mock.odata.messages import Headers, ODataRequest, ODataResponse, Transmission

_GZIP_FROM = 1024  # bytes; below that, compressing saves nothing
_FLUSH_SECONDS = 0.05


class Answer(Response):
    """A response whose header fields are complete: Werkzeug has nothing to add and nothing to look up."""

    default_mimetype = None

    def get_wsgi_headers(self, environ: Any) -> Any:
        return self.headers


class ConnectionCut(Exception):
    """Raised inside a body to make the server close the connection."""


def to_request(request: Request) -> ODataRequest:
    """The engine's request. The path arrives percent-decoded, as WSGI hands it over ([PEP 3333])."""
    environ = request.environ
    return ODataRequest(
        method=request.method,
        path=environ["PATH_INFO"].encode("latin-1", "replace").decode("utf-8", "replace"),
        query=environ.get("QUERY_STRING", ""),
        headers=Headers(_fields(environ)),
        body=request.get_data(cache=False) if _has_body(environ) else b"",
        origin=f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST') or request.host}",
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


def send(response: ODataResponse, request: Request) -> Response:
    """Flask's response, transmitted as the engine decided."""
    headers, body = list(response.headers), response.body
    if response.transmission in (Transmission.NEVER, Transmission.RESET):
        return Response(iter([b""]), status=response.status, headers=[("content-length", "never")])
    if len(body) >= _GZIP_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, 1, mtime=0)
        headers.append(("content-encoding", "gzip"))
    if request.method == "HEAD" or response.status == 304:  # the length of nothing is not the length of the entity
        return Answer(None, status=response.status, headers=headers)
    headers.append(("content-length", str(len(body))))
    if body and response.transmission is Transmission.CUT:  # of nothing, nothing is cut and nothing comes late
        return Answer(_cut(body, response.amount), status=response.status, headers=headers)
    if body and response.transmission is Transmission.DRIP:
        return Answer(_dripping(body, response.amount), status=response.status, headers=headers)
    return Answer(body, status=response.status, headers=headers)


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
