"""The journal as the settings want it: opened by every worker process, flushed by their parent at the end."""

from __future__ import annotations

from pathlib import Path

from sap_mock.settings import Settings
from sap_mock.storage.database import Database
from sap_mock.storage.exchange_journal import ExchangeJournal, Limits


def opened(settings: Settings, database: Database, folder: Path) -> ExchangeJournal | None:
    """The journal, or None where nothing is to be remembered. ``folder`` is shared by the processes of one server."""
    if not settings.journal_exchanges:
        return None
    limits = Limits(
        exchanges=settings.journal_exchanges,
        total_bytes=settings.journal_bytes,
        body_bytes=settings.journal_body_bytes,
    )
    return ExchangeJournal(database.engine, folder / "journal", limits)
