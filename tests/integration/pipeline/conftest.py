"""The whole way as real processes: billing-mock, sap-mock, the pipeline, and a wire between the last two that counts."""

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from contextlib import ExitStack, closing
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.delivery.report import PARTS, PLACES, RARE, TROUBLE

PROGRAMS = Path(sys.executable).parent
TIMEOUT = 120
CREATED = re.compile(rb'HTTP/1\.1 201.*?"ID":"([^"]+)"', re.DOTALL)


class Server:
    """A stand-in of ours as a process, on a free port."""

    def __init__(self, folder, program, *arguments):
        with (folder / f"{program}.err").open("wb") as errors:
            command = [PROGRAMS / program, "serve", "--port", "0", *arguments]
            self._process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True)
        for line in self._process.stdout:
            if " ready at " in line:
                self.url = line.split()[-1]
                return
        raise RuntimeError((folder / f"{program}.err").read_text())

    def stop(self):
        self._process.terminate()
        self._process.wait(30)
        self._process.stdout.close()

    def ask(self, path, body=None):
        """GET, or POST a JSON body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers={"Content-Type": "application/json"})  # noqa: S310 - our own stand-ins
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own stand-ins
            text = answer.read()
        return json.loads(text) if text else None


def creates(path, body):
    """Whether a POST would create something: a $batch may hold looks only."""
    return not path.partition("?")[0].endswith("$batch") or b"\nPOST " in body


class Wire:
    """Passes everything on to SAP and keeps count of what was created and what was refused as a duplicate.

    `before(number)` is called for each POST of a document before it is passed on, `after(number)` before its answer is.
    SAP takes `delay` milliseconds more for each request, whatever it is; `peak` is how many it had at once.
    """

    def __init__(self, url):
        self.host = url.removeprefix("http://")
        self.created = Counter()
        self.duplicates = 0
        self.posts = 0
        self.in_flight = self.peak = 0
        self.delay = 0
        self.before = self.after = self.nothing = lambda _number: None
        self.pause = threading.Event()
        self._lock = threading.Condition()
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                number = wire.count() if self.command == "POST" and creates(self.path, body) else 0
                if number:
                    wire.before(number)
                upstream = http.client.HTTPConnection(wire.host, timeout=30)
                wire.enter(1)
                wire.pause.wait(wire.delay / 1000)
                try:
                    headers = {name: value for name, value in self.headers.items() if name != "Accept-Encoding"}
                    upstream.request(self.command, self.path, body=body or None, headers=headers)
                    answer = upstream.getresponse()
                    content = answer.read()
                except (OSError, http.client.HTTPException):
                    self.close_connection = True
                    return
                finally:
                    upstream.close()
                    wire.enter(-1)
                if number:
                    wire.note(answer.status, content)
                    wire.after(number)
                hop = {"transfer-encoding", "content-length", "connection"}
                lines = [f"{name}: {value}" for name, value in answer.getheaders() if name.lower() not in hop]
                head = "\r\n".join([f"HTTP/1.1 {answer.status} x", *lines, f"Content-Length: {len(content)}"])
                self.wfile.write(head.encode("latin-1") + b"\r\n\r\n" + content)

            def log_message(self, *_arguments):
                pass

        for method in ("GET", "POST", "HEAD"):
            setattr(Handler, f"do_{method}", Handler.pass_on)

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_arguments):
                pass

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def count(self):
        with self._lock:
            self.posts += 1
            return self.posts

    def enter(self, change):
        """One more, or one less, that SAP works on."""
        with self._lock:
            self.in_flight += change
            self.peak = max(self.peak, self.in_flight)
            self._lock.notify_all()

    def note(self, status, content):
        whole = b"HTTP/1.1 %d\r\n" % status + content
        with self._lock:
            self.created.update(key.decode() for key in CREATED.findall(whole))
            self.duplicates += content.count(b'"code":"ZINVOICE/001","message":{')
            self._lock.notify_all()

    def wait_for(self, condition, timeout=30):
        """Wait until something was noted that makes the condition true."""
        with self._lock:
            assert self._lock.wait_for(condition, timeout)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Finished:
    """How a command of the pipeline ended."""

    def __init__(self, process, out, err):
        self.code, self.out, self.err = process.returncode, out, err

    @property
    def json(self):
        return json.loads(self.out)


class Pipeline:
    """`billing-to-sap` in a folder of its own, with settings of its own."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.settings = settings

    def start(self, *arguments, **changed):
        settings = {name: value for name, value in {**self.settings, **changed}.items() if value is not None}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("B2S_")}
        return subprocess.Popen(
            [PROGRAMS / "billing-to-sap", *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**inherited, **settings},
        )

    def run(self, *arguments, **changed):
        process = self.start(*arguments, **changed)
        try:
            out, err = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return Finished(process, out, err)


class Commands:
    """`billing-to-sap` in this process, its ledger in a folder; an error that nobody catches is the test's."""

    def __init__(self, folder, billing, sap, grace):
        self.billing = billing
        self.sap = sap
        self._settings = {
            "B2S_SAP_URL": sap.url,
            "B2S_SAP_USER": "DEVELOPER",
            "B2S_SAP_PASSWORD": "Sap-mock1",
            "B2S_LEDGER_URL": f"sqlite:///{folder}/ledger.db",
            "B2S_STATE_DIR": str(folder),
            "B2S_GRACE_SECONDS": str(grace),
            **billing.ask("/_mock/settings"),
        }

    def run(self, *arguments):
        hooks = sys.excepthook, threading.excepthook
        try:
            return CliRunner().invoke(main, arguments, env=self._settings, catch_exceptions=False)
        finally:
            sys.excepthook, threading.excepthook = hooks

    def sync(self, *arguments):
        """The exit code and the word of a run that has everything it read in one place, and a reason for what is in trouble."""
        ended = self.run("sync", "--all", "--json", *arguments)
        told = json.loads(ended.stdout)
        total = told["totals"]
        assert total["read"] + total["carried"] == sum(total[place] for place in (*PARTS, *RARE)), told
        assert any(total[PLACES[state]] for state in TROUBLE) == bool(told["troubles"]), told
        return ended.exit_code, told


@pytest.fixture
def commands_of(tmp_path):
    """A pipeline in this process from this billing-mock to this sap-mock, with this grace period."""
    return partial(Commands, tmp_path)


@pytest.fixture(scope="session")
def sap(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sap")
    server = Server(folder, "sap-mock", "--database", f"sqlite:///{folder}/sap.db")
    yield server
    server.stop()


@pytest.fixture
def empty_sap(sap):
    sap.ask("/_mock/reset", {})
    return sap


@pytest.fixture(scope="session")
def billing_of(tmp_path_factory):
    """A billing-mock of the wanted size that is Postman alone; one per size and session, as it was at its start."""
    servers = {}

    def start(invoices=40, bad=0):
        if (invoices, bad) not in servers:
            folder = tmp_path_factory.mktemp("billing")
            size = ["--invoices", str(invoices), "--bad-records", str(bad), "--seed", "7"]
            alone = ["--vendor", "postman", "--postman-rate-limit", "100000"]
            servers[invoices, bad] = Server(folder, "billing-mock", *size, *alone)
        servers[invoices, bad].ask("/_mock/reset", {})
        return servers[invoices, bad]

    yield start
    for server in servers.values():
        server.stop()


@pytest.fixture(scope="session")
def vendor_of(tmp_path_factory):
    """A billing-mock that serves one other vendor, with the wanted switches; one per kind, as it was at its start."""
    servers = {}

    def start(vendor, *switches, invoices=120, bad=10):
        kind = (vendor, invoices, bad, *switches)
        if kind not in servers:
            size = ["--invoices", str(invoices), "--bad-records", str(bad), "--seed", "7", "--vendor", vendor]
            servers[kind] = Server(tmp_path_factory.mktemp(vendor), "billing-mock", *size, *switches)
        servers[kind].ask("/_mock/reset", {})
        return servers[kind]

    yield start
    for server in servers.values():
        server.stop()


@pytest.fixture
def wire_to():
    """Puts a wire before an address; every one is closed at the end."""
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(closing(Wire(url)))


@pytest.fixture
def wire(empty_sap, wire_to):
    return wire_to(empty_sap.url)


@pytest.fixture
def pipeline_to(tmp_path):
    """A pipeline from this billing-mock to this address, with a short grace period."""

    def build(billing, sap_url, **settings):
        given = {
            "B2S_SAP_URL": sap_url,
            "B2S_SAP_USER": "DEVELOPER",
            "B2S_SAP_PASSWORD": "Sap-mock1",
            "B2S_GRACE_SECONDS": "2",
            "B2S_STATE_DIR": str(tmp_path / "state"),
            **billing.ask("/_mock/settings"),
        }
        return Pipeline(tmp_path, **{**given, **settings})

    return build
