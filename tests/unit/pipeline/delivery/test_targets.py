"""One target's trouble keeps nothing from the others; a refused log-on is one for all, and asked for once."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from pipeline.assembly import FORMS
from pipeline.delivery.deliver import Route
from pipeline.delivery.pace import Paces
from pipeline.delivery.resolve import Lookout
from pipeline.delivery.slots import Slots
from pipeline.delivery.stop import Stop
from pipeline.delivery.sync import Order, Watcher, sync
from pipeline.ledger.rows import Verdict
from pipeline.ledger.states import State
from pipeline.model.outcome import Delivered
from pipeline.model.stops import LogOnRefused, Misconfigured, Unavailable
from pipeline.odata_client.answers import Absent

S = State
SOUND, AWAY = "ZINVOICE_SRV/Invoices", "ZJOURNAL_SRV/JournalEntries"
SOURCES = {"fynn": AWAY, "postman": SOUND}
DAY = 86_400_000
LEFT = {"delivered": S.DELIVERED, "in_doubt": S.AMBIGUOUS, "ready": S.READY}
DONE = {"delivered": S.VANISHED, "in_doubt": S.DELIVERED, "ready": S.DELIVERED}


@pytest.fixture
def ledger_of_both(ledger, clock, arrival, place):
    """For each target something that was delivered, is in doubt, and is to be sent; all of it due."""
    for source, target in SOURCES.items():
        rows = {name: replace(arrival(name, source=source), target=target, doc_key=f"{source}-{name}") for name in LEFT}
        for name in ("delivered", "in_doubt"):
            ledger.receive(source, [rows[name]], place)
            claims = ledger.claim([source], target, 1, "before")
            ledger.settle([Verdict(claim=claim, after=LEFT[name], look_at=clock.now()) for claim in claims])
        ledger.receive(source, [rows["ready"]], place)
    clock.at += DAY
    return ledger


@pytest.fixture
def run(ledger_of_both, clock):
    """A sync whose sources give nothing, where SAP takes and shows nothing of what it took before."""

    def start(trouble, at=(AWAY,)):
        asked, ledger, stop = [], ledger_of_both, Stop()

        def log_on(target):
            asked.append(target)
            if target in at:
                raise trouble

        def connect(target):
            return SimpleNamespace(
                log_on=lambda: log_on(target),
                close=lambda: None,
                look=lambda keys: [Absent() for _ in keys],
                create=lambda documents: [Delivered(status=201) for _ in documents],
            )

        feeds = [
            SimpleNamespace(name=name, source=SimpleNamespace(is_incremental=False, pages=lambda _since: ()))
            for name in SOURCES
        ]
        order = Order(feeds=feeds, ledger=ledger, limit=None, stop=stop, watcher=Watcher())
        slots = Slots(ledger, clock, most=1, stop=stop)
        route = Route(ledger=ledger, connect=connect, clock=clock, slots=slots, paces=Paces(clock, 10), senders=1)
        lookout = Lookout(ledger=ledger, forms=FORMS, connect=connect, clock=clock, at_once=10)
        result = sync(order, route, lookout)
        return result, asked, {source: states(ledger, source) for source in SOURCES}

    return start


def states(ledger, source):
    return {entry.source_id: entry.state for entry in ledger.entries([source])}


@pytest.mark.parametrize("trouble", [Unavailable("503"), Misconfigured("403")])
def test_what_ails_one_target_keeps_nothing_from_another(run, trouble):
    result, _, found = run(trouble)
    assert found == {"fynn": LEFT, "postman": DONE}
    assert result.stops == [trouble]


def test_a_refused_log_on_ends_the_run_for_all_targets_and_is_asked_for_once(run):
    result, asked, found = run(LogOnRefused("401"), at=FORMS)
    assert found == {"fynn": LEFT, "postman": LEFT}
    assert len(asked) == 1
    assert [str(stop) for stop in result.stops] == ["401"]
