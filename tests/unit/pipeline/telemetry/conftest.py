"""Transitions and pieces of work to tell of."""

import sys
from pathlib import Path

import pytest

from pipeline.ledger.rows import Transition
from pipeline.ledger.states import State
from pipeline.telemetry.watch import Done

sys.path.insert(0, str(Path(__file__).parents[3] / "support"))


@pytest.fixture
def transition():
    def make(before=State.SENDING, after=State.DELIVERED, source_id="inv_1", why=""):
        return Transition(
            document_id=1,
            source="postman",
            source_id=source_id,
            revision=1,
            target="ZINVOICE_SRV/Invoices",
            before=before,
            after=after,
            at=1_000,
            why=why,
            attempt="A" * 32,
            transaction_id="64E5",
            owner="O" * 32,
        )

    return make


@pytest.fixture
def done():
    def make(what="exchange", **results):
        where, count = "ZINVOICE_SRV/Invoices", sum(results.values())
        return Done(what=what, where=where, began=1_700_000_000_000, milliseconds=40, count=count, results=results)

    return make
