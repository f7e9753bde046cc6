"""The metrics as Prometheus reads them."""

import socket
import struct
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest
from pipeline_stands import LOGGED_ON
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.ledger.rows import Verdict
from pipeline.ledger.states import State
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.odata_client.client import Client
from pipeline.odata_client.entities import Document, EntitySet
from pipeline.odata_client.target import Target
from pipeline.telemetry import logs, metrics
from pipeline.telemetry.watch import Watch
from pipeline.telemetry.watched import WatchedEntities


@pytest.fixture
def samples():
    def read(text):
        return {
            (sample.name.removeprefix("billing_to_sap_"), *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    return read


def test_transitions_and_results_are_counted_by_what_they_are_not_by_whose(transition, done, samples):
    counted = metrics.Metrics()
    counted.transitions([transition(), transition(source_id="inv_2"), transition(after=State.REJECTED)])
    counted.done(done(Delivered=48, Refused=2))
    counted.done(done(Delivered=50))
    found = samples(generate_latest(counted.registry).decode())
    target = "ZINVOICE_SRV/Invoices"
    assert found["transitions_total", "DELIVERED", "SENDING", "postman"] == 2
    assert found["transitions_total", "REJECTED", "SENDING", "postman"] == 1
    assert found["results_total", "Delivered", target, "exchange"] == 98
    assert found["work_seconds_count", target, "exchange"] == 2
    assert "inv_" not in str(found)


BUSY, CREATED = (503, {}, b""), (201, {}, b'{"d":{"ID":"inv_1"}}')
REFUSED = (400, {}, b'{"error":{"code":"Z/1","message":{"lang":"en","value":"no"}}}')


@pytest.mark.parametrize(
    ("answers", "is_open"),
    [([CREATED], 0), ([BUSY], 1), ([CREATED, BUSY], 1), ([BUSY, BUSY, CREATED], 0), ([BUSY, REFUSED], 0)],
)
def test_the_breaker_is_open_since_an_exchange_that_came_to_nothing_until_sap_judges_a_document(
    answering, clock, samples, answers, is_open
):
    told = iter(answers)
    sap = answering(lambda heard: LOGGED_ON if heard.headers.get("x-csrf-token") == "Fetch" else next(told))
    counted = metrics.Metrics()
    client = Client(Target(base_url=sap.url, service="ZINVOICE_SRV", user="U", password="P"), clock)
    entity_set, watch = EntitySet(name="Invoices", key_property="ID"), Watch(of_work=(counted.done,))
    entities = WatchedEntities(client, entity_set, clock, watch=watch, target="ZINVOICE_SRV/Invoices")
    for _ in answers:
        entities.create([Document(key="inv_1", payload=b"{}")])
    entities.close()
    found = samples(generate_latest(counted.registry).decode())
    assert found["breaker_open", "ZINVOICE_SRV/Invoices"] == is_open


@pytest.mark.parametrize("told", [(True, False), (False, True)])
def test_of_several_processes_the_last_exchange_says_whether_the_breaker_is_open(tmp_path, samples, monkeypatch, told):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    for opens in told:
        exchange = f"Done(what='exchange', where='SAP', began=0, milliseconds=1, opens={opens})"
        program = (
            "from pipeline.telemetry.metrics import Metrics; from pipeline.telemetry.watch import Done; "
            f"Metrics().done({exchange})"
        )
        subprocess.run([sys.executable, "-c", program], check=True)
    registry = metrics.CollectorRegistry()
    metrics.MultiProcessCollector(registry)
    assert samples(generate_latest(registry).decode())["breaker_open", "SAP"] == told[-1]


def test_the_file_tells_what_is_in_the_ledger_too(ledger, clock, arrival, place, tmp_path, samples):
    ledger.receive("postman", [arrival("inv_1"), arrival("inv_2"), arrival("inv_3", reasons=["no"])], place)
    clock.sleep(90_000)
    path = tmp_path / "billing-to-sap.prom"
    metrics.Metrics().write(str(path), ledger, clock)
    found = samples(path.read_text())
    assert found["documents", "READY", "postman"] == 2
    assert found["documents", "QUARANTINED", "postman"] == 1
    assert found["oldest_seconds", "READY", "postman"] == 90
    assert found["ledger_up",] == 1


def test_what_may_be_in_sap_is_as_old_as_its_attempt_however_often_it_is_looked_up(ledger, clock, arrival, place):
    ledger.receive("postman", [arrival("inv_1")], place)
    (claim,) = ledger.claim(["postman"], "ZINVOICE_SRV/Invoices", 1, "me")
    ledger.settle([Verdict(claim=claim, after=State.AMBIGUOUS, look_at=clock.now())])
    clock.sleep(3_600_000)
    (look,) = ledger.looks(["postman"], 1, "me")
    assert [(one.state, clock.now() - one.oldest) for one in ledger.standings()] == [(State.RESOLVING, 3_600_000)]
    ledger.settle([Verdict(claim=look, after=State.AMBIGUOUS, look_at=clock.now())], before=State.RESOLVING)
    assert [(one.state, clock.now() - one.oldest) for one in ledger.standings()] == [(State.AMBIGUOUS, 3_600_000)]


def test_a_file_that_cannot_be_written_is_named(ledger, clock, tmp_path):
    with pytest.raises(Misconfigured, match=r"the metrics file .*nowhere.* cannot be written"):
        metrics.Metrics().write(str(tmp_path / "nowhere" / "f.prom"), ledger, clock)


def test_what_the_targets_bear_and_what_lies_dead_is_told(ledger, clock, samples):
    ledger.set_capacity("SAP", 3)
    standing = metrics.Standing(ledger, clock, targets=["SAP", "other"])
    standing.dead_letters = 4
    registry = metrics.CollectorRegistry()
    registry.register(standing)
    found = samples(generate_latest(registry).decode())
    assert (found["capacity", "SAP"], found["dead_letters",]) == (3, 4)
    assert ("capacity", "other") not in found


def test_a_ledger_that_cannot_be_read_is_told_and_ends_no_scrape(ledger, clock, samples, monkeypatch):
    def down():
        raise Unavailable("down")

    monkeypatch.setattr(ledger, "standings", down)
    registry = metrics.CollectorRegistry()
    registry.register(metrics.Standing(ledger, clock))
    assert samples(generate_latest(registry).decode()) == {("ledger_up",): 0}


@pytest.fixture
def endpoint(tmp_path, monkeypatch):
    """Serves metrics on a free port until the test ends."""
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(shared))
    started = []

    def start(standing, port=0):
        started.append(metrics.serve("127.0.0.1", port, standing))
        return started[-1][0]

    yield start
    for _, server, thread in started:
        server.shutdown()
        server.server_close()
        thread.join()


def scraped(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return answer.read().decode()


def test_the_endpoint_adds_up_all_processes_and_listens_where_it_is_told(ledger, clock, endpoint, samples):
    port = endpoint(metrics.Standing(ledger, clock))
    with pytest.raises(Misconfigured, match=f"127.0.0.1:{port} cannot be listened on"):
        endpoint(metrics.Standing(ledger, clock), port)
    assert samples(scraped(port))["ledger_up",] == 1


def test_what_breaks_in_a_scrape_is_told_by_the_log_and_nowhere_else(
    ledger, clock, endpoint, monkeypatch, caplog, capfd
):
    def broken():
        raise ZeroDivisionError

    monkeypatch.setattr(ledger, "standings", broken)
    with pytest.raises(urllib.error.HTTPError, match="500"):
        scraped(endpoint(metrics.Standing(ledger, clock)))
    assert [(one.message, one.exc_info[0]) for one in caplog.records] == [("scrape failed", ZeroDivisionError)]
    assert capfd.readouterr() == ("", "")


def test_whoever_goes_away_before_the_answer_is_no_news(ledger, clock, endpoint, monkeypatch, capfd):
    noticed = threading.Event()
    monkeypatch.setattr(logs.LOGGER, "debug", lambda *_what, **_more: noticed.set())
    port = endpoint(metrics.Standing(ledger, clock))
    with socket.create_connection(("127.0.0.1", port)) as asking:
        asking.sendall(b"GET")
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # gone by RST
    assert noticed.wait(10)
    assert capfd.readouterr() == ("", "")
