"""Spans, sent to a collector over HTTP, and nothing imported where nobody waits for them."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

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


@pytest.fixture
def exporter():
    return InMemorySpanExporter()


@pytest.fixture
def spans_of(exporter):
    """The spans once the process has ended: each with the name of the one it is a part of."""

    def read(tracing):
        tracing.close()
        spans = exporter.get_finished_spans()
        names = {span.context.span_id: span.name for span in spans}
        return [(span.name, span.parent and names[span.parent.span_id]) for span in spans]

    return read


def test_what_a_command_does_is_part_of_its_run_in_whichever_thread(exporter, spans_of, done):
    traced = tracing.Tracing(exporter)
    traced.done(done("page", read=1))
    with ThreadPoolExecutor(max_workers=4) as slots:
        list(slots.map(traced.done, [done("exchange", Delivered=1)] * 8))
    assert sorted(spans_of(traced), key=str) == [*[("exchange", "run")] * 8, ("page", "run"), ("run", None)]
    assert len({span.context.trace_id for span in exporter.get_finished_spans()}) == 1


def test_each_tick_is_a_trace_of_its_own_and_one_that_finds_nothing_to_do_is_none(exporter, spans_of, done):
    traced = tracing.Tracing(exporter)
    for work in ([done("exchange", Delivered=1), done("settle")], [], [done("look", Absent=1)]):
        for one in work:
            traced.done(one)
        traced.ended("tick", "ZINVOICE_SRV/Invoices")
    assert spans_of(traced) == [
        ("exchange", "tick"),
        ("settle", "tick"),
        ("tick", None),
        ("look", "tick"),
        ("tick", None),
    ]
    first, *_, last = (span.context.trace_id for span in exporter.get_finished_spans())
    assert first != last


def test_a_run_lasts_from_the_beginning_of_its_first_work_to_the_end_of_its_last(exporter, spans_of, done):
    traced, page = tracing.Tracing(exporter), done("page", read=1)
    traced.done(page)
    traced.done(replace(page, began=page.began + 500))
    traced.done(replace(page, began=page.began + 100))
    spans_of(traced)
    *_, run = exporter.get_finished_spans()
    assert (run.start_time, run.end_time) == (page.began * 1_000_000, (page.began + 540) * 1_000_000)


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
