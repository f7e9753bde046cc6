"""How the Commerce Platform refuses. The only place that writes its errors.

Nothing about statuses and bodies is published. Chosen: 401 for the key, 403 for the address, 404 for a version that
never was, 410 for one that is no more, 400 for dates; one message, in the format that was asked for.
"""

from dataclasses import dataclass

from flask import Response

from billing_mock import exact_json
from billing_mock.options import ErrorShape
from billing_mock.xml_text import Writer

XML, JSON = "application/xml; charset=utf-8", "application/json; charset=utf-8"
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One way to refuse."""

    status: int
    message: str


DENIED = "Access denied."
UNKNOWN = Refusal(status=404, message="No HTTP resource was found that matches the request.")
END_OF_LIFE = Refusal(status=410, message="This version of the API has reached its end of life.")
TOO_MANY = Refusal(status=429, message="Too many requests.")


def denied(status: int) -> Refusal:
    """The key is not accepted, or it is and the caller's address is not on the list; which the message does not say."""
    return Refusal(status=status, message=DENIED)


def dates(message: str) -> Refusal:
    """The period that was asked for cannot be read."""
    return Refusal(status=400, message=message)


def answer(refusal: Refusal, *, as_json: bool) -> Response:
    """The refusal in the format that was asked for."""
    told = {"Message": refusal.message}
    if as_json:
        return Response(exact_json.dumps(told), refusal.status, content_type=JSON)
    return Response(DECLARATION + Writer({}).element("Error", told), refusal.status, content_type=XML)


def throttled(*, retry_after: int, month: bool, shape: ErrorShape) -> Response:
    """429, of which nothing is published; with `month`, no time to wait is told."""
    response = answer(TOO_MANY, as_json=shape != ErrorShape.PROBLEM)
    if not month:
        response.headers["Retry-After"] = str(retry_after)
    return response


def server_error(status: int, shape: ErrorShape) -> Response:
    """500, 502, 503 or 504: the usual body, the same as JSON, or a page of HTML."""
    if shape == ErrorShape.STATUSLESS:
        return Response("<html><body><h1>Server Error</h1></body></html>", status, content_type="text/html")
    refusal = Refusal(status=status, message="An error has occurred.")
    return answer(refusal, as_json=shape == ErrorShape.ENVELOPE)
