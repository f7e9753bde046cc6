"""What a server assigns by itself (document numbers, entity tags, places to go on from), learnt from pairs of answers.

A recorded request names what the recorded server had assigned; the other server must be asked for what it assigned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sap_mock.wire.exchange import Message, Request, Response
from sap_mock.wire.lengths import kept_true

M = TypeVar("M", bound=Message)
_ADDRESS = re.compile(r'(?m)(?:^location: |"uri":")([^"\r\n]+)', re.IGNORECASE)
_KEY = re.compile(r"\(([^()]*)\)(?:\?.*)?$")
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_ETAG = re.compile(r'"etag":"((?:[^"\\]|\\.)*)"')
_SKIPTOKEN = re.compile(r"\$skiptoken=([^&\"<\s]+)")
_LONG = 5  # characters; a shorter value is only taken for an assigned one between delimiters


@dataclass(slots=True)
class Assigned:
    """What the recorded server assigned, and what the other one assigned in its place."""

    known: dict[str, str] = field(default_factory=dict)

    def learn(self, request: Request, recorded: Response, heard: Response) -> None:
        """Take in a pair of answers to ``request``; what the request named itself was not assigned."""
        sides = [_text(recorded), _text(heard)]
        pairs = list(_paired(*(list(_SKIPTOKEN.findall(side)) for side in sides)))
        pairs += _paired(*([_unescaped(one) for one in _ETAG.findall(side)] for side in sides))
        pairs += _paired([recorded.field("etag") or ""], [heard.field("etag") or ""])
        if request.method == "POST":
            pairs += (pair for pair in _paired(*(_keys(side) for side in sides)))
        named = f"{request.target}\n{request.body.decode('utf-8', 'replace')}"
        self.known.update({old: new for old, new in pairs if old and new and not _stands_in(old, named)})

    def said_anew(self, message: M) -> M:
        """The message in the other server's words."""
        if not self.known:
            return message
        pattern = re.compile("|".join(_pattern(old) for old in sorted(self.known, key=len, reverse=True)))

        def text(value: str) -> str:
            return pattern.sub(lambda match: self.known[match[0]], value)

        def octets(value: bytes) -> bytes:
            return text(value.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

        fields = tuple((name, text(value)) for name, value in message.fields)
        message = replace(message, fields=fields, body=kept_true(message.body, octets))
        return replace(message, target=text(message.target)) if isinstance(message, Request) else message


def _text(response: Response) -> str:
    location = response.field("location")
    return (f"location: {location}\n" if location else "") + response.body.decode("utf-8", "replace")


def _keys(text: str) -> list[str]:
    """The values of every key that an address in the text ends with."""
    found: list[str] = []
    for address in _ADDRESS.findall(text):
        predicate = _KEY.search(address)
        if predicate:
            found += _QUOTED.findall(predicate[1]) or [predicate[1]]
    return found


def _paired(recorded: list[str], heard: list[str]) -> Iterator[tuple[str, str]]:
    """What stands at the same place of both and differs; nothing where one has more than the other."""
    if len(recorded) == len(heard):
        yield from ((old, new) for old, new in zip(recorded, heard, strict=True) if old != new)


def _pattern(value: str) -> str:
    escaped = re.escape(value)
    if len(value) < _LONG:
        return rf"(?<=['\"(=,>]){escaped}(?=['\"),<])"
    return rf"(?<![0-9A-Za-z]){escaped}(?![0-9A-Za-z])"


def _stands_in(value: str, text: str) -> bool:
    return re.search(_pattern(value), text) is not None


def _unescaped(text: str) -> str:
    return text.replace('\\"', '"').replace("\\/", "/")
