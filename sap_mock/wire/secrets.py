"""What is secret, by its name, and its mask in a header field, an address or a body: one list for all that is shown.

A body is looked through by plain searches for stems of such names, and a pattern sees only what is near one: a pattern
over whole bodies would take as long as all else that is done for a $batch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote

MASK = "***"
_NAME = re.compile(
    r"[-.\w]*(?:(?:passw|secret)[-\w]*|pwd"
    r"|(?:token|api[-_]?key|credentials?|session[-_]?id|authorization|authentication)(?:-[-\w]*)?)"
    r"|(?:set-)?cookie|mysapsso2",
    re.IGNORECASE,
)
_STEMS = (
    b"passw", b"secret", b"pwd", b"token", b"apikey", b"api-key", b"api_key", b"credential", b"session", b"authori",
    b"authenti", b"cookie", b"mysapsso2",
)  # fmt: skip
"""What every such name holds."""
_ENCODED = (b"%2d", b"%4", b"%5", b"%6", b"%7")
"""What a name in an address may hold instead: a letter, a hyphen or an underscore, percent-encoded."""
_ESCAPED = re.compile(rb"\\u00(?:2d|[4-7])")
"""The same in the name of a member of JSON."""
_NEAR = 64  # bytes before and behind a stem, within which its name begins, and ends with what holds its value
_HOLDING = re.compile(
    rb'"(?P<member>(?:[-.\w]|\\u[0-9a-f]{4})+)"\s*:\s*"'
    rb'|"(?P<scalar>(?:[-.\w]|\\u[0-9a-f]{4})+)"\s*:\s*(?=[-\dtf])'
    rb'|(?<=\s)(?:\w+:)?(?P<attribute>[-.\w]+)\s*=\s*"'
    rb"|(?:(?<![-.$!%\w])|%[0-9a-f]{2})(?P<literal>(?:[-.\w]|%2d|%[4-7][0-9a-f])+)"
    rb"(?:\s|\+|%20)*(?:eq|ne|=|%3d)(?:\s|\+|%20)*"
    rb"(?:guid|datetime(?:offset)?|time|binary|x)?(?:'|%27)"
    rb"|(?<=[(,])(?P<key>[-.%\w]+)=(?=-?\d[\d.]*[a-z]?[,)])"
    rb"|<(?:\w+:)?(?P<element>[-.\w]+)(?![-.\w:])"
    rb"|(?:^|(?<=[?&;,(\"'\s\\]))(?P<option>[-.$!%\w]+)="
    rb"|^(?P<field>[-\w]+):[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_HELD = {
    "member": re.compile(rb'((?:[^"\\\x00]|\\.)+)', re.DOTALL),
    "scalar": re.compile(rb"(-?\d[-+.\de]*|true|false)", re.IGNORECASE),
    "attribute": re.compile(rb'([^"\x00]+)'),
    "literal": re.compile(rb"((?:[^'%\x00]|''|%(?!27)|%27%27)+)"),
    "key": re.compile(rb"([^,)]+)"),
    "element": re.compile(rb"[^<>]*(?<!/)>((?:<!\[CDATA\[(?s:.)*?(?:\]\]>|\Z)|[^<\x00])+)"),
    "option": re.compile(rb'([^&\s"<\x00]+)'),
    "field": re.compile(rb"([^\r\n\x00]+)"),
}
"""How the value stands behind a name in each of these forms; no NUL, which marks places for others."""
_MASKS = {"scalar": f'"{MASK}"'}
"""Where the mask alone would leave something that nobody can read."""
_COOKIE = re.compile(r"([^=;\s]+=)?[^;\s][^;]*")


@lru_cache(1024)
def is_secret(name: str) -> bool:
    """Whether what is called so holds a secret; an option of OData's own, as $skiptoken, holds none."""
    return _NAME.fullmatch(unquote(name)) is not None


@lru_cache(256)
def is_secret_field(name: str) -> bool:
    """Whether a header field holds a secret: wherever its name says so, since nobody knows what else is sent."""
    return _NAME.search(name) is not None


def headers(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Header fields as they may be shown."""
    return [(name, header(name, value)) for name, value in fields]


def header(name: str, value: str) -> str:
    """The value of a header field as it may be shown; its scheme and the names of cookies stay."""
    if not is_secret_field(name):
        return text(value) if "=" in value else value
    known = name.lower()
    if known == "x-csrf-token" and value.strip().lower() in ("fetch", "required"):
        return value
    if known in ("cookie", "set-cookie"):
        return _COOKIE.sub(rf"\1{MASK}", value, count=known == "set-cookie")
    scheme, blank, _ = value.partition(" ")
    return f"{scheme} {MASK}" if blank else MASK


def path(segments: str) -> str:
    """The path of an address as it may be shown: without what keys that are named as secrets hold."""
    return text(segments) if "=" in segments or "%" in segments else segments


def query(options: str) -> str:
    """The options of an address as they may be shown."""
    return "&".join(map(_option, options.split("&")))


def text(shown: str) -> str:
    """A text as it may be shown; see :func:`body`."""
    return body(shown.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def body(octets: bytes) -> bytes:
    """A body as it may be shown: without what members, attributes, elements, options and header fields of parts hold.

    That is: of JSON, of XML, of an address or a form, and of a $batch. What is empty or null stays so.
    """
    pieces, done = [], 0
    for place in sorted(_places(octets.lower())):
        if place < done:
            continue
        for holding in _HOLDING.finditer(octets, max(done, place - _NEAR), place + _NEAR):
            form = holding.lastgroup or ""
            name = holding[form].decode("unicode_escape")
            secret = is_secret_field if form == "field" else is_secret
            held = _HELD[form].match(octets, holding.end()) if secret(name) else None
            if held:
                value = header(name, held[1].decode("latin-1")) if form == "field" else _MASKS.get(form, MASK)
                pieces += [octets[done : held.start(1)], value.encode("latin-1")]
                done = held.end(1)
                break
    return b"".join([*pieces, octets[done:]]) if pieces else octets


def _places(folded: bytes) -> Iterator[int]:
    for stem in (*_STEMS, *_ENCODED) if b"%" in folded else _STEMS:
        place = folded.find(stem)
        while place >= 0:
            yield place
            place = folded.find(stem, place + 1)
    if b"\\" in folded:
        yield from (escape.start() for escape in _ESCAPED.finditer(folded))


def _option(option: str) -> str:
    name, equals, value = option.partition("=")
    if equals and is_secret(name):
        return f"{name}={MASK}"
    return text(option) if "'" in value or "%27" in value else option
