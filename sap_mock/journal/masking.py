"""What is never written down: passwords, tokens, cookies. Names stay, so that one can see that they were there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sap_mock.wire.masking import MASK, is_secret

_WORDS = (
    r"(?:[-\w]*password\w*|[-\w]*passwd\w*|pwd|[-\w]*secret\w*|[-\w]*token|api[-_]?key|credentials?|session[-_]?id)"
)
_QUERY = re.compile(rf"((?:^|&){_WORDS}=)[^&]*", re.IGNORECASE)
_OPTION = re.compile(rf"((?:^|[?&]){_WORDS}=)[^&\s]*", re.IGNORECASE)  # of a form, or of an address in a $batch
_JSON = re.compile(rf'("{_WORDS}"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE)
_XML = re.compile(rf"(<(?:\w+:)?{_WORDS}(?:\s[^>]*)?>)[^<]*", re.IGNORECASE)
_FIELD = re.compile(
    r"^((?:(?:[-\w]*-)?(?:authorization|authentication|token)|cookie|set-cookie|x-api-key|api[-_]?key):[ \t]*)[^\r\n]*",
    re.IGNORECASE | re.MULTILINE,
)
_SUSPECT = ("passw", "pwd", "secret", "token", "key", "credential", "auth", "cookie", "session")
_COOKIE = re.compile(r"([^=;\s]+)=[^;]*")
_HARMLESS_TOKENS = frozenset({"fetch", "required"})


def header(name: str, value: str) -> str:
    """The value of a header field as it may be shown."""
    known = name.lower()
    if known in _HEADERS:
        return _HEADERS[known](value)
    return _credentials(value) if is_secret(known) else value


def headers(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Header fields as they may be shown."""
    return [(name, header(name, value)) for name, value in fields]


def query(text: str) -> str:
    """A query string as it may be shown."""
    return _QUERY.sub(rf"\1{MASK}", text) if text else text


def body(text: str) -> str:
    """A body as it may be shown: members and options that are named as secrets, header fields of $batch parts."""
    folded = text.casefold()  # plain searches: the patterns would take as long as all else that is done for a $batch
    if not any(word in folded for word in _SUSPECT):
        return text
    for pattern in (_JSON, _XML, _FIELD, _OPTION):
        text = pattern.sub(rf"\1{MASK}", text)
    return text


def _credentials(value: str) -> str:
    scheme, blank, rest = value.partition(" ")
    return f"{scheme} {MASK}" if blank and rest else MASK


def _cookies(value: str) -> str:
    return _COOKIE.sub(rf"\1={MASK}", value)


def _set_cookie(value: str) -> str:
    cookie, semicolon, attributes = value.partition(";")
    return f"{_cookies(cookie)}{semicolon}{attributes}"


def _token(value: str) -> str:
    return value if value.strip().lower() in _HARMLESS_TOKENS else MASK


_HEADERS = {
    "cookie": _cookies,
    "set-cookie": _set_cookie,
    "x-csrf-token": _token,
}
