"""Spans, sent to a collector over HTTP, and nothing imported where nobody waits for them."""

import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import collector as collectors
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pipeline.telemetry import tracing
from pipeline.telemetry.listening import Listeners


@pytest.fixture
def collector(monkeypatch):
    """A collector of spans that this process is told of."""
    with collectors.listening() as found:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.url)
        yield found


def test_each_piece_of_work_is_a_span_at_the_collector_once_the_process_has_ended(collector, done):
    watch = Listeners().watch()
    watch.done(done("exchange", Delivered=50))
    watch.done(done("look", Absent=1))
    watch.close()
    told = {span.name: (span.within, span.service, span.attributes) for span in collector.spans}
    where = {"billing_to_sap.where": "ZINVOICE_SRV/Invoices"}
    exchange = {**where, "billing_to_sap.count": 50, "billing_to_sap.result.Delivered": 50}
    look = {**where, "billing_to_sap.count": 1, "billing_to_sap.result.Absent": 1}
    assert told == {
        "exchange": ("run", "billing-to-sap", exchange),
        "look": ("run", "billing-to-sap", look),
        "run": ("", "billing-to-sap", {}),
    }


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


COMMAND = """
from pipeline.telemetry import logs, tracing
from pipeline.telemetry.listening import Listeners
from pipeline.telemetry.redaction import Redactor
from pipeline.telemetry.watch import Done

logs.set_up("WARNING", Redactor([]))
tracing.PATIENCE = 300
Listeners().watch().done(Done(what="page", where="postman", began=1_700_000_000_000, milliseconds=1))
"""


@pytest.fixture
def ended():
    """A process that did one piece of work and has ended, with what it said."""

    def run(**environ):
        given = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path), **environ}
        command = [sys.executable, "-c", COMMAND]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=given, timeout=60)
        return done.stdout + done.stderr

    return run


@pytest.mark.parametrize("is_there", [True, False], ids=["silent", "refusing"])
def test_a_collector_that_takes_nothing_holds_up_no_end_and_is_told_in_one_line(ended, is_there):
    with socket.create_server(("127.0.0.1", 0)) as one:
        address = f"http://127.0.0.1:{one.getsockname()[1]}"
        if not is_there:
            one.close()
        (line,) = ended(OTEL_EXPORTER_OTLP_ENDPOINT=address, OTEL_EXPORTER_OTLP_TIMEOUT="600").splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"]) == ("spans lost", "warning")
    assert told["why"] == "the collector did not take the last ones within 0.3 seconds"


@pytest.mark.parametrize(
    "wrong", [{"OTEL_BSP_SCHEDULE_DELAY": "0"}, {"OTEL_PYTHON_EXPORTER_OTLP_HTTP_CREDENTIAL_PROVIDER": "nobody"}]
)
def test_settings_that_opentelemetry_refuses_stop_no_work(monkeypatch, caplog, wrong):
    for name, value in {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", **wrong}.items():
        monkeypatch.setenv(name, value)
    assert Listeners().watch().of_work == ()
    assert [(record.message, record.levelname) for record in caplog.records] == [("no spans", "WARNING")]


def test_the_service_has_the_name_that_the_operator_gives_it(collector, monkeypatch, done):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "billing-to-sap-test")
    watch = Listeners().watch()
    watch.done(done())
    watch.close()
    assert {span.service for span in collector.spans} == {"billing-to-sap-test"}


def test_what_the_collector_is_sent_to_know_us_by_is_a_secret(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://user:pass%20word@collector")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-team=key")
    assert {"pass word", "pass%20word", "key"} <= set(tracing.secrets())


def test_an_endpoint_without_the_extra_is_told_once(monkeypatch, caplog):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr(tracing, "installed", lambda: False)
    assert Listeners().watch().of_work == ()
    assert "no spans" in caplog.text
