"""What one tick does, and tells of it."""

import json

import pytest
from pipeline_stands import LOGGED_ON

from pipeline import settings
from pipeline.assembly import Parts
from pipeline.delivery.stop import Stop
from pipeline.telemetry.watch import Watch
from pipeline.worker.work import Bench

TARGET = "ZINVOICE_SRV/Invoices"
ABSENT = (404, {}, b'{"error":{"code":"/IWBEP/CM_MGW_RT/020","message":{"lang":"en","value":"Resource not found"}}}')


def sap(heard):
    if heard.headers.get("x-csrf-token") == "Fetch":
        return LOGGED_ON
    return ABSENT if heard.method == "GET" else (201, {}, json.dumps({"d": {"ID": "inv_1"}}).encode())


@pytest.fixture
def bench(answering, clock, tmp_path, monkeypatch, arrival, place):
    """A bench whose ledger holds one invoice to send; what it tells is in `told`."""
    given = {"URL": answering(sap).url, "USER": "U", "PASSWORD": "word"}
    for name, value in given.items():
        monkeypatch.setenv(f"B2S_SAP_{name}", value)
    monkeypatch.setenv("B2S_LEDGER_URL", f"sqlite:///{tmp_path}/ledger.db")
    monkeypatch.setenv("B2S_STATE_DIR", str(tmp_path))
    told = []
    watch = Watch(
        of_work=(lambda work: told.append(work.what),), of_wholes=(lambda what, where: told.append((what, where)),)
    )
    parts = Parts(settings=settings.load(("sap",), file=tmp_path / "none"), clock=clock, watch=watch)
    ledger = parts.ledger()
    ledger.receive("postman", [arrival("inv_1")], place)
    ledger.close()
    made = Bench(parts, batch_size=1, stop=Stop())
    made.told = told
    yield made
    made.close()


def test_a_tick_is_told_as_the_whole_of_what_was_done_in_it(bench):
    bench.tick(TARGET, Stop())
    assert bench.told == ["look", "exchange", "settle", ("tick", TARGET)]
