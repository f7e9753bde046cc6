"""Raw records as JSON gave them: exact numbers, and a mark wherever the text was not sound JSON.

A mark instead of an exception, because one damaged record must not take its page with it.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from hashlib import sha256
from secrets import token_hex
from typing import Any

type_names = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a number",
    Decimal: "a number",
}


@dataclass(frozen=True)
class Unsound:
    """Stands where the JSON text held something that has no exact value; `spelling` is JSON that is read as it."""

    why: str
    spelling: str


_SHOWN = 20


class NotJson(ValueError):
    """The body is not JSON."""


def read_json(body: bytes) -> Any:
    """Bytes as JSON values: fractions as Decimal, whole numbers exact, an `Unsound` for NaN and for repeated names.

    Raises NotJson for anything that is no JSON, too deep, or in another encoding than UTF-8.
    """
    try:
        return DECODER.decode(body.decode("utf-8-sig"))
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise NotJson(f"not JSON ({type(error).__name__})") from error


def _object(pairs: list[tuple[str, Any]]) -> Any:
    values = dict(pairs)
    if len(values) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        repeated = [name for name, count in counts.items() if count > 1]
        spelling = ",".join(f"{json.dumps(name)}:0" for name in repeated for _ in range(2))
        return Unsound(f"{', '.join(repeated)} given more than once", f"{{{spelling}}}")
    return values


def _number(kind: type[int] | type[Decimal], text: str) -> Any:
    """The number, exact; or what stands for one whose digits or exponent are beyond what can be computed with."""
    try:
        return kind(text)
    except (ValueError, ArithmeticError):
        return Unsound(f"{text[:_SHOWN]}... is too long for a number", text)


DECODER = json.JSONDecoder(
    parse_int=partial(_number, int),
    parse_float=partial(_number, Decimal),
    parse_constant=lambda text: Unsound(f"{text} is not a number", text),
    object_pairs_hook=_object,
)
"""The one reader of JSON: nothing passes through a float."""


def unsound_places(value: Any) -> list[str]:
    """Every place of a record that holds an `Unsound`, as `path: why`."""
    return [] if _is_sound(value) else _places(value, "")


def _is_sound(value: Any) -> bool:
    """Asked of every record, hence without recursion and without names."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
        elif isinstance(one, Unsound):
            return False
    return True


def _places(value: Any, path: str) -> list[str]:
    match value:
        case Unsound(why=why):
            return [f"{path or 'record'}: {why}"]
        case dict():
            return [place for name, inner in value.items() for place in _places(inner, f"{path}.{name}".lstrip("."))]
        case list():
            return [place for number, inner in enumerate(value) for place in _places(inner, f"{path}[{number}]")]
    return []


def kind_of(value: Any) -> str:
    """What a JSON value is, in words: `a list`, `null`."""
    return "null" if value is None else type_names.get(type(value), "unreadable")


_PLACE = token_hex(16)
"""Where the encoder cannot write what it should: no record can hold it, since nobody knows it before."""
_PLACES = re.compile(f'"{_PLACE}([0-9]+)"')


def canonical(value: Any) -> str:
    """One spelling per content: names sorted, no blanks, numbers as they were read. `read_json` gives it back."""
    spelled: list[str] = []

    def place(one: Decimal | Unsound) -> str:
        spelled.append(str(one) if isinstance(one, Decimal) else one.spelling)
        return f"{_PLACE}{len(spelled) - 1}"

    text = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=place).encode(value)
    return _PLACES.sub(lambda found: spelled[int(found[1])], text) if spelled else text


def plain(text: str) -> str:
    """A text of others as it may be shown and stored: controls, bidi marks and surrogates escaped."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def digest(content: bytes) -> str:
    """The SHA-256 of a content, in hexadecimal."""
    return sha256(content).hexdigest()
