"""How BILL refuses: every code, status and text in one table. The only place that writes BILL's errors.

Source: BILL's pages on common error codes and rate limits, its questions and answers, its v3 collection. The body is an
array; errors about what was sent have no code and come several at once, errors with a code come from behind the
gateway. Statuses that BILL does not publish are switches (billing_mock/options.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response

from billing_mock import exact_json
from billing_mock.options import ErrorShape

JSON = "application/json"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One way to refuse."""

    status: int
    code: str | None
    message: str
    category: str = "DOWNSTREAM"


WRONG_PASSWORD = Refusal(status=401, code="BDC_1101", message="User name and/or password do not match our records.")
WRONG_DEV_KEY = Refusal(status=401, code="BDC_1102", message="Developer key is invalid.")
NOT_PERMITTED = Refusal(status=403, code="BDC_1105", message="You do not have permission for this operation.")
NO_SESSION = Refusal(status=401, code="BDC_1109", message="Session is invalid.  Please log in.")
UNKNOWN_PATH = Refusal(status=404, code="BDC_1121", message="API not supported.")
UNKNOWN_RECORD = Refusal(status=404, code=None, message="The requested resource was not found.", category="REQUEST")
TOO_MANY_AT_ONCE = Refusal(
    status=429, code="BDC_1322", message="Max number of concurrent requests per organization reached."
)
SERVER_ERROR = Refusal(status=500, code="BDC_1001", message="System error occurred.", category="SERVER")


def hourly(limit: int) -> Refusal:
    """This hour's requests, or log-ons, are used up."""
    return Refusal(status=429, code="BDC_1144", message=f"Max number of allowed requests per hour reached: {limit}.")


def by_the_minute(limit: int) -> Refusal:
    """This minute's e-mails are used up; that there is a limit is published, how it is told is not."""
    return Refusal(status=429, code="BDC_1144", message=f"Max number of allowed requests per minute reached: {limit}.")


def answer(refusal: Refusal, status: int | None = None) -> Response:
    """The refusal as BILL would send it; `status` where BILL's own is not published."""
    return _array([refusal], status or refusal.status)


def invalid(messages: Iterable[str]) -> Response:
    """400 with one entry per message, none of which has a code."""
    return _array([Refusal(status=400, code=None, message=message, category="REQUEST") for message in messages], 400)


def throttled(*, retry_after: int, month: bool, shape: ErrorShape, status: int = 429) -> Response:
    """Too many at once; with `month` the hour is used up, which waiting a moment does not cure."""
    del shape  # there is one
    if month:
        return answer(hourly(20_000), status)
    response = answer(TOO_MANY_AT_ONCE, status)
    response.headers["Retry-After"] = str(retry_after)
    return response


def server_error(status: int, shape: ErrorShape) -> Response:
    """500, 502, 503 or 504: BILL's array, its gateway's envelope, or a page of HTML."""
    if shape == ErrorShape.ENVELOPE:
        return Response(exact_json.dumps({"message": "An error occurred"}), status, content_type=JSON)
    if shape == ErrorShape.STATUSLESS:
        page = f"<html><head><title>{status}</title></head><body><h1>Server error</h1></body></html>"
        return Response(page, status, content_type="text/html")
    return _array([SERVER_ERROR], status)


def false_success() -> Response:
    """200 with a failure in it, in the words of BILL's version 2."""
    data = {"error_code": "BDC_1001", "error_message": SERVER_ERROR.message}
    body = {"response_status": 1, "response_message": "Error", "response_data": data}
    return Response(exact_json.dumps(body), 200, content_type=JSON)


def _array(refusals: list[Refusal], status: int) -> Response:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    entries = [
        {
            "timestamp": now,
            **({"code": refusal.code} if refusal.code else {}),
            "severity": "ERROR",
            "category": refusal.category,
            "message": refusal.message,
        }
        for refusal in refusals
    ]
    return Response(exact_json.dumps(entries), status, content_type=JSON)
