"""What a reverse proxy must change so that a client keeps talking to it: addresses in texts, and cookies.

The client talks plain HTTP to the proxy's address; the server speaks of its own. A text is rewritten as it passes, a
$batch as a whole, since its parts state their lengths.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sap_mock.wire.lengths import kept_true

_ONLY_OVER_TLS = re.compile(r";\s*(?:secure|domain=[^;]*|samesite=none)(?=;|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rewriter:
    """Puts ``there`` in place of ``here``; both are origins such as ``https://sap.example.com:44300``."""

    here: str
    there: str

    def text(self, text: str) -> str:
        """A header value or an address."""
        return text.replace(self.here, self.there)

    def field(self, name: str, value: str) -> str:
        """A header field; a cookie loses what would keep the client from sending it over plain HTTP."""
        return _ONLY_OVER_TLS.sub("", value) if name.lower() == "set-cookie" else self.text(value)

    def body(self, body: bytes) -> bytes:
        """A whole body; lengths in a $batch stay true."""
        return kept_true(body, lambda text: text.replace(self.here.encode(), self.there.encode()))

    def stream(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks of a body as they come; an origin that is torn between two of them is found too."""
        here, there = self.here.encode(), self.there.encode()
        held = b""
        for chunk in chunks:
            text = (held + chunk).replace(here, there)
            keep = _torn(text, here)
            held = text[len(text) - keep :]
            if len(text) > keep:
                yield text[: len(text) - keep]
        if held:
            yield held


def _torn(text: bytes, wanted: bytes) -> int:
    """How many bytes at the end of the text may be the beginning of what is wanted."""
    return next((size for size in range(min(len(wanted) - 1, len(text)), 0, -1) if text.endswith(wanted[:size])), 0)
