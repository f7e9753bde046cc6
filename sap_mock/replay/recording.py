"""A folder that exchanges are written to as cases, masked, one file each in the order in which they were answered."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

from sap_mock.wire.case_file import write
from sap_mock.wire.exchange import Case, Exchange, Request, Response
from sap_mock.wire.masking import Masks

_NUMBER = re.compile(r"([0-9]+)_")


class Recording:
    """``host`` is what the recorded server calls itself, ``personal`` names properties to mask besides the usual."""

    def __init__(self, folder: Path, host: str, personal: Iterable[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._masks = Masks(personal, hosts=[host])
        self._lock = threading.Lock()
        numbers = [_NUMBER.match(path.name) for path in folder.glob("*.http")]
        self._last = max((int(number[1]) for number in numbers if number), default=0)

    def add(self, request: Request, response: Response | None) -> None:
        """Write an exchange; what cannot be written is said on stderr and hinders nobody."""
        try:
            answer = None if response is None else response.without_connection()
            exchange = Exchange(request=request.without_connection(), response=answer)
            with self._lock:
                masked = self._masks.masked(exchange)
                self._last += 1
                name = f"{self._last:04d}_{_words(masked.request)}"
                (self._folder / f"{name}.http").write_bytes(write(Case(name=name, exchanges=(masked,))))
        except Exception as error:  # noqa: BLE001 - a recording must not break what it records
            sys.stderr.write(f"{request.method} {request.target.partition('?')[0]} was not recorded: {error!r}\n")


def _words(request: Request) -> str:
    """A name for people: method and last segment without its key."""
    segment = request.target.partition("?")[0].rstrip("/").rpartition("/")[2].partition("(")[0]
    return re.sub(r"[^a-z0-9]+", "_", f"{request.method} {segment}".lower()).strip("_")[:60]
