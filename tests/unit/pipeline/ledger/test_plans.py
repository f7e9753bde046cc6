"""What is asked for each batch or tick begins at its place in an index: its cost does not grow with the ledger."""

import sqlite3

import pytest
from pipeline_stands import arrived
from sqlalchemy import event

from pipeline.ledger.rows import Place, Verdict
from pipeline.ledger.states import State

TARGET = "ZINVOICE_SRV/Invoices"
ONE = ["postman"]
DAILY = {
    "receive": lambda ledger: ledger.receive("postman", [arrived("inv_1"), arrived("inv_9")], Place(stream="s")),
    "claim": lambda ledger: ledger.claim(ONE, TARGET, 2, "me"),
    "claim of what was never sent": lambda ledger: ledger.claim(ONE, TARGET, 2, "me", anew=False),
    "ready targets": lambda ledger: ledger.ready_targets(ONE),
    "settle": lambda ledger: ledger.settle(
        [Verdict(claim=claim, after=State.DELIVERED) for claim in ledger.claim(ONE, TARGET, 2, "me")]
    ),
    "release": lambda ledger: ledger.release("me"),
    "expire": lambda ledger: ledger.expire(),
    "looks": lambda ledger: ledger.looks(ONE, 2, "me"),
    "waiting": lambda ledger: ledger.waiting(ONE),
    "targets with work": lambda ledger: ledger.targets_with_work(1),
    "confirmable": lambda ledger: ledger.confirmable(ONE, 2, "me", 1),
    "unconfirmed targets": lambda ledger: ledger.unconfirmed_targets(ONE, 1),
    "next send": lambda ledger: ledger.next_send(ONE),
    "unsent": lambda ledger: ledger.unsent(ONE, 2),
    "release held": lambda ledger: ledger.release_held(),
    "by key": lambda ledger: ledger.by_key("ZINVOICE_SRV/Invoices", ["inv_1"]),
    "refused": lambda ledger: ledger.refused("postman"),
    "lost": lambda ledger: ledger.lost(ONE),
}
# These walk an index that holds only what is in that one state, which is never much.
SMALL = ("document_in_doubt", "document_held", "document_owned")


@pytest.mark.parametrize("what", DAILY)
def test_no_daily_statement_walks_through_the_documents(ledger, place, tmp_path, what):
    ledger.receive("postman", [arrived(f"inv_{number}") for number in range(20)], place)
    asked = []
    event.listen(ledger._engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3], said[5])))
    DAILY[what](ledger)
    file = sqlite3.connect(tmp_path / "ledger.db")
    steps = [
        step[3]
        for text, values, many in asked
        if text.split()[0] in {"SELECT", "UPDATE", "WITH"}
        for step in file.execute(f"EXPLAIN QUERY PLAN {text}", values[0] if many else values)
    ]
    file.close()
    assert [step for step in steps if step.startswith("SCAN document") and not step.endswith(SMALL)] == []
    assert [step for step in steps if step.endswith("(source=?)") and "autoindex" in step] == []
    assert steps
