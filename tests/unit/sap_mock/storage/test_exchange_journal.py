"""Exchanges on their way to the database, when the database does not take them."""

import sqlite3

from sap_mock import clock
from sap_mock.journal.exchange import Exchange
from sap_mock.odata.messages import ODataRequest, ODataResponse
from sap_mock.storage import engine, exchange_journal
from sap_mock.storage.exchange_journal import ExchangeJournal, Limits, Wanted

EXCHANGE = Exchange.of(
    ODataRequest(method="GET", path="/x"), ODataResponse(status=200), about=("", ""), started=clock.now(), seconds=0
)


def test_an_exchange_that_a_locked_database_does_not_take_is_told_later(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "_BUSY_SECONDS", 0)
    monkeypatch.setattr(exchange_journal, "_SPOOLED", len(EXCHANGE.packed()))
    database = engine.open_database(f"sqlite:///{tmp_path}/store.db", durable=False)
    journal = ExchangeJournal(database, tmp_path / "spool", Limits(exchanges=9, total_bytes=9999, body_bytes=9))
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal.record(EXCHANGE)
    other.execute("ROLLBACK")
    assert [one["request"]["path"] for one in journal.find(Wanted())] == ["/x"]
    other.close()
    database.dispose()
