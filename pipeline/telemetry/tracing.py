"""OpenTelemetry spans, where the extra is installed and OTEL_EXPORTER_OTLP_ENDPOINT says where they go.

Otherwise nothing is imported. A span is made when its work has ended, from the instants at which it began and ended;
so tracing has no part in the work itself.
"""

import importlib.util
import os
from typing import Any

from pipeline.telemetry.watch import Done

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Tracing:
    """Sends spans to a collector. Made once in each process that works, after any fork."""

    def __init__(self) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - an extra

        self._provider = TracerProvider(resource=Resource.create({"service.name": "billing-to-sap"}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer: Any = self._provider.get_tracer("billing-to-sap")

    def done(self, work: Done) -> None:
        """One span."""
        began = work.began * 1_000_000
        attributes = {"billing_to_sap.where": work.where, "billing_to_sap.count": work.count}
        attributes |= {f"billing_to_sap.result.{name}": count for name, count in work.results.items()}
        span = self._tracer.start_span(work.what, start_time=began, attributes=attributes)
        span.end(end_time=began + work.milliseconds * 1_000_000)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def wanted() -> bool:
    """Whether somebody waits for spans."""
    return any(os.environ.get(name) for name in ENDPOINTS)


def installed() -> bool:
    """Whether the extra is there."""
    try:
        return importlib.util.find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:
        return False
