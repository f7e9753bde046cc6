"""How Fynn refuses: one table, two shapes. The only place that writes Fynn's errors.

Source: the Fynn API documentation for violations (`title`, `detail`, `violations`); the bodies of 401, 403, 404 and of
server errors are not documented and follow the same platform's problem documents.
"""

from dataclasses import dataclass

from flask import Response

from billing_mock import exact_json
from billing_mock.options import ErrorShape

PROBLEM = "application/problem+json; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One thing that is wrong with a request."""

    path: str
    message: str
    code: str


def violated(violations: list[Violation], status: int) -> Response:
    """Everything that is wrong with the request, at once."""
    body = {
        "title": "An error occurred",
        "detail": "\n".join(f"{one.path}: {one.message}" for one in violations),
        "violations": [{"propertyPath": one.path, "message": one.message, "code": one.code} for one in violations],
    }
    return Response(exact_json.dumps(body), status, content_type=PROBLEM)


DETAILS = {
    401: "Invalid or missing token.",
    403: "Access Denied. The permission accounting:accounts:read is missing.",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
"""Status → what is said."""


def answer(status: int) -> Response:
    """The refusal with this status."""
    body = {"type": f"/errors/{status}", "title": "An error occurred", "status": status, "detail": DETAILS[status]}
    return Response(exact_json.dumps(body), status, content_type=PROBLEM)


def throttled(*, retry_after: int, month: bool, shape: ErrorShape) -> Response:
    """429, of which Fynn's documentation says nothing; with `month`, no time to wait is told."""
    del shape  # there is one
    response = answer(429)
    if not month:
        response.headers["Retry-After"] = str(retry_after)
    return response


def server_error(status: int, shape: ErrorShape) -> Response:
    """500, 502, 503 or 504: a problem document, the same without status, or a page of HTML."""
    if shape == ErrorShape.ENVELOPE:
        return Response(f"<html><body><h1>{DETAILS[status]}</h1></body></html>", status, content_type="text/html")
    response = answer(status)
    if shape == ErrorShape.STATUSLESS:
        body = {"type": f"/errors/{status}", "title": "An error occurred", "detail": DETAILS[status]}
        response.set_data(exact_json.dumps(body))
    return response
