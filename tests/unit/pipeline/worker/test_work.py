"""What one tick does, and tells of it."""

import json
from dataclasses import replace

import pytest
from pipeline_stands import LOGGED_ON, arrived

from pipeline import settings
from pipeline.assembly import Parts
from pipeline.delivery.stop import Stop
from pipeline.ledger.ledger import Ledger
from pipeline.model.stops import Misconfigured
from pipeline.telemetry.watch import Watch
from pipeline.worker.work import Bench

TARGET, AWAY = "ZINVOICE_SRV/Invoices", "ZJOURNAL_SRV/JournalEntries"
ABSENT = (404, {}, b'{"error":{"code":"/IWBEP/CM_MGW_RT/020","message":{"lang":"en","value":"Resource not found"}}}')


INVOICE = {"Status": "PAID", "IssuedAt": "2023-10-12T00:00:00", "Value": "440.00", "Currency": "USD", "Link": ""}


def sap(heard):
    """Shows inv_old, and takes whatever it is sent."""
    if heard.headers.get("x-csrf-token") == "Fetch":
        return (503, {}, b"") if "ZJOURNAL_SRV" in heard.path else LOGGED_ON
    if heard.method == "GET" and "inv_old" in heard.path:
        shown = {**INVOICE, "ID": "inv_old", "IssuedAt": "/Date(1697068800000)/"}
        return (200, {}, json.dumps({"d": shown}).encode())
    return ABSENT if heard.method == "GET" else (201, {}, json.dumps({"d": {"ID": "inv_1"}}).encode())


@pytest.fixture
def server(answering):
    return answering(sap)


@pytest.fixture
def receive(tmp_path, clock, place):
    """Bring an invoice into the ledger, as `enqueue` does beside the worker."""

    def run(source_id, source="postman", target=TARGET):
        payload = json.dumps({**INVOICE, "ID": source_id}).encode()
        ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db", clock, grace=1, lease=1)
        ledger.receive(source, [replace(arrived(source_id, source=source), payload=payload, target=target)], place)
        ledger.close()

    return run


@pytest.fixture
def bench(server, clock, tmp_path, monkeypatch, receive):
    """A bench whose ledger holds one invoice to send, and a posting for a target that is away.

    What it tells is in `told`.
    """
    given = {"URL": server.url, "USER": "U", "PASSWORD": "word"}
    for name, value in given.items():
        monkeypatch.setenv(f"B2S_SAP_{name}", value)
    monkeypatch.setenv("B2S_LEDGER_URL", f"sqlite:///{tmp_path}/ledger.db")
    monkeypatch.setenv("B2S_STATE_DIR", str(tmp_path))
    told = []
    watch = Watch(
        of_work=(lambda work: told.append(work.what),), of_wholes=(lambda what, where: told.append((what, where)),)
    )
    parts = Parts(settings=settings.load(("sap",), file=tmp_path / "none"), clock=clock, watch=watch)
    receive("inv_1")
    receive("p_1", "fynn", AWAY)
    made = Bench(parts, batch_size=1, stop=Stop())
    made.told = told
    yield made
    made.close()


def test_a_tick_is_told_as_the_whole_of_what_was_done_in_it(bench):
    bench.tick(TARGET, Stop())
    assert bench.told == ["look", "exchange", "settle", ("tick", TARGET)]


def posts(server):
    return [heard for heard in server.heard if heard.method == "POST"]


@pytest.mark.parametrize("source", ["postman", "bill"])
def test_what_is_read_after_the_first_look_is_asked_about_before_it_is_sent(bench, receive, server, source):
    """P17: the ledger was lost, and a sweep comes between two pages of `enqueue`."""
    bench.tick(TARGET, Stop())
    assert len(posts(server)) == 1
    receive("inv_old", source)
    with pytest.raises(Misconfigured, match="the ledger is older than SAP"):
        bench.tick(TARGET, Stop())
    assert len(posts(server)) == 1


def test_what_is_read_while_documents_are_sent_waits_until_it_was_asked_about(bench, receive, server):
    """P17: within one tick."""
    answer = server.script

    def script(heard):
        if heard.method == "POST" and not posts(server)[1:]:
            receive("inv_old")
        return answer(heard)

    server.script = script
    with pytest.raises(Misconfigured, match="the ledger is older than SAP"):
        bench.tick(TARGET, Stop())
    assert len(posts(server)) == 1


def test_a_target_that_is_away_keeps_no_tick_from_another(bench):
    for target in (AWAY, TARGET, AWAY):
        bench.tick(target, Stop())
    assert bench.told.count("exchange") == 1


def test_what_one_target_was_asked_about_is_sent_to_no_other_nor_to_one_that_did_not_answer(bench, receive, server):
    """P17: each target is asked about its own."""
    bench.tick(TARGET, Stop())
    receive("inv_old")
    answer = server.script
    server.script = lambda _heard: (503, {}, b"")
    for target in (AWAY, TARGET):
        bench.tick(target, Stop())
    server.script = answer
    with pytest.raises(Misconfigured, match="the ledger is older than SAP"):
        bench.tick(TARGET, Stop())
    assert len(posts(server)) == 1
