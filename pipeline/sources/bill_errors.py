"""What BILL's error bodies say, whichever of its shapes they come in: codes tell more than the status.

Limits come as 429 or 422, its own failures even with a 200. Source: BILL's pages on error codes and rate limits.
"""

from typing import Any

from pipeline.model.record import NotJson, read_json
from pipeline.sources.http import Reply
from pipeline.sources.http import is_busy as busy_by_status

EXPIRED = "BDC_1109"
WRONG_CREDENTIALS = frozenset({"BDC_1101", "BDC_1102"})
HOURLY = "BDC_1144"
LIMITS = frozenset({HOURLY, "BDC_1322"})
SYSTEM = frozenset({"BDC_1001", "BDC_1002"})


def is_expired(reply: Reply) -> bool:
    """Whether BILL no longer knows our session; what is wrong with user or key, no new log-on mends."""
    codes = {code for code, _ in errors_of(reply.body)}
    return EXPIRED in codes or (reply.status == 401 and not codes & WRONG_CREDENTIALS)


def is_busy(reply: Reply) -> bool:
    """Whether the same question may be answered a little later."""
    return busy_by_status(reply) or any(code in LIMITS | SYSTEM for code, _ in errors_of(reply.body))


def errors_of(body: bytes) -> list[tuple[str, str]]:
    """Code and text of every error, out of any of BILL's shapes.

    An array of `{code, message}`, the gateway's `{"message": ...}`, and version 2's `{"response_status": 1, ...}`,
    which comes with a 200. Anything else says nothing.
    """
    if len(body) > 100_000:  # no error is that long, and a page of invoices need not be read twice
        return []
    try:
        document = read_json(body)
    except NotJson:
        return []
    if isinstance(document, list):
        found = [one for one in document if isinstance(one, dict)]
        return [(_said(one, "code"), _said(one, "message")) for one in found if "message" in one or "code" in one]
    if not isinstance(document, dict):
        return []
    if document.get("response_status") == 1:
        data = document.get("response_data")
        inner = data if isinstance(data, dict) else {}
        return [(_said(inner, "error_code"), _said(inner, "error_message") or _said(document, "response_message"))]
    if set(document) == {"message"}:
        return [("", _said(document, "message"))]
    return []


def _said(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
