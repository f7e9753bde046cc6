"""Prometheus metrics: a textfile after a command, an endpoint beside a worker.

What happens is counted where it happens, in whichever process that is; what is there is read from the ledger when
somebody asks. Labels are sources, targets, states and outcomes: few, and never a document, a person or an amount.
"""

import errno
import os
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIServer

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    make_wsgi_app,
    start_http_server,
    write_to_textfile,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from pipeline.clock import Clock
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Transition
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.telemetry import logs
from pipeline.telemetry.watch import Done

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# When a counter began is no news; the endpoint of several processes does not tell it either.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it without types
PREFIX = "billing_to_sap"
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


def check_file(path: str) -> None:
    """Whether the textfile can be made there: at the end of a run is too late to learn it. Raises Misconfigured."""
    with _writing(path):
        if Path(path).is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with TemporaryFile(dir=Path(path).absolute().parent):
            pass


@contextmanager
def _writing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Misconfigured(f"the metrics file {path} cannot be written ({error.strerror})") from error


class Metrics:
    """The metrics of this process, or of all processes that share a folder."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._transitions = Counter(
            f"{PREFIX}_transitions",
            "Transitions of invoices, as committed to the ledger",
            ("source", "before", "after"),
            registry=self.registry,
        )
        self._work = Histogram(
            f"{PREFIX}_work_seconds",
            "Time taken by one page of a source, one exchange with SAP, one look, one settlement",
            ("what", "where"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._results = Counter(
            f"{PREFIX}_results",
            "How the documents of exchanges and looks ended, and how many records pages brought",
            ("what", "where", "result"),
            registry=self.registry,
        )
        self._breaker = Gauge(
            f"{PREFIX}_breaker_open",
            "1 since an exchange by which a target took nothing, 0 once it takes something",
            ("target",),
            multiprocess_mode="mostrecent",
            registry=self.registry,
        )

    def transitions(self, made: Sequence[Transition]) -> None:
        """Count what the ledger has committed."""
        steps = Tally((one.source, one.before or "", one.after) for one in made)
        for labels, count in steps.items():
            self._transitions.labels(*labels).inc(count)

    def done(self, work: Done) -> None:
        """Count a piece of work."""
        self._work.labels(work.what, work.where).observe(work.milliseconds / 1000)
        for result, count in work.results.items():
            self._results.labels(work.what, work.where, result).inc(count)
        if work.opens is not None:
            self._breaker.labels(work.where).set(work.opens)

    def write(self, path: str, ledger: Ledger, clock: Clock) -> None:
        """Write everything as a textfile for node_exporter, whole or not at all. Raises Misconfigured."""
        self.registry.register(Standing(ledger, clock))
        with _writing(path):
            write_to_textfile(path, self.registry)


class Standing(Collector):
    """What is there when somebody asks: counts and ages per state, what the targets bear, what lies dead."""

    def __init__(self, ledger: Ledger, clock: Clock, *, targets: Iterable[str] = ()) -> None:
        self._ledger = ledger
        self._clock = clock
        self._targets = tuple(targets)
        self.dead_letters: int | None = None

    def collect(self) -> Iterable[Metric]:
        """One reading of the ledger; while it cannot be read, `up` is 0 and nothing else is told."""
        up = GaugeMetricFamily(f"{PREFIX}_ledger_up", "Whether the ledger can be read", value=1)
        try:
            found = [*self._documents(), self._capacity()]
        except (Misconfigured, Unavailable):
            yield GaugeMetricFamily(up.name, up.documentation, value=0)
            return
        yield up
        yield from found
        if self.dead_letters is not None:
            yield GaugeMetricFamily(
                f"{PREFIX}_dead_letters", "Messages in the dead-letter queue", value=self.dead_letters
            )

    def _documents(self) -> tuple[Metric, Metric]:
        labels = ("source", "state")
        count = GaugeMetricFamily(f"{PREFIX}_documents", "Invoices per source and state", labels=labels)
        text = "For how long the oldest invoice of a state has been in it; since its attempt, where SAP may have it"
        age = GaugeMetricFamily(f"{PREFIX}_oldest_seconds", text, labels=labels)
        now = self._clock.now()
        for standing in self._ledger.standings():
            count.add_metric((standing.source, standing.state), standing.count)
            age.add_metric((standing.source, standing.state), max(now - standing.oldest, 0) / 1000)
        return count, age

    def _capacity(self) -> Metric:
        metric = GaugeMetricFamily(
            f"{PREFIX}_capacity",
            "Requests at a time that a target bears at present, while it bears fewer than granted",
            labels=("target",),
        )
        for target in self._targets:
            capacity = self._ledger.target(target).capacity
            if capacity is not None:
                metric.add_metric((target,), capacity)
        return metric


def serve(host: str, port: int, standing: Standing) -> tuple[int, WSGIServer, Thread]:
    """Answer scrapes with the counts of all processes that share our folder, and with what is there.

    Gives the port, the server and its thread. Raises Misconfigured where the address cannot be had.
    """
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it without types
    registry.register(standing)
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise Misconfigured(f"--metrics-port: {host}:{port} cannot be listened on ({error.strerror})") from error
    server.set_app(_told(make_wsgi_app(registry)))
    server.handle_error = _broke_off  # type: ignore[assignment]  # the library takes no server of ours
    return server.server_port, server, thread


def _broke_off(*_whose: object) -> None:
    """Whoever asked went away before the answer; a scan of the port is no news."""
    logs.LOGGER.debug("scrape broke off", exc_info=True)


def _told(app: "WSGIApplication") -> "WSGIApplication":
    """What breaks in a scrape is for the log, where secrets are taken out, not for stderr as it is."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        except Exception:  # noqa: BLE001 - told through our log, and the one who asked learns that it failed
            logs.LOGGER.exception("scrape failed")
            start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
            return [b"the log says why\n"]

    return answer
