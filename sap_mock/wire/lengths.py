"""The Content-Length fields inside a $batch body: which of them are true, and how they stay so when the body changes.

A length is true when a delimiter stands where it ends. A false one, as in SAP's answer to HEAD, is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_FIELD = re.compile(rb"^content-length:([ \t]*[0-9]+)[ \t]*(?=\r?\n)", re.IGNORECASE | re.MULTILINE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_DELIMITER = re.compile(rb"\r?\n--|\Z")
_ANY_MARK = re.compile(rb"\x00[0-9]+[ne]\x00")


@dataclass(frozen=True, slots=True)
class _Length:
    """Where the digits stand, with the blanks before them, and where what they count ends."""

    start: int
    stop: int
    end: int


def kept_true(body: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """``change(body)`` with every length that was true set to what it counts now, as wide as it was.

    ``change`` must leave alone what it sees between NUL characters in place of true lengths.
    """
    lengths = _true_lengths(body)
    if not lengths or b"\x00" in body:
        return change(body)
    widths = [_width(body[length.start : length.stop]) for length in lengths]
    changed = change(_marked(body, lengths))
    for index in reversed(range(len(lengths))):  # the later one stands inside the earlier one
        number = changed.index(b"\x00%dn\x00" % index)
        start = _BLANK.search(changed, number)
        end = changed.index(b"\x00%de\x00" % index)
        counted = len(_ANY_MARK.sub(b"", changed[start.end() : end])) if start else 0
        digits = b" " + (b"%d" % counted).rjust(widths[index])
        changed = changed.replace(b"\x00%dn\x00" % index, digits, 1).replace(b"\x00%de\x00" % index, b"", 1)
    return changed


def as_placeholders(body: bytes) -> bytes:
    """The body with ``{length}`` in place of every true length, ``{length:10}`` of one set right-aligned in ten."""
    for length in reversed(_true_lengths(body)):
        width = _width(body[length.start : length.stop])
        placeholder = b" {length:%d}" % width if width else b" {length}"
        body = body[: length.start] + placeholder + body[length.stop :]
    return body


def _true_lengths(body: bytes) -> list[_Length]:
    found = []
    for match in _FIELD.finditer(body):
        blank = _BLANK.search(body, match.end())
        end = blank.end() + int(match[1]) if blank else -1
        if blank and end <= len(body) and _DELIMITER.match(body, end):
            found.append(_Length(match.start(1), match.end(1), end))
    return found


def _width(digits: bytes) -> int:
    """How wide a number that is set right-aligned is behind its first blank; 0 for one that is not."""
    return len(digits) - 1 if digits.startswith((b"  ", b" \t")) else 0


def _marked(body: bytes, lengths: list[_Length]) -> bytes:
    cuts = [(length.start, length.stop, b"\x00%dn\x00" % index) for index, length in enumerate(lengths)]
    cuts += [(length.end, length.end, b"\x00%de\x00" % index) for index, length in enumerate(lengths)]
    for start, stop, mark in sorted(cuts, reverse=True):
        body = body[:start] + mark + body[stop:]
    return body
