"""P15, P16: no intent, no sending; an intent that was told is there after a power loss."""

import shutil
import sqlite3

import pytest
from pipeline_stands import MovedClock, arrived

from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Place, Verdict
from pipeline.ledger.states import State
from pipeline.model.stops import Misconfigured, Unavailable

TARGET = "ZINVOICE_SRV/Invoices"
S = State
ONE = ["postman"]


def opened(path, clock):
    return Ledger.open(f"sqlite:///{path}", clock, grace=10, lease=10)


@pytest.fixture
def ready(ledger, place):
    """A ledger with three invoices that may be sent."""
    ledger.receive("postman", [arrived(f"inv_{number}") for number in range(3)], place)
    return ledger


def claim(ledger):
    return ledger.claim(ONE, TARGET, 3, "me")


def limit_pages(ledger, pages):
    """The disk has room for so many pages from now on, in every connection."""
    with ledger._engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def test_what_was_intended_survives_the_loss_of_the_power(ready, tmp_path):
    """P16: the files as they were when `claim` returned, with nothing written after it, hold the intent."""
    ledger = ready
    kept = claim(ledger)
    for suffix in ("", "-wal"):
        shutil.copy(tmp_path / f"ledger.db{suffix}", tmp_path / f"after.db{suffix}")
    ledger.settle([Verdict(claim=claim, after=S.DELIVERED, outcome="delivered") for claim in kept])
    later = opened(tmp_path / "after.db", MovedClock())
    assert {entry.state for entry in later.entries(ONE)} == {S.SENDING}
    later._clock.at += later.lease + ledger.lease
    assert later.expire() == 3
    assert {look.attempt for look in later.looks(ONE, 9, "other")} == {claim.attempt for claim in kept}
    later.close()


def test_a_torn_end_of_the_log_takes_back_whole_transactions_only(ready, tmp_path):
    """P16: the tail of the log is lost; then the intent is there as a whole, with its attempts, or not at all."""
    ledger = ready
    before = (tmp_path / "ledger.db-wal").stat().st_size
    claim(ledger)
    log = (tmp_path / "ledger.db-wal").read_bytes()
    found = set()
    for length in [*range(before, len(log), 512), len(log)]:
        shutil.copy(tmp_path / "ledger.db", tmp_path / "torn.db")
        (tmp_path / "torn.db-wal").write_bytes(log[:length])
        file = sqlite3.connect(tmp_path / "torn.db")
        counts = "SELECT (SELECT count(*) FROM document WHERE state = 'SENDING'), (SELECT count(*) FROM attempt)"
        found.add(file.execute(counts).fetchone())
        file.close()
    assert found == {(0, 0), (3, 3)}


def test_a_full_disk_lets_nothing_be_sent_and_the_run_goes_on_later(ready, tmp_path, clock):
    """P15: ENOSPC. The intent cannot be written, so no claim is given out."""
    ledger = ready
    used = sqlite3.connect(tmp_path / "ledger.db").execute("PRAGMA page_count").fetchone()[0]
    crowd = [arrived(f"new_{number}", "x" * 4_000) for number in range(20)]
    limit_pages(ledger, used)
    with pytest.raises(Unavailable, match="Nothing is sent until it can be used"):
        ledger.receive("postman", crowd, Place(stream="s"))
    assert {entry.state for entry in ledger.entries(ONE)} == {S.READY}
    limit_pages(ledger, 1_000_000)
    assert len(claim(ledger)) == 3


def test_a_ledger_that_may_only_be_read_lets_nothing_be_sent(ready):
    """P15: chmod. SQLite is told that the file is read-only, as for a user who may not write it."""
    ledger = ready
    with ledger._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(Misconfigured, match="cannot be opened for writing"):
        claim(ledger)
    assert {entry.state for entry in ledger.entries(ONE)} == {S.READY}


def test_a_locked_ledger_lets_nothing_be_sent(ready, tmp_path, clock, monkeypatch):
    """P15: another program holds the file."""
    ledger = ready
    with ledger._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    holder = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"):
        claim(ledger)
    holder.execute("ROLLBACK")
    holder.close()
    assert len(claim(ledger)) == 3
