"""A wire between the pipeline and SAP on which anything can happen to a request or to its answer; it counts what did."""

import http.client
import json
import re
import socket
import struct
import threading
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CREATED = re.compile(rb'HTTP/1\.1 201.*?"(?:ID|ExternalID)":"([^"]+)"', re.DOTALL)
PATIENCE = 20


@dataclass(frozen=True)
class Seen:
    """One request as it came by: the how-many-th POST it is (0 for others), what it is, and its body."""

    number: int
    method: str
    path: str
    headers: dict
    body: bytes


class Fate:
    """What becomes of one exchange. `answers` may stand in for SAP; `changes` what it answered; `ends` the connection."""

    def reaches(self, _seen):
        """Whether SAP gets the request; may wait before it does."""
        return True

    def instead(self, _seen):
        """(status, headers, body) that comes instead of SAP's answer, or None."""

    def changed(self, content):
        """The body of SAP's answer, as it arrives."""
        return content

    def told(self, _whole):
        """The bytes of the whole answer that arrive before the connection ends, or None: all, and it stays open."""

    resets = False


class Ended(Fate):
    """The answer breaks off: after so many bytes, or so many before its end; by FIN or by RST."""

    def __init__(self, *, after=None, before_end=None, resets):
        self._cut = slice(None, after if after is not None else -before_end)
        self.resets = resets

    def told(self, whole):
        return whole[self._cut]


class NeverReached(Ended):
    """The connection is reset before anybody has read the request."""

    def __init__(self):
        super().__init__(after=0, resets=True)

    def reaches(self, _seen):
        return False


class BlackHole(Ended):
    """SAP works, and nobody ever hears of it: the connection stays open without a byte until the test is over."""

    def __init__(self, over):
        super().__init__(after=0, resets=False)
        self._over = over

    def told(self, whole):
        self._over.wait(PATIENCE)
        return b""


class Late(BlackHole):
    """SAP gets the request only when told to, long after the client has given up; `done` once it has answered."""

    def __init__(self):
        super().__init__(threading.Event())
        self.now, self.done = threading.Event(), threading.Event()

    def reaches(self, _seen):
        self.now.wait(PATIENCE)
        return True

    def told(self, whole):
        self.done.set()
        return b""


class Reply(Fate):
    """Somebody answers in SAP's place; SAP never hears of it."""

    def __init__(self, status, headers=(), body=b""):
        self._reply = status, dict(headers), body

    def reaches(self, _seen):
        return False

    def instead(self, _seen):
        return self._reply


class Changed(Fate):
    """SAP answers, and its answer arrives with another body."""

    def __init__(self, change):
        self._change = change

    def changed(self, content):
        return self._change(content)


FINE = Fate()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = self.server.between.arrived(self.command, self.path, self.headers, body)
        try:
            self._serve(seen)
        finally:
            self.server.between.left(seen)

    do_GET = do_POST = do_HEAD = pass_on  # noqa: N815 - http.server calls them so

    def _serve(self, seen):
        fate = self.server.between.fate(seen) or FINE
        reaches, reply = fate.reaches(seen), fate.instead(seen)
        if reply is None:
            reply = self.server.between.asked(seen, self.headers) if reaches else (500, {}, b"")
        status, headers, content = reply
        content = fate.changed(content)
        head = f"HTTP/1.1 {status} x\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        length = f"Content-Length: {len(content)}\r\n\r\n"
        whole = (head + length).encode("latin-1") + (b"" if self.command == "HEAD" else content)
        told = fate.told(whole)
        if told is None:
            self.wfile.write(whole)
            return
        self.wfile.write(told)
        if fate.resets:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def finish(self):
        try:
            super().finish()
        except (OSError, ValueError):
            self.rfile.close()

    def log_message(self, *_arguments):
        pass


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, between):
        self.between = between
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, *_arguments):
        pass

    def shutdown_request(self, request):
        self.close_request(request)


class Between:
    """Passes everything on, except where `fate(seen)` knows something else. `peak` is how many POSTs were in flight at once."""

    def __init__(self, url):
        self.host = url.removeprefix("http://")
        self.fate = lambda _seen: FINE
        self.seen = []
        self.created = Counter()
        self.duplicates = 0
        self.peak = 0
        self._in_flight = 0
        self._posts = 0
        self._lock = threading.Condition()
        self._server = Quiet(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def posts(self):
        return [one for one in self.seen if one.method == "POST"]

    @property
    def gets(self):
        """Looks: plain ones, and the batches that hold nothing but GETs."""
        return [one for one in self.seen if one.method == "GET" or b"\r\nGET " in one.body]

    def arrived(self, method, path, headers, body):
        with self._lock:
            self._posts += method == "POST"
            named = {name.lower(): value for name, value in headers.items()}
            seen = Seen(self._posts if method == "POST" else 0, method, path, named, body)
            self.seen.append(seen)
            self._in_flight += bool(seen.number)
            self.peak = max(self.peak, self._in_flight)
            return seen

    def left(self, seen):
        with self._lock:
            self._in_flight -= bool(seen.number)

    def asked(self, seen, headers):
        upstream = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        try:
            passed = {name: value for name, value in headers.items() if name != "Accept-Encoding"}
            upstream.request(seen.method, seen.path, body=seen.body or None, headers=passed)
            answer = upstream.getresponse()
            content = answer.read()
        finally:
            upstream.close()
        if seen.number:
            self._note(answer.status, content)
        hop = {"transfer-encoding", "content-length", "connection"}
        return answer.status, {name: value for name, value in answer.getheaders() if name.lower() not in hop}, content

    def _note(self, status, content):
        whole = b"HTTP/1.1 %d\r\n" % status + content
        with self._lock:
            self.created.update(key.decode() for key in CREATED.findall(whole))
            self.duplicates += content.count(b'"code":"ZINVOICE/001","message":{')

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def json_bodies(seen):
    """The JSON bodies that a request carries, alone or in a batch."""
    return [json.loads(line) for line in seen.body.split(b"\r\n") if line.startswith(b"{")]
