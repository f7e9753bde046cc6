"""The spans of real workers at a real collector, until each of their processes has ended."""

import signal
import socket
from collections import Counter

import collector as collectors
import pytest

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("rabbitmq")]
AT_THE_END_ONLY = {"OTEL_BSP_SCHEDULE_DELAY": "3600000"}
"""Nothing is sent while a process works: what comes, comes as it ends."""


@pytest.fixture
def collector():
    with collectors.listening() as found:
        yield found


@pytest.fixture
def silent():
    """The address of somebody who takes a connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield f"http://127.0.0.1:{one.getsockname()[1]}"


ENDS = {"SIGTERM": 0, "SIGINT": 130, "a password that counts no longer": 2}


@pytest.mark.parametrize("way", ENDS)
def test_no_span_is_lost_by_a_worker_that_ends_in_order(enqueued, crew_of, wire, sap, collector, way):
    """Asked to end with a request under way, two processes send what they had before they are gone."""
    pipeline = enqueued(60)
    crew = crew_of(pipeline)
    exporting = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **AT_THE_END_ONLY}
    wire.first = wire.posts

    def end(number):
        if number == wire.first + 4 and way.startswith("SIG"):
            worker.send_signal(signal.Signals[way])
        elif number == wire.first + 4:
            sap.ask("/_mock/faults", {"fault": "password_changed"})

    wire.before = end
    worker = crew.start("--concurrency", "2", "--batch-size", "5", **exporting)
    assert worker.wait(60) == ENDS[way], crew.log(0).read_text()
    found = Counter((span.name, span.within) for span in collector.spans)
    told = sum(span.attributes.get("billing_to_sap.result.Delivered", 0) for span in collector.spans)
    assert 0 < told == sum(wire.created.values())
    assert found["exchange", "tick"] == wire.posts - wire.first
    assert {within for name, within in found if name != "tick"} == {"tick"}
    assert found["tick", ""] > 0


def test_a_collector_that_says_nothing_holds_up_no_stop(enqueued, crew_of, wire, silent):
    pipeline = enqueued(20)
    crew = crew_of(pipeline)
    exporting = {"OTEL_EXPORTER_OTLP_ENDPOINT": silent, "OTEL_EXPORTER_OTLP_TIMEOUT": "600"}
    worker = crew.start("--concurrency", "2", **exporting)
    wire.wait_for(lambda: sum(wire.created.values()) == 20, 60)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(25) == 0, crew.log(0).read_text()
    assert "spans lost" in crew.log(0).read_text()
