"""Where a value stands in a JSON body: byte offsets along a path of names and indexes.

Called only for a body that the standard parser has accepted and the model refuses, so it may be slow and may assume
well-formed JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\s]+")


def value_offsets(body: bytes, path: Sequence[str | int]) -> tuple[int, int]:
    """The byte offsets of the start of the value at ``path`` and of the byte behind it; the last of equal names."""
    text = body.decode("utf-8-sig")
    start = _space(text, 0)
    for step in path:
        start = _member(text, start, step)
    end = _skip(text, start)
    shift = len(body) - len(text.encode())
    return len(text[:start].encode()) + shift, len(text[:end].encode()) + shift


def _space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _member(text: str, at: int, step: str | int) -> int:
    """The start of a member of the object or array that starts at ``at``."""
    closing = "}" if text[at] == "{" else "]"
    named = closing == "}"
    found, index = at, 0
    at = _space(text, at + 1)
    while text[at] != closing:
        name: str | int = index
        if named:
            end = _skip(text, at)
            name = json.loads(text[at:end], strict=False)
            at = _space(text, _space(text, end) + 1)
        if name == step:
            found = at
        at = _space(text, _skip(text, at))
        if text[at] == ",":
            at = _space(text, at + 1)
        index += 1
    return found


def _skip(text: str, at: int) -> int:
    """The position behind the value that starts at ``at``."""
    if text[at] == '"':
        match = _STRING.match(text, at)
        return match.end() if match else len(text)
    if text[at] not in "{[":
        match = _SCALAR.match(text, at)
        return match.end() if match else len(text)
    depth = 0
    while True:
        if text[at] == '"':
            at = _skip(text, at)
            continue
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(text[at], 0)
        at += 1
        if depth == 0:
            return at
