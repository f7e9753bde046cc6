"""A witness beside a ledger: how long its history was when something was last sent from it.

A backup put back over a ledger takes the history's end back, but not the witness: then the ledger is older than what
it sent. A repair that trusts the ledger again begins its history anew, as it were: witnesses on other machines, which
still know a longer one, are older than that. The witness is one line of a fixed length in a small file next to a SQLite
file and in this machine's state directory, written in place after an intent is durable and before its bytes leave. It
is evidence, not a condition: where it cannot be written, sending goes on, and the look of `delivery.guard` is what is
left. After a power loss it may be older than the ledger, never newer.
"""

import threading
from collections.abc import Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from pipeline.ledger.sqlite import IN_MEMORY

OLD = (
    "{name} ends before what was last sent from it: an old copy was put back, it seems. "
    "Nothing is sent from it until billing-to-sap reconcile --repair has taken over what SAP shows"
)

_DIGITS = 19


class End(NamedTuple):
    """Where a history ends: its last transition, since it was trusted anew. The later of two is the greater one."""

    trusted_at: int = 0
    step: int = 0


class Witness:
    """What was seen of one ledger, in several places."""

    def __init__(self, guid: str, files: Sequence[Path]) -> None:
        self._guid = guid
        self._files = files
        self._lock = threading.Lock()
        self._noted = End()

    def last(self) -> End:
        """The latest end that was seen of this ledger's history, here or in its files."""
        return max(self._noted, *(_read(file, self._guid) for file in self._files), End())

    def note(self, end: End) -> None:
        """Remember that the history has come so far."""
        with self._lock:
            if end > self._noted:
                self._noted = end
                for file in self._files:
                    _write(file, f"{self._guid} {end.step:0{_DIGITS}} {end.trusted_at:0{_DIGITS}}\n")

    def unwritable(self) -> list[str]:
        """Its files that cannot be written, each with why: after an old copy is put back they would be no evidence."""
        found = []
        for file in self._files:
            try:
                _opened(file).close()
            except OSError as error:
                found.append(f"{file} ({error.strerror})")
        return found


def files(engine: Engine, guid: str, state: Path | None) -> list[Path]:
    """Where the witness of a ledger is kept: next to its file, if it has one, and in the state directory, if given."""
    on_server = engine.dialect.name != "sqlite"
    if not on_server and engine.url.database in IN_MEMORY:
        return []
    beside = [] if on_server else [Path(f"{engine.url.database}.witness")]
    return beside + ([state / f"ledger-{guid}.witness"] if state else [])


def _read(file: Path, guid: str) -> End:
    try:
        whose, step, *trusted_at = file.read_text("ascii").split()
        return End(int(trusted_at[0]) if trusted_at else 0, int(step)) if whose == guid else End()
    except (OSError, ValueError):
        return End()


def _write(file: Path, line: str) -> None:
    with suppress(OSError), _opened(file) as kept:
        kept.write(line.encode("ascii"))
        kept.truncate()


def _opened(file: Path) -> FileIO:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return file.open("r+b", buffering=0)
