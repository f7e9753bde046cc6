"""Which targets are woken."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from pipeline.ledger.rows import Verdict
from pipeline.ledger.states import State
from pipeline.worker.sweeper import targets

INVOICES, JOURNAL = "ZINVOICE_SRV/Invoices", "ZJOURNAL_SRV/JournalEntries"
AGE = 900_000


@pytest.fixture
def parts(clock):
    return SimpleNamespace(clock=clock, settings=SimpleNamespace(confirm_age=AGE))


def test_every_target_with_something_to_read_back_is_woken_as_soon_as_it_is_old_enough(
    ledger, arrival, place, clock, parts
):
    ledger.receive("postman", [arrival("inv_1"), replace(arrival("inv_2"), target=JOURNAL)], place)
    for target in (INVOICES, JOURNAL):
        (claim,) = ledger.claim(["postman"], target, 1, "me")
        ledger.settle([Verdict(claim=claim, after=State.DELIVERED)])
    assert targets(parts, ledger) == []
    clock.at += AGE + 1
    assert targets(parts, ledger) == [INVOICES, JOURNAL]
