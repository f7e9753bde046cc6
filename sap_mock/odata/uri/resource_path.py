"""The path behind the service root: segments and key predicates. Syntax only; ``binding`` knows what they mean.

Works on percent-decoded text and is aware of quotes, since clients encode everything (``Invoices%28%27a%2Fb%27%29``)
or nothing ([MS-ODATA] 2.2.3.1).
"""

from __future__ import annotations

from dataclasses import dataclass

from sap_mock.odata.errors import Refusal, refused


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One part of a key predicate: the name (None where it stands without one) and the literal's text."""

    name: str | None
    literal: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment. ``predicate`` is None without parentheses and empty for ``()``."""

    name: str
    predicate: tuple[KeyPart, ...] | None = None


def parse(path: str) -> tuple[Segment, ...]:
    """The segments of ``path`` (no leading slash needed); raises ODataError for what no grammar allows."""
    return tuple(_segment(text) for text in _split(path.strip("/"), "/") if text or path.strip("/"))


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator that stands outside quotes."""
    if "'" not in text:
        return text.split(separator)
    parts, start, quoted = [], 0, False
    for index, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif character == separator and not quoted:
            parts.append(text[start:index])
            start = index + 1
    if quoted:
        raise refused(Refusal.MALFORMED_SYNTAX)
    parts.append(text[start:])
    return parts


def _segment(text: str) -> Segment:
    name, parenthesis, rest = text.partition("(")
    if not name:
        raise refused(Refusal.CONSTRUCTION_RULES)
    if not parenthesis:
        return Segment(text)
    if not rest.endswith(")"):
        raise refused(Refusal.MALFORMED_SYNTAX)
    inside = rest[:-1].strip()
    return Segment(name, tuple(_key_part(part) for part in _split(inside, ",")) if inside else ())


def _key_part(text: str) -> KeyPart:
    name, equals, literal = text.partition("=")
    if equals and "'" not in name:
        return KeyPart(name.strip(), literal.strip())
    return KeyPart(None, text.strip())
