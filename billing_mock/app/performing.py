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

Instead = Callable[[Vendor, Strike], Response | None]
Afterwards = Callable[[Response, Strike], Response]


def install(app: Flask, parts: Parts) -> None:
    """Let every request to a vendor ask the plans first."""

    @app.before_request
    def before() -> Response | None:
        name = request.blueprint or ""
        strike = parts.plans.strike(name, request.path, request.method) if name in parts.vendors else None
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


INSTEAD: dict[str, Instead] = {"throttle": throttle, "http_error": http_error}
AFTERWARDS: dict[str, Afterwards] = {"half_page": half_page, "slow": slow}
