"""What keeps other people's pages out: a token in each form, and header fields that let nothing foreign be loaded.

The stand-in has no log-on of its own, so the token is one for all: only a page of ours can be read for it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from html import escape

from flask import Response, request

FIELD = "token"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_EXPIRED = "This form is out of date: the stand-in was reset or started anew since. Load its page again and repeat."


class Guard:
    """``secret`` is the one that all worker processes share; it changes at a reset."""

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._secret = secret

    def token(self) -> str:
        """What every form of ours carries."""
        return hmac.digest(self._secret(), b"console", "sha256").hex()

    def refuse_foreign(self) -> Response | None:
        """The refusal of a form that is not ours, or None."""
        if request.method != "POST" or hmac.compare_digest(request.form.get(FIELD, "").encode(), self.token().encode()):
            return None
        return Response(f"<!doctype html><title>403</title><p>{escape(_EXPIRED)}</p>", status=403)

    @staticmethod
    def harden(response: Response) -> Response:
        """The response with the header fields."""
        response.headers.update(HEADERS)
        return response
