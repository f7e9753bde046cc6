"""A reverse proxy on loopback that passes everything on as it comes and tells a recording of it.

What the server does, the client sees: a refused connection is the only thing that the proxy answers itself (502). A
body is passed on while it arrives; a server that hangs up makes the proxy hang up.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from sap_mock.replay.recording import Recording
from sap_mock.replay.rewriting import Rewriter
from sap_mock.wire.exchange import Request, Response

_HOP_BY_HOP = frozenset({
    "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"
})  # fmt: skip
_CHUNK = 65_536
_LARGEST_KEPT = 16_000_000  # bytes of a body; what is longer is recorded as cut
_CONNECT_SECONDS = 20
_LAST_SECONDS = 10


class CannotListen(Exception):
    """The address cannot be used; the message says why."""


def serve(target: str, recording: Recording, *, port: int, announce: Callable[[str], None]) -> None:
    """Pass requests on to ``target`` (an origin) until told to stop; raises :class:`CannotListen`."""
    try:
        server = Proxy(("127.0.0.1", port), target, recording)
    except (OSError, OverflowError) as error:
        raise CannotListen(f"Cannot listen on 127.0.0.1:{port}: {error}. Choose another with --port.") from error
    with server:
        announce(f"http://127.0.0.1:{server.server_port}")
        server.serve_forever(poll_interval=0.1)


class Proxy(ThreadingHTTPServer):
    """The server; a thread for each connection."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], target: str, recording: Recording) -> None:
        self.target = target
        self.recording = recording
        timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=None)
        self.pool = urllib3.connection_from_url(target, maxsize=32, retries=False, timeout=timeout)
        self._passing = 0
        self._passed = Condition()
        super().__init__(address, _Passage)  # last, since it closes what it cannot bind

    @contextmanager
    def passing(self) -> Iterator[None]:
        """An exchange on its way, which a server that stops waits for until it is recorded."""
        with self._passed:
            self._passing += 1
        try:
            yield
        finally:
            with self._passed:
                self._passing -= 1
                self._passed.notify_all()

    def server_close(self) -> None:
        """Stop listening, let what is on its way be recorded, and let go of the connections to the target."""
        super().server_close()
        with self._passed:
            self._passed.wait_for(lambda: self._passing == 0, timeout=_LAST_SECONDS)
        self.pool.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Passage(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):  # whatever the method
            return self._counted
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its parent calls it so
        """Say nothing: the recording tells it."""

    def _counted(self) -> None:
        with self.server.passing():
            self._pass()

    def _pass(self) -> None:
        fields = tuple(self.headers.items())
        request = Request(method=self.command, target=self.path, fields=fields, body=self._request_body())
        mine = f"http://{self.headers.get('Host') or f'127.0.0.1:{self.server.server_port}'}"
        outward = Rewriter(mine, self.server.target)
        host = urlsplit(self.server.target).netloc
        told = Request(
            method=request.method,
            target=outward.text(request.target),
            fields=(("Host", host), *((n, outward.text(v)) for n, v in request.without(["host"]).fields)),
            body=outward.body(request.body),
        )
        try:
            answer = self._ask(told)
        except (NewConnectionError, ConnectTimeoutError, SSLError) as error:
            self._say(502, f"{self.server.target} cannot be reached: {error}\n")
            return
        except HTTPError:
            self.close_connection = True
            self.server.recording.add(told, None)
            return
        inward = Rewriter(self.server.target, mine)
        body, whole = _Kept(), False
        try:
            self._answer(answer, inward, body)
            whole = True
        except (HTTPError, ConnectionError):
            self.close_connection = True
        finally:
            answer.close() if not whole else answer.release_conn()
            self.server.recording.add(told, _told(answer, body, whole=whole))

    def _request_body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            length = self.headers.get("Content-Length", "0")
            return self.rfile.read(int(length)) if length.isdigit() else b""
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0].strip() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def _ask(self, request: Request) -> urllib3.BaseHTTPResponse:
        headers = urllib3.HTTPHeaderDict()
        for name, value in request.fields:
            if name.lower() not in (*_HOP_BY_HOP, "accept-encoding", "content-length"):
                headers.add(name, value)
        compressed = "gzip" in (request.field("accept-encoding") or "")
        headers["Accept-Encoding"] = "gzip" if compressed else "identity"  # what can be read on its way
        if request.body or request.field("content-length"):
            headers["Content-Length"] = str(len(request.body))
        return self.server.pool.urlopen(
            request.method,
            request.target,
            body=request.body or None,
            headers=headers,
            redirect=False,
            preload_content=False,
            assert_same_host=False,
        )

    def _answer(self, answer: urllib3.BaseHTTPResponse, inward: Rewriter, kept: _Kept) -> None:
        """Send the answer on; raises what the connection to either side raises."""
        without_body = self.command == "HEAD" or answer.status in (204, 304)
        chunks = iter(()) if without_body else kept.while_passing(answer.stream(_CHUNK, decode_content=True))
        multipart = (answer.headers.get("content-type") or "").startswith("multipart/mixed")
        length = answer.headers.get("content-length") or ""
        at_once = multipart or (length.isdigit() and int(length) <= _CHUNK)
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.headers.items():
            counts = name.lower() == "content-length" and not without_body
            if not counts and name.lower() not in (*_HOP_BY_HOP, "content-encoding"):
                self.send_header(name, inward.field(name, value))
        if without_body:
            self.end_headers()
        elif at_once:
            self._whole(chunks, inward)
        else:
            self._stream(inward.stream(chunks))

    def _whole(self, chunks: Iterator[bytes], inward: Rewriter) -> None:
        """A body of one piece; one that broke off is sent as far as it came, and is missing as much as it was."""
        arrived: list[bytes] = []
        broken: HTTPError | None = None
        try:
            arrived.extend(chunks)
        except HTTPError as error:
            broken = error
        body = inward.body(b"".join(arrived))
        self.send_header("Content-Length", str(len(body) + (broken is not None)))
        self.end_headers()
        self.wfile.write(body)
        if broken is not None:
            raise broken

    def _stream(self, chunks: Iterator[bytes]) -> None:
        chunked = self.request_version == "HTTP/1.1"
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")))
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
            self.wfile.flush()
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _say(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)


class _Kept:
    """What has passed of a body, up to a limit."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.whole = True

    def while_passing(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The same chunks."""
        for chunk in chunks:
            self.whole = self.whole and len(self.body) + len(chunk) <= _LARGEST_KEPT
            if self.whole:
                self.body += chunk
            yield chunk


def _told(answer: urllib3.BaseHTTPResponse, kept: _Kept, *, whole: bool) -> Response:
    return Response(
        status=answer.status,
        reason=answer.reason or "",
        fields=tuple(answer.headers.items()),
        body=bytes(kept.body),
        cut=not (whole and kept.whole),
    )
