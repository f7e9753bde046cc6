"""How Postman refuses: every status, text and body shape in one table. The only place that writes Postman's errors.

Source: Postman API OpenAPI 1.45.0; for 429 and 503 Postman's pages on rate limits. Shapes that are not documented
for a refusal are not made up: such a refusal keeps the problem shape whatever is asked for.
"""

import json
from dataclasses import dataclass

from flask import Response

from billing_mock.options import ErrorShape

PROBLEMS = "https://api.postman.com/problems/"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One way to refuse. `name` and `message` make the older envelope, where there is one."""

    status: int
    kind: str
    title: str
    detail: str
    content_type: str = "application/json"
    name: str | None = None
    message: str = ""


_PROBLEM_JSON = "application/problem+json"  # documented for 401 and 500; 400 and 403 come as plain JSON

BAD_STATUS = Refusal(
    status=400,
    kind="bad-request",
    title="Malformed request",
    detail="Please provide a valid status to fetch invoices",
)
NO_TEAM = Refusal(status=400, kind="bad-request", title="Malformed request", detail="You must be part of a team")
_OLD_UNAUTHORIZED = "Invalid API Key. Every request requires a valid API Key to be sent."
KEY_MISSING = Refusal(
    status=401,
    kind="unauthorized",
    title="Unauthorized",
    detail="An API key must be provided in the request header or query string",
    content_type=_PROBLEM_JSON,
    name="AuthenticationError",
    message=_OLD_UNAUTHORIZED,
)
KEY_WRONG = Refusal(
    status=401,
    kind="unauthorized",
    title="Unauthorized",
    detail="A valid API key must be provided in the request header.",
    content_type=_PROBLEM_JSON,
    name="AuthenticationError",
    message=_OLD_UNAUTHORIZED,
)
FORBIDDEN = Refusal(
    status=403, kind="forbidden", title="Forbidden", detail="You are not authorized to perform this action"
)
UNKNOWN_PATH = Refusal(status=404, kind="not-found", title="Not Found", detail="Requested resource not found")
TOO_MANY = Refusal(
    status=429,
    kind="too-many-requests",
    title="Too Many Requests",
    detail="Rate limit exceeded. Please retry later",
    content_type=_PROBLEM_JSON,
    name="rateLimited",
    message="Rate limit exceeded. Please retry later",
)
MONTH_EXHAUSTED = Refusal(
    status=429,
    kind="rate-limit-exceeded",
    title="Too Many Requests",
    detail="Service limit exhausted. Please contact your team admin",
    content_type=_PROBLEM_JSON,
    name="serviceLimitExhausted",
    message="Service limit exhausted. Please contact your team admin",
)
SERVER_ERRORS = {
    500: Refusal(
        status=500,
        kind="internal-server-error",
        title="Internal Server Error",
        detail="Something went wrong",
        content_type=_PROBLEM_JSON,
        name="serverError",
        message="Something went wrong with the server",
    ),
    502: Refusal(status=502, kind="bad-gateway", title="Bad Gateway", detail="Bad Gateway"),
    503: Refusal(
        status=503,
        kind="service-unavailable",
        title="Service Unavailable",
        detail="The service is temporarily unavailable",
        name="503 service unavailable",
        message="The server is currently not available",
    ),
    504: Refusal(status=504, kind="gateway-timeout", title="Gateway Timeout", detail="Gateway Timeout"),
}


def answer(refusal: Refusal, shape: ErrorShape) -> Response:
    """The refusal as Postman would send it, in the shape asked for if that is documented for it."""
    if shape == ErrorShape.ENVELOPE and refusal.name:
        body: dict[str, object] = {"error": {"name": refusal.name, "message": refusal.message}}
        return _json(body, refusal.status, "application/json")
    body = {"type": PROBLEMS + refusal.kind, "title": refusal.title, "detail": refusal.detail, "status": refusal.status}
    if shape == ErrorShape.STATUSLESS and refusal.status >= 500:
        del body["status"]
    return _json(body, refusal.status, refusal.content_type)


def throttled(*, retry_after: int, month: bool, shape: ErrorShape) -> Response:
    """429; the wait is told in each spelling that Postman's pages use, for the minute's limit alone."""
    response = answer(MONTH_EXHAUSTED if month else TOO_MANY, shape)
    if month:
        response.headers["RateLimit-Remaining-Month"] = response.headers["X-RateLimit-Remaining-Month"] = "0"
    else:
        for spelling in ("Retry-After", "RetryAfter", "X-RateLimit-RetryAfter"):
            response.headers[spelling] = str(retry_after)
    return response


def server_error(status: int, shape: ErrorShape) -> Response:
    """500, 502, 503 or 504."""
    return answer(SERVER_ERRORS[status], shape)


def _json(body: dict[str, object], status: int, content_type: str) -> Response:
    return Response(json.dumps(body, separators=(",", ":")), status, content_type=f"{content_type}; charset=utf-8")
