"""What the pipeline's tests stand on: a clock that moves when told, and real HTTP servers that answer as a script says."""

import threading
from dataclasses import dataclass
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

from pipeline.clock import Clock
from pipeline.ledger.rows import Arrival


class MovedClock(Clock):
    """Stands still until it is moved; sleeping moves it."""

    def __init__(self, start=1_800_000_000_000):
        self.at = start
        self.slept = []
        self._guids = count(1)
        self._lock = threading.Lock()

    def now(self):
        return self.at

    def shared(self, told):
        return self.at

    def monotonic(self):
        return self.at

    def sleep(self, milliseconds):
        self.slept.append(milliseconds)
        self.at += milliseconds

    def chance(self, upper):
        return upper

    def guid(self):
        with self._lock:
            return f"{next(self._guids):032X}"


@dataclass(frozen=True)
class Heard:
    """One request as the server heard it; header names in lower case."""

    method: str
    path: str
    headers: dict
    body: bytes


class Cut(bytes):
    """Bytes to write as they are, before the connection is cut."""


class OnLoopback:
    """A server in a thread, on a free port, until it is closed; `place` is its host and port."""

    def __init__(self, handler, tls=None):
        self._server = _Quiet(("127.0.0.1", 0), handler)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.place = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_arguments):
        pass


class AnsweringServer(OnLoopback):
    """Answers each request with what `script(heard)` gives: (status, headers, body), or `Cut` bytes; by TLS if told."""

    def __init__(self, script, tls=None):
        self.heard = []
        self.script = script
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                heard = Heard(self.command, self.path, headers, body)
                server.heard.append(heard)
                reply = server.script(heard)
                if isinstance(reply, Cut):
                    self.wfile.write(reply)
                    self.close_connection = True
                    return
                status, headers, content = reply
                head = f"HTTP/1.1 {status} x\r\nContent-Length: {len(content)}\r\n"
                head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                self.wfile.write(head.encode("latin-1") + b"\r\n" + (b"" if self.command == "HEAD" else content))

            def log_message(self, *_arguments):
                pass

        for method in ("GET", "POST", "HEAD"):
            setattr(Handler, f"do_{method}", Handler.answer)

        super().__init__(Handler, tls)
        self.url = f"{'https' if tls else 'http'}://{self.place}"


TOKEN = "Wk5AWTREx1Hk7nXXF_z5mQ=="
LOGGED_ON = (200, {"x-csrf-token": TOKEN, "Set-Cookie": "SAP_SESSIONID_MCK_001=a; path=/"}, b"")
REQUIRED = (
    403,
    {"x-csrf-token": "Required", "Content-Type": "text/plain; charset=utf-8"},
    b"CSRF token validation failed",
)


def in_order(*replies):
    """A script: logs on whoever fetches a token, answers everything else with the replies in their order."""
    rest = iter(replies)

    def script(heard):
        return LOGGED_ON if heard.headers.get("x-csrf-token", "").lower() == "fetch" else next(rest)

    return script


def arrived(source_id="inv_1", content="a", *, source="postman", reasons=()):
    """An arrival as the judge makes it; unsound if it has reasons."""
    sound = not reasons
    return Arrival(
        source=source,
        source_id=source_id,
        target="ZINVOICE_SRV/Invoices",
        record=f'{{"id":"{source_id}","content":"{content}"}}',
        digest=f"{source_id}-{content}",
        doc_key=source_id if sound else None,
        payload=f'{{"ID":"{source_id}","x":"{content}"}}'.encode() if sound else None,
        currency="USD" if sound else None,
        amount=Decimal("440.00") if sound else None,
        reasons=tuple(reasons),
    )
