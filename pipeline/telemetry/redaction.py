"""Secrets taken out of whatever is to be written: by value, by name, and by the shape of a log-on.

By value, because a library may put a password anywhere; by name and shape, because a secret of somebody else's (a
session cookie, say) is not among our settings. Applied to the finished text, so that tracebacks are covered, too.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

HIDDEN = "[hidden]"
SHORTEST = 4
DEPTH = 4
"""So many pairs of quotes stand around one another at most: a value in a list in an error in the JSON of a log."""
_NAMES = re.compile(
    r"passw|pwd|secret|token|(?:api|dev)[-_]?key|credential|authorization|cookie|session[-_]?id", re.IGNORECASE
)
_LOG_ON = re.compile(r"\b(Basic|Bearer)\s+[A-Za-z0-9+/=._~-]{4,}")
_USER_INFO = re.compile(r"(://[^/\s:@]*):[^/\s@]+@")
_NAME_BEFORE = re.compile(r"[^=:]*[=:]")
_UNSEEN = {
    code: f"\\u{code:04x}"
    for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\n\t"
}


class Redactor:
    """Knows the values that must not be written. Shorter ones than four characters are known by name only."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings: set[str] = set()
        for secret in secrets:
            if len(secret) >= SHORTEST:
                spellings |= _spellings(secret)
        self._values = sorted(spellings, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """The text without secrets, and with characters that a terminal would obey made visible."""
        for value in self._values:
            text = text.replace(value, HIDDEN)
        text = _LOG_ON.sub(lambda found: f"{found[1]} {HIDDEN}", text)
        return _USER_INFO.sub(rf"\1:{HIDDEN}@", text).translate(_UNSEEN)

    def by_name(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A structlog processor: hides what stands under a secret's name, at any depth."""
        for name, value in event.items():
            event[name] = HIDDEN if _NAMES.search(name) and value else _without_named(value)
        return event


def passwords_in(*addresses: str) -> list[str]:
    """The passwords that stand in addresses of databases and brokers, as they are and as they are spelled there."""
    found = [password for address in addresses if "://" in address and (password := urlsplit(address).password)]
    return [spelled for password in found for spelled in (password, unquote(password))]


def values_in(*fields: str) -> list[str]:
    """The values in lists of header fields (`name=value,...`), as they are and as they are spelled there."""
    found = [_NAME_BEFORE.sub("", field, count=1).strip() for some in fields for field in some.split(",")]
    return [spelled for value in found for spelled in (value, unquote(value))]


def _without_named(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if _NAMES.search(str(name)) and inner else _without_named(inner)
            for name, inner in value.items()
        }
    if type(value) in {list, tuple}:
        return type(value)(map(_without_named, value))
    return value


def _spellings(secret: str) -> set[str]:
    """As it is, in an address, in the three ways in which Base64 can hold it, and each of these in quotes of quotes.

    A log holds the JSON of the text of an error that shows another's: a backslash, a quote or an umlaut is spelled
    anew each time. What has none of these is spelled in one way.
    """
    found = {secret, quote(secret, safe=""), quote_plus(secret)}
    content = secret.encode()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + content).decode()
        whole = encoded[
            -(-before * 8 // 6) : (before + len(content)) * 8 // 6
        ]  # digits that hold nothing but the secret
        if len(whole) >= SHORTEST:
            found.add(whole)
    for _ in range(DEPTH):
        found |= {spelled for text in found for spelled in _quoted(text)}
    return found


def _quoted(text: str) -> set[str]:
    """How a text is spelled between quotes: by Python with either kind of them and as bytes, and by JSON."""
    return {
        repr(text)[1:-1],
        repr(f"'\"{text}")[4:-1],
        repr(text.encode())[2:-1],
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
    }
