"""What came back from one request: an answer, or none. Values only; the client fills them, `answers` reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.model.record import NotJson, plain, read_json

_LONGEST_ID = 64


@dataclass(frozen=True, kw_only=True)
class NoAnswer:
    """The request got no whole answer, or none for this operation.

    `never_left` is true only if not one byte of it can have left; `stops` says why no other should follow, if so.
    """

    why: str
    never_left: bool = False
    stops: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A whole HTTP answer, or one operation's answer out of a batch. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def demands_token(self) -> bool:
        """Whether this is Gateway's refusal of a CSRF token: 403 and `x-csrf-token.

        Required`, exactly so (KBA 3048103).
        """
        return self.status == 403 and self.headers.get("x-csrf-token", "").strip().lower() == "required"

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return read_json(self.body)
        except NotJson:
            return None

    @property
    def entity(self) -> dict[str, Any] | None:
        """The entity of `{"d": {...}}`, or None."""
        entity = _member(self.json, "d")
        return entity if isinstance(entity, dict) else None

    @property
    def transaction_id(self) -> str:
        """SAP's name of the request: a field of the answer, or the error envelope's `innererror.transactionid`."""
        named = self.headers.get("sap-transactionid", "").strip()
        if not named and self.status >= 400:
            found = _member(_member(_member(self.json, "error"), "innererror"), "transactionid")
            named = found if isinstance(found, str) else ""
        return plain(named)[:_LONGEST_ID]

    @property
    def repeatability(self) -> str:
        """What the target says about the RequestID: `accepted`, `unsupported` (SAP Help), or nothing."""
        word = self.headers.get("repeatabilityresult", "").strip().lower()
        return word if word in {"accepted", "unsupported"} else ""

    @property
    def error(self) -> "SapError | None":
        """SAP's error envelope, or None where the body is none."""
        error = _member(self.json, "error")
        value = _member(_member(error, "message"), "value")
        if not isinstance(error, dict) or not isinstance(value, str):
            return None
        details = _member(error.get("innererror"), "errordetails")
        found = (_member(detail, "message") for detail in (details if isinstance(details, list) else []))
        texts = dict.fromkeys(plain(text) for text in found if isinstance(text, str) and text)
        return SapError(code=plain(str(error.get("code") or "")), message=plain(value), details=tuple(texts))


@dataclass(frozen=True, kw_only=True)
class SapError:
    """The envelope's code, its message, and the text of every error detail."""

    code: str
    message: str
    details: tuple[str, ...]


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
