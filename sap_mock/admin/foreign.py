"""Keeps other people's web pages from changing the stand-in; scripts, which have no browser, are let through.

A browser says where a request comes from: in Sec-Fetch-Site where it trusts the address, else in Origin. What sends
neither is no browser. As OWASP's cheat sheet on cross-site request forgery has it, and Go's CrossOriginProtection.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, jsonify, request

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_foreign() -> tuple[Response, int] | None:
    """The refusal of a change that another site's page asks for, or None."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = site in {"same-origin", "none"} if site else origin is None or urlsplit(origin).netloc == request.host
    if request.method in _READING or ours:
        return None
    return jsonify(error="a page of another site must not change this stand-in"), 403
