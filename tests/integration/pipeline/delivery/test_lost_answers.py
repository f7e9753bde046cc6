"""Whatever happens to the answer of a request, its invoices are in SAP once, or known to be in doubt until they are."""

import threading

import pytest
from between import BlackHole, Ended, Late, NeverReached, Reply

from pipeline.delivery.pace import Paces
from pipeline.ledger.states import State

S = State
OVER = threading.Event()
FATES = {
    # what happens to the exchange: whether SAP has booked it
    "reset before the request is read": (NeverReached(), False),
    "reset before the header": (Ended(after=0, resets=True), True),
    "reset in the header": (Ended(after=20, resets=True), True),
    "reset in mid-body": (Ended(before_end=60, resets=True), True),
    "closed before the header": (Ended(after=0, resets=False), True),
    "closed in the header": (Ended(after=20, resets=False), True),
    "closed in mid-body": (Ended(before_end=60, resets=False), True),
    "never answered": (BlackHole(OVER), True),
}


@pytest.fixture(autouse=True)
def _over():
    OVER.clear()
    yield
    OVER.set()


def finish(doing):
    """Look and deliver until nothing is left to do."""
    for _ in range(4):
        doing.after_grace()
        doing.deliver()
    OVER.set()


@pytest.mark.parametrize("batch_size", [1, 10])
@pytest.mark.parametrize("name", FATES)
def test_an_answer_lost_in_any_way_leaves_doubt_then_certainty_and_no_second_document(
    delivering, between, sap_gateway, invoices, name, batch_size
):
    """P2: answer lost after commit."""
    fate, booked = FATES[name]
    between.fate = lambda seen: fate if seen.number == 2 else None
    waits = {"read_timeout": 2_000} if name == "never answered" else {}
    doing = delivering(invoices(30), batch_size=batch_size, **waits)
    doing.deliver()
    in_doubt = [key for key, state in doing.states.items() if state is S.AMBIGUOUS]
    assert len(in_doubt) in ({1} if batch_size == 1 else range(1, batch_size + 1))
    assert len(doing.states) - len(in_doubt) == list(doing.states.values()).count(S.DELIVERED)
    assert len(sap_gateway.entities("ZINVOICE_SRV", "Invoices")) == (30 if booked else 30 - len(in_doubt))
    finish(doing)
    assert set(doing.states.values()) == {S.DELIVERED}
    assert len(sap_gateway.entities("ZINVOICE_SRV", "Invoices")) == 30
    assert (max(between.created.values()), between.duplicates) == (1, 0)


def test_a_target_that_answers_nobody_is_left_alone_before_everything_is_in_doubt(delivering, between, invoices):
    """P2: silence costs a few invoices their certainty, not all of them."""
    between.fate = lambda seen: Ended(after=0, resets=False) if seen.number else None
    doing = delivering(invoices(200), batch_size=50, slots=1)
    run = doing.deliver()
    assert "takes nothing at present" in str(run.stops[0])
    assert list(doing.states.values()).count(S.AMBIGUOUS) < 60
    between.fate = lambda _seen: None
    finish(doing)
    assert set(doing.states.values()) == {S.DELIVERED}
    assert (max(between.created.values()), between.duplicates) == (1, 0)


def test_a_document_that_brings_down_its_whole_batch_keeps_no_other_out(delivering, between, sap_gateway, invoices):
    """P6: a short dump ends the whole request, and so takes what is sound beside it along."""
    dump = Reply(500, {"Content-Type": "text/html"}, b"<html>500 SAP Internal Server Error</html>")
    between.fate = lambda seen: dump if seen.method == "POST" and b'"inv_003"' in seen.body else None
    doing = delivering(invoices(30), slots=1)
    for _ in range(6):
        doing.paces = Paces(doing.clock, 10)  # each run is a process of its own, and begins anew with ten documents
        doing.after_grace()
        doing.deliver()
    assert [key for key, state in doing.states.items() if state is not S.DELIVERED] == ["inv_003"]
    assert len(sap_gateway.entities("ZINVOICE_SRV", "Invoices")) == 29
    assert (max(between.created.values()), between.duplicates) == (1, 0)


GRACES = {
    # the grace period: how many documents a late commit doubles
    660_000: 0,
    0: 1,
}


@pytest.mark.parametrize(("grace", "doubles"), GRACES.items())
def test_a_late_commit_doubles_nothing_with_a_grace_period_and_would_without(
    delivering, between, invoices, grace, doubles
):
    """P3: late commit; with no grace period the same course of events doubles, which shows that the test can fail."""
    late = Late()
    between.fate = lambda seen: late if seen.number == 1 else None
    doing = delivering(invoices(1), grace=grace, read_timeout=500)
    doing.deliver()
    assert doing.states == {"inv_001": S.AMBIGUOUS}
    doing.clock.at += grace // 2
    doing.resolve()
    doing.deliver()
    doing.read_timeout = 20_000
    late.now.set()
    assert late.done.wait(20)
    finish(doing)
    assert doing.states == {"inv_001": S.DELIVERED}
    assert sum(between.created.values()) - 1 + between.duplicates == doubles
