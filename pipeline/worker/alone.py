"""A ledger in a SQLite file has one worker with one process: its locks hold within one process only.

So the limit of requests to SAP would not hold among several, and a file on a network share corrupts.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.model.stops import Misconfigured

WHY = "a ledger in a SQLite file bears one worker with one process: use postgresql:// for B2S_LEDGER_URL"


@contextmanager
def where_it_must(ledger_url: str, concurrency: int) -> Iterator[None]:
    """For a SQLite file: hold it as its only worker. Raises Misconfigured where others are, or would be, at it."""
    kind, _, file = ledger_url.partition(":///")
    if not kind.startswith("sqlite"):
        yield
        return
    if concurrency > 1 or not file:
        raise Misconfigured(f"{WHY}, or a file and --concurrency 1")
    with Path(f"{file}.worker").open("wb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise Misconfigured(f"{WHY}; another worker has {file}") from taken
        yield
