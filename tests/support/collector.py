"""A collector of OpenTelemetry spans on loopback, which takes them over HTTP and reads them as they were sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue


class Span:
    """One span: its name, that of what it is a part of if that has come, and its attributes."""

    def __init__(self, name: str, within: str, service: object, attributes: dict[str, object]) -> None:
        self.name, self.within, self.service, self.attributes = name, within, service, attributes


class Collector:
    """What it was sent."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[bytes] = []

    @property
    def spans(self) -> list[Span]:
        """Every span that has come, in the order of coming."""
        told = [
            (span, resource.resource.attributes)
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        names = {span.span_id: span.name for span, _ in told}
        return [
            Span(
                span.name,
                names.get(span.parent_span_id, ""),
                {one.key: _value(one.value) for one in resource}["service.name"],
                {one.key: _value(one.value) for one in span.attributes},
            )
            for span, resource in told
        ]


@contextmanager
def listening() -> Iterator[Collector]:
    """A collector that takes everything."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known = self.path == "/v1/traces"
            if known:
                collector.bodies.append(body)
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _value(value: AnyValue) -> object:
    return getattr(value, value.WhichOneof("value") or "string_value")
