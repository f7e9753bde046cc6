"""A file that all processes of one server append to, and that one of them empties: cheaper than a transaction.

What was appended is there once ``append`` has returned, whatever becomes of the process; a lock keeps processes apart.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_LENGTH = 4  # bytes in front of each record


class Spool:
    """The file at ``path``, made when it is missing."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._threads = threading.Lock()

    def append(self, record: bytes) -> int:
        """Add a record, all of it or nothing (``OSError``); the file's size then."""
        framed = len(record).to_bytes(_LENGTH) + record
        with self._held():
            begin = os.lseek(self._file, 0, os.SEEK_END)
            if os.write(self._file, framed) < len(framed):
                os.ftruncate(self._file, begin)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return begin + len(framed)

    def drain(self, take: Callable[[Iterator[bytes]], None], *, last: int, octets: int) -> None:
        """Hand the ``last`` so many records to ``take`` and forget all once it has returned; nobody appends meanwhile.

        Those before the last so many ``octets`` of the file are left out. The file is mapped and not read: a thread
        that read it whole would keep as much memory for good.
        """
        with self._held():
            if size := os.fstat(self._file).st_size:
                with mmap.mmap(self._file, size, access=mmap.ACCESS_READ) as content:
                    records = (record for record in _records(content) if record[1] > size - octets)
                    take(content[begin:end] for begin, end in deque(records, maxlen=last))
                os.ftruncate(self._file, 0)

    def empty(self) -> None:
        """Forget all records."""
        with self._held():
            os.ftruncate(self._file, 0)

    @contextmanager
    def _held(self) -> Iterator[None]:
        with self._threads:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


def _records(content: mmap.mmap) -> Iterator[tuple[int, int]]:
    """Where each record begins and ends."""
    end = 0
    while end < len(content):
        begin = end + _LENGTH
        end = begin + int.from_bytes(content[end:begin])
        yield begin, end
