"""Performs the faults that a plan decides on, at the edge where the answer leaves. One function per fault.

Only of the faults that every vendor can have; the others are performed by the vendors in faults.REACH.
"""

import time
from collections.abc import Callable, Iterator

from flask import Flask, Response, g, request

from billing_mock.app.parts import Parts, Vendor
from billing_mock.faults import Strike
from billing_mock.options import ErrorShape

FLUSH_SECONDS = 0.05
"""What the server needs to put the half on the wire before it sees that nothing more is coming."""

_PIECES = 20
_HARMLESS = frozenset({"HTTP_HOST", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_CONNECTION", "HTTP_USER_AGENT"})

Instead = Callable[[Vendor, Strike], Response | None]
Afterwards = Callable[[Response, Strike], Response]


def install(app: Flask, parts: Parts) -> None:
    """Let every request to a vendor ask the plans first."""

    @app.before_request
    def before() -> Response | None:
        name = request.blueprint or ""
        asked = name, request.path, request.method, request.headers.get
        strike = parts.plans.strike(*asked) if name in parts.vendors else None
        if strike is None:
            return None
        g.strike = strike
        perform = INSTEAD.get(strike.fault)
        return perform(parts.vendors[name], strike) if perform else None

    @app.after_request
    def after(response: Response) -> Response:
        strike: Strike | None = g.get("strike")
        perform = AFTERWARDS.get(strike.fault) if strike else None
        return perform(response, strike) if strike and perform else response


def throttle(vendor: Vendor, strike: Strike) -> Response:
    """429 although the caller has kept within its limit."""
    return vendor.throttled(
        retry_after=int(str(strike.parameters["retry_after"])),
        month=strike.parameters["quota"] == "month",
        shape=ErrorShape.ENVELOPE,
    )


def http_error(vendor: Vendor, strike: Strike) -> Response:
    """The vendor's own 500, 502, 503 or 504."""
    return vendor.server_error(int(str(strike.parameters["status"])), ErrorShape(str(strike.parameters["shape"])))


def slow(response: Response, strike: Strike) -> Response:
    """The right answer, late; until then the request counts as running."""
    time.sleep(float(str(strike.parameters["seconds"])))
    return response


def half_page(response: Response, strike: Strike) -> Response:
    """The first half of the body; the rest is missing, with or without a hint in the framing."""
    body = response.get_data()
    cut = Response(
        _flushed(body[: len(body) // 2]), response.status, response.headers, content_type=response.content_type
    )
    cut.headers.remove("Content-Length")
    if strike.parameters["framing"] == "length":
        cut.headers["Content-Length"] = str(len(body))
    return cut


def _flushed(half: bytes) -> Iterator[bytes]:
    yield half
    time.sleep(FLUSH_SECONDS)


def maintenance(vendor: Vendor, strike: Strike) -> Response:
    """503 and a page in HTML, by whatever stands in front of the vendor."""
    del vendor
    page = "<!DOCTYPE html>\n<html><body><h1>503 Service Unavailable</h1><p>Down for maintenance.</p></body></html>\n"
    headers = {"Retry-After": str(int(str(strike.parameters["retry_after"])))}
    return Response(page, 503, headers, content_type="text/html; charset=utf-8")


def credentials_refused(vendor: Vendor, strike: Strike) -> None:
    """The request goes on without what could be a credential, so that the vendor refuses it in its own words."""
    del vendor, strike
    for name in [known for known in request.environ if known.startswith("HTTP_") and known not in _HARMLESS]:
        del request.environ[name]


def lost_response(response: Response, strike: Strike) -> Response:
    """Not a byte: granian's HTTP engine refuses to send a head whose Content-Length is no number."""
    del strike
    return Response(iter([b""]), response.status, [("Content-Length", "never")])


def slow_drip(response: Response, strike: Strike) -> Response:
    """The right answer in twenty pieces."""
    body = response.get_data()
    response.response = _dripping(body, float(str(strike.parameters["seconds"])))
    response.headers["Content-Length"] = str(len(body))
    return response


def _dripping(body: bytes, seconds: float) -> Iterator[bytes]:
    size = max(len(body) // _PIECES, 1)
    for begin in range(0, len(body), size):
        yield body[begin : begin + size]
        time.sleep(seconds / _PIECES)


INSTEAD: dict[str, Instead] = {
    "throttle": throttle,
    "http_error": http_error,
    "maintenance": maintenance,
    "credentials_refused": credentials_refused,
}
AFTERWARDS: dict[str, Afterwards] = {
    "half_page": half_page,
    "slow": slow,
    "slow_drip": slow_drip,
    "lost_response": lost_response,
}
