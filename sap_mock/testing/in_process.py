"""The gateway without a socket: requests hands its requests to the same application in the test's own process.

An answer is written as HTTP and read back by the library's own reader, so one that is lost or cut shows as the same
exceptions of requests as over a connection. What differs: docs/testing-your-integration.md.
"""

from __future__ import annotations

import http.client
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ProtocolError

from sap_mock import clock
from sap_mock.settings import from_environ
from sap_mock.testing.gateway import SapGateway

URL = "http://sap-mock.in-process"
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiAdapter(HTTPAdapter):
    """A transport for ``requests.Session.mount`` that ends at a WSGI application."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._application = application

    def send(  # noqa: PLR0913, PLR0917 - the parent's signature
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The application's answer; raises what requests raises when one is lost, or came after the time-out."""
        begun = clock.elapsed()
        octets = self._answered(_environ(request))
        patience = timeout[1] if isinstance(timeout, tuple) else timeout
        if patience is not None and clock.elapsed() - begun > patience:
            raise requests.ReadTimeout(f"Read timed out. (read timeout={patience})", request=request)
        received = http.client.HTTPResponse(_Received(octets), method=request.method)  # type: ignore[arg-type] # reads only
        try:
            received.begin()
        except http.client.HTTPException as error:
            raise requests.ConnectionError(ProtocolError("Connection aborted.", error), request=request) from error
        raw = urllib3.HTTPResponse(
            body=received,
            headers=urllib3.HTTPHeaderDict(received.getheaders()),
            status=received.status,
            reason=received.reason,
            preload_content=False,
            decode_content=False,
            original_response=received,
            request_method=request.method,
        )
        return self.build_response(request, raw)

    def _answered(self, environ: dict[str, Any]) -> bytes:
        """The octets that a server would send: none where the head cannot be sent, fewer where the body breaks off."""
        head: list[Any] = []

        def start_response(status: str, fields: list[tuple[str, str]], _error: Any = None) -> None:
            head[:] = [status, fields]

        chunks: list[bytes] = []
        parts = self._application(environ, start_response)
        try:
            chunks.extend(parts)
        except Exception:  # noqa: BLE001 - whatever a body raises, a server closes the connection at it
            chunks.append(b"")
        finally:
            getattr(parts, "close", lambda: None)()
        status, fields = int(head[0].partition(" ")[0]), head[1]
        if any(name.lower() == "content-length" and not value.isdigit() for name, value in fields):
            return b""
        lines = [
            f"HTTP/1.1 {status} {http.client.responses.get(status, '')}",
            *(f"{name}: {value}" for name, value in fields),
            f"date: {format_datetime(clock.now(), usegmt=True)}",
            "connection: close",
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + b"".join(chunks)


@contextmanager
def gateway_in_process(**options: Any) -> Iterator[SapGateway]:
    """A gateway that lives in this process; ``options`` are those of ``sap-mock serve``, by the names of its settings.

    Raises ``SettingsWrong`` for options that cannot be used, ``DatabaseUnusable`` for such a database.
    """
    from sap_mock.web.app import create_app  # noqa: PLC0415 - who only talks to a process need not load the engine
    from sap_mock.web.services import chosen  # noqa: PLC0415 - the same

    settings = from_environ({}, {"database": "sqlite://", **options})
    with tempfile.TemporaryDirectory(prefix="sap-mock-") as folder:
        kept = settings.database not in ("sqlite://", "sqlite:///:memory:")
        if not kept:
            settings = from_environ({}, {**options, "database": f"sqlite:///{folder}/sap-mock.db"})
        app = create_app(settings, chosen(settings), Path(folder) / "generation", durable=kept)
        user, password = next(iter(settings.users.items()))
        try:
            yield SapGateway(url=URL, user=user, password=password, adapter=WsgiAdapter(app))
        finally:
            app.extensions["sap_mock"].dispose()


class _Received:
    """As much of a socket as http.client reads from."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def makefile(self, _mode: str) -> io.BytesIO:
        """The octets."""
        return io.BytesIO(self._octets)


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    """The request as WSGI hands it over ([PEP 3333])."""
    parts = urlsplit(request.url or "")
    body = _octets(request.body)
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(parts.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc,
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        text = _text(value)
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = text
        elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            environ[f"HTTP_{key}"] = text
    return environ


def _text(value: str | bytes) -> str:
    """A header value, which requests takes as either."""
    return value if isinstance(value, str) else value.decode("latin-1")


def _octets(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    return bytes(body.read()) if hasattr(body, "read") else b"".join(body)
