"""An exchange as JSON: what ``/_mock/journal`` shows, with secrets masked.

A body is ``{"bytes": its whole length, "text": ...}``; ``encoding`` is base64 where it is no UTF-8, and ``truncated``
is true where only its beginning was kept.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from sap_mock.journal.exchange import Exchange
from sap_mock.wire import secrets


def document(exchange: Exchange) -> dict[str, Any]:
    """The exchange as it is shown."""
    return {
        "started": exchange.moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "milliseconds": round(exchange.seconds * 1000, 3),
        "service": exchange.service,
        "entity_set": exchange.entity_set,
        "transaction_id": exchange.transaction_id,
        "request": {
            "method": exchange.method,
            "origin": exchange.origin,
            "path": secrets.path(exchange.path),
            "query": secrets.query(exchange.query),
            "headers": secrets.headers(exchange.request_headers),
            "body": body(exchange.request_body, exchange.request_bytes),
        },
        "response": {
            "status": exchange.status,
            "headers": secrets.headers(exchange.response_headers),
            "body": body(exchange.response_body, exchange.response_bytes),
        },
        "transmission": exchange.transmission,
        "faults": [{"id": plan_id, "fault": fault} for plan_id, fault in exchange.strikes],
        "operations": [
            {"number": number, **operation._asdict(), "path": secrets.path(operation.path)}
            for number, operation in enumerate(exchange.operations, start=1)
        ],
    }


def body(kept: bytes, whole: int) -> dict[str, Any]:
    """A body of ``whole`` bytes, of which these were kept, as it may be shown."""
    cut = {"truncated": True} if len(kept) < whole else {}
    kept = secrets.body(kept)
    try:
        text = kept.decode()
    except UnicodeDecodeError as error:
        if not cut or error.start < len(kept) - 3:
            return {"bytes": whole, "text": b64encode(kept).decode(), "encoding": "base64", **cut}
        text = kept[: error.start].decode()  # the cut went through a character
    return {"bytes": whole, "text": text, **cut}
