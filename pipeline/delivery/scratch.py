"""What must be remembered of a whole source or of a whole SAP, in the order of its keys, in flat memory.

A SQLite database of its own without a name: it begins in memory, goes to a temporary file when it grows, and is gone
when it is closed. Keys sort by their code points, as they do in the ledger and in Python.
"""

import json
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

_CACHE_KIB = 16_000


class Row(NamedTuple):
    """A key on one side, with what it is worth and whose it is, as far as that is known.

    `state` and `reasons` are what it would be, and `owner` what it needs, where that is only rehearsed.
    """

    key: str
    side: str
    currency: str | None = None
    amount: Decimal | None = None
    owner: str = ""
    state: str = ""
    reasons: tuple[str, ...] = ()


class Scratch:
    """Rows by key and side; the first one of each is kept."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.close = weakref.finalize(self, self._file.close)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
            self._file.execute(f"PRAGMA {pragma}").fetchall()
        columns = "key TEXT, side TEXT, currency TEXT, amount TEXT, owner TEXT, state TEXT, reasons TEXT"
        self._file.execute(f"CREATE TABLE held ({columns}, PRIMARY KEY (key, side)) WITHOUT ROWID")

    def add(self, rows: Iterable[Row]) -> int:
        """Remember them; gives how many of them were new."""
        before = self._file.total_changes
        texts = map(_texts, rows)
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR IGNORE INTO held VALUES (?, ?, ?, ?, ?, ?, ?)", texts)
        self._file.execute("COMMIT")
        return self._file.total_changes - before

    def __contains__(self, place: tuple[str, str]) -> bool:
        """Whether there is a row of this key and side."""
        return self._file.execute("SELECT 1 FROM held WHERE key = ? AND side = ?", place).fetchone() is not None

    def __len__(self) -> int:
        return int(self._file.execute("SELECT count(*) FROM held").fetchone()[0])

    def __iter__(self) -> Iterator[Row]:
        """All rows, by key, then by side."""
        return map(_row, self._file.execute("SELECT * FROM held ORDER BY key, side"))

    def get(self, key: str, side: str) -> Row | None:
        """The row of this key and side, if there is one."""
        found = self._file.execute("SELECT * FROM held WHERE key = ? AND side = ?", (key, side)).fetchone()
        return _row(found) if found else None


def _texts(row: Row) -> tuple[str | None, ...]:
    amount = None if row.amount is None else format(row.amount, "f")
    reasons = json.dumps(row.reasons) if row.reasons else ""
    return (row.key, row.side, row.currency, amount, row.owner, row.state, reasons)


def _row(texts: Sequence[Any]) -> Row:
    key, side, currency, amount, owner, state, reasons = texts
    worth = None if amount is None else Decimal(amount)
    return Row(key, side, currency, worth, owner, state, tuple(json.loads(reasons)) if reasons else ())
