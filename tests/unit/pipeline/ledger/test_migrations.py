"""A ledger of every earlier version becomes one of today, with everything it knew."""

import sqlite3

import pytest

from pipeline.ledger.ledger import Ledger
from pipeline.ledger.migrate import migrations
from pipeline.ledger.rows import Verdict
from pipeline.ledger.states import LIVE, State

S = State
INSERT = """
INSERT INTO document (source, source_id, revision, target, doc_key, record, payload, digest, currency, amount, state,
                      received_at, changed_at, sent_at, look_at, owner, lease_until)
VALUES ('postman', ?, 1, 'T', ?, '{}', x'7b7d', 'd', 'USD', '1.00', ?, 0, 0, 0, 0, ?, 0)
"""
WITH_KEY = INSERT.replace("lease_until)", "lease_until, live_key)").replace("0)", "0, ?)")
STATES = ("READY", "SENDING", "AMBIGUOUS", "DELIVERED", "REJECTED", "HELD")


def ledger_of_version(path, version):
    """A file as the program of that version left it, with an invoice in each of several states."""
    file = sqlite3.connect(path)
    file.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied TEXT NOT NULL)")
    for number, name, script in migrations("sqlite")[:version]:
        file.executescript(script)
        file.execute("INSERT INTO schema_version VALUES (?, ?)", (number, name))
    for number, state in enumerate(STATES, start=1):
        owner = "gone" if state == "SENDING" else None
        key = f"inv_{number}"
        if version < 4:
            file.execute(INSERT, (key, key, state, owner))
        else:
            file.execute(WITH_KEY, (key, key, state, owner, key if state in LIVE else None))
        file.execute("INSERT INTO history (document_id, after, at) VALUES (?, ?, 0)", (number, state))
        file.execute("INSERT INTO attempt (id, document_id, batch_id, position, created_at) VALUES (?, ?, 'b', 0, 0)", (f"A{number}", number))  # fmt: skip
    file.execute("INSERT INTO cursor VALUES ('postman', 's', 'p', 0)")
    file.commit()
    file.close()


@pytest.mark.parametrize("version", range(1, len(migrations("sqlite"))))
def test_a_ledger_of_every_earlier_version_goes_on_where_it_was(tmp_path, clock, version):
    ledger_of_version(tmp_path / "old.db", version)
    ledger = Ledger.open(f"sqlite:///{tmp_path}/old.db", clock, grace=10, lease=10)
    assert {entry.source_id: entry.state for entry in ledger.entries(["postman"])} == {
        f"inv_{number}": state for number, state in enumerate(STATES, start=1)
    }
    assert ledger.positions("postman") == {"s": "p"}
    assert ledger.expire() == 1
    assert [claim.attempt for claim in ledger.looks(["postman"], 9, "me")] == ["A2", "A3"]
    claims = ledger.claim(["postman"], "T", 9, "me")
    assert [claim.source_id for claim in claims] == ["inv_1"]
    assert ledger.settle([Verdict(claim=claims[0], after=S.DELIVERED, outcome="delivered")]) == 1
    assert [step["after"] for step in ledger.stories("postman", "inv_1")[0].history] == [
        S.READY,
        S.SENDING,
        S.DELIVERED,
    ]
    ledger.close()


def test_the_kinds_of_database_have_the_same_newest_version():
    assert migrations("sqlite")[-1][0] == migrations("postgresql")[-1][0]
