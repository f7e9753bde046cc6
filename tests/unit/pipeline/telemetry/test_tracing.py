"""Spans, sent to a collector over HTTP, and nothing imported where nobody waits for them."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pipeline.telemetry import tracing
from pipeline.telemetry.listening import Listeners


@pytest.fixture
def collector(monkeypatch):
    """A collector of traces; the bodies it got."""
    bodies = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
    yield bodies
    server.shutdown()
    server.server_close()
    thread.join()


def test_each_piece_of_work_is_a_span_at_the_collector(collector, done):
    listeners = Listeners()
    watch = listeners.watch()
    watch.done(done("exchange", Delivered=50))
    watch.done(done("look", Absent=1))
    listeners.close()
    text = b"".join(body for _, body in collector)
    assert {path for path, _ in collector} == {"/v1/traces"}
    for word in (b"exchange", b"look", b"billing_to_sap.result.Delivered", b"ZINVOICE_SRV/Invoices", b"billing-to-sap"):
        assert word in text


def test_nothing_is_imported_where_nobody_waits_for_spans_or_metrics():
    program = (
        "import sys, pipeline.assembly; from pipeline.telemetry.listening import Listeners; Listeners().watch(); "
        "print([n for n in sys.modules if n.split('.')[0] in ('opentelemetry', 'prometheus_client', 'celery', 'kombu')])"
    )
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environ)
    assert done.stdout.strip() == "[]"


def test_an_endpoint_without_the_extra_is_told_once(monkeypatch, caplog):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr(tracing, "installed", lambda: False)
    assert Listeners().watch().of_work == ()
    assert "no spans" in caplog.text
