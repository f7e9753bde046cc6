"""OpenTelemetry spans, where the extra is installed and OTEL_EXPORTER_OTLP_ENDPOINT says where they go.

Otherwise nothing is imported. A span is made when its work has ended, from the instants at which it began and ended;
so tracing has no part in the work itself, and no exception is ever kept in a span. Each is a part of its run or tick,
whose own span lasts from the beginning of the first to the end of the last. A process has one at a time, for all of its
threads.
"""

import atexit
import importlib.util
import os
import threading
from typing import Any

from pipeline.telemetry import logs
from pipeline.telemetry.redaction import passwords_in, values_in
from pipeline.telemetry.watch import Done

RUN = "run"
PATIENCE = 5_000
"""Milliseconds that a process which ends gives its collector; the library's own half a minute would hold up a stop."""
SERVICE = "billing-to-sap"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")


class Tracing:
    """Sends spans to a collector. Made once in each process that works, after any fork."""

    def __init__(self, exporter: Any = None) -> None:
        from opentelemetry import trace  # noqa: PLC0415 - an extra
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - an extra

        resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME") or SERVICE})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
        self._tracer: Any = self._provider.get_tracer(SERVICE)
        self._within = trace.set_span_in_context
        self._lock = threading.Lock()
        self._whole: Any = None
        self._end = 0
        self._ends = threading.Event()
        self._sender = threading.Thread(target=self._send_the_last, name="sends-the-last-spans", daemon=True)
        self._sender.start()  # already now: at its end an interpreter starts no thread any more
        atexit.register(self.close)

    def done(self, work: Done) -> None:
        """One span, a part of what this process is at."""
        began = work.began * 1_000_000
        end = began + work.milliseconds * 1_000_000
        with self._lock:
            if self._whole is None:
                self._whole = self._tracer.start_span(RUN, start_time=began)
            self._end = max(self._end, end)
            context = self._within(self._whole)
        attributes = {"billing_to_sap.where": work.where, "billing_to_sap.count": work.count}
        attributes |= {f"billing_to_sap.result.{name}": count for name, count in work.results.items()}
        span = self._tracer.start_span(work.what, context, start_time=began, attributes=attributes)
        span.end(end_time=end)

    def ended(self, what: str, where: str = "") -> None:
        """What was done since the last time is a whole; nothing where nothing was done."""
        with self._lock:
            whole, self._whole = self._whole, None
            end, self._end = self._end, 0
        if whole:
            whole.update_name(what)
            whole.set_attributes({"billing_to_sap.where": where} if where else {})
            whole.end(end_time=end)

    def close(self) -> None:
        """The process ends, and with it its run: send what is left, if the collector takes it soon."""
        atexit.unregister(self.close)
        self.ended(RUN)
        self._ends.set()
        self._sender.join(PATIENCE / 1000)
        if self._sender.is_alive():
            why = f"the collector did not take the last ones within {PATIENCE / 1000:g} seconds"
            logs.event("spans lost", level=logs.WARNING, why=why)

    def _send_the_last(self) -> None:
        self._ends.wait()
        self._provider.shutdown()


def wanted() -> bool:
    """Whether somebody waits for spans."""
    return any(os.environ.get(name) for name in ENDPOINTS)


def secrets() -> list[str]:
    """What of the collector's own settings must not be written: its library shows header fields that it cannot read."""
    addresses, fields = ([os.environ.get(name, "") for name in names] for names in (ENDPOINTS, HEADERS))
    return [*passwords_in(*addresses), *values_in(*fields)]


def installed() -> bool:
    """Whether the extra is there."""
    try:
        return importlib.util.find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:
        return False
