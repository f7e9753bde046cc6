"""URI literals, already percent-decoded: text → type and value, which types a literal may stand for, and converting.

The type of a whole number is the smallest that holds it, as in SAP's parser (its ABAP unit test
``test_parameter_promotion``, ported to Java as Apache Olingo 2): hence the inner types Bit and UInt7, which no property
has but Boolean, Byte and SByte take.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sap_mock.edm.facets import ANY, Facets
from sap_mock.edm.primitives import TYPES, EdmType, EdmValueError, Integer, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable


class MalformedLiteral(EdmValueError):
    """The text is no URI literal: an unknown prefix, a missing suffix or quote, a date without its time."""


class IncompatibleLiteral(EdmValueError):
    """The literal is well formed, and of a type that the property does not take."""


class Bit(Integer):
    """What ``0`` and ``1`` are: the one number that Edm.Boolean takes."""

    name = "Bit"
    smallest, largest = 0, 1


class UInt7(Integer):
    """What ``2`` to ``127`` are: what both Edm.Byte and Edm.SByte hold."""

    name = "UInt7"
    smallest, largest = 0, 127


@dataclass(frozen=True, kw_only=True)
class Literal:
    """A literal's type (None for ``null``) and value, as that type's class in ``primitives`` holds it."""

    type: EdmType | None
    value: Any


NULL = Literal(type=None, value=None)
_CONSTANTS = {
    "null": NULL,
    "true": Literal(type=TYPES["Edm.Boolean"], value=True),
    "false": Literal(type=TYPES["Edm.Boolean"], value=False),
    "INF": Literal(type=TYPES["Edm.Single"], value=float("inf")),
    "-INF": Literal(type=TYPES["Edm.Single"], value=float("-inf")),
    "NaN": Literal(type=TYPES["Edm.Single"], value=float("nan")),
}
_BY_SIZE: tuple[EdmType, ...] = (
    Bit(),
    UInt7(),
    *(TYPES[name] for name in ("Edm.SByte", "Edm.Byte", "Edm.Int16", "Edm.Int32")),
)
_FLOAT = re.compile(r"(?:[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?|-?INF|NaN)\Z", re.ASCII)
_SUFFIXES = {
    "L": (TYPES["Edm.Int64"], re.compile(r"[+-]?[0-9]+\Z", re.ASCII)),
    "M": (TYPES["Edm.Decimal"], re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?\Z", re.ASCII)),
    "D": (TYPES["Edm.Double"], _FLOAT),
    "F": (TYPES["Edm.Single"], _FLOAT),
}
_PREFIXES = {name.lower(): TYPES[f"Edm.{name}"] for name in ("DateTime", "DateTimeOffset", "Time", "Guid")}
_WHOLE = re.compile(r"-?[0-9]+\Z", re.ASCII)
_QUOTED = re.compile(r"([A-Za-z]*)'((?:[^']|'')*)'\Z")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*\Z", re.ASCII)

_WHOLE_NUMBERS = ("Bit", "UInt7", "Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64")
_TAKES: dict[str, frozenset[str]] = {
    "Edm.Boolean": frozenset({"Bit"}),
    "Edm.Byte": frozenset({"Bit", "UInt7"}),
    "Edm.SByte": frozenset({"Bit", "UInt7"}),
    "Edm.Int16": frozenset(_WHOLE_NUMBERS[:4]),
    "Edm.Int32": frozenset(_WHOLE_NUMBERS[:5]),
    "Edm.Int64": frozenset(_WHOLE_NUMBERS[:6]),
    "Edm.Single": frozenset(_WHOLE_NUMBERS),
    "Edm.Double": frozenset({*_WHOLE_NUMBERS, "Edm.Single"}),
    "Edm.Decimal": frozenset({*_WHOLE_NUMBERS, "Edm.Single", "Edm.Double"}),
}


def parse(text: str) -> Literal:
    """The literal that a percent-decoded text spells ([MS-ODATA] 2.2.2, docs/fidelity.md section "URI literals").

    Suffixes L, M, D, F may be lower case, prefixes must be as written there. A number with a point needs a suffix, a
    whole number beyond Edm.Int32 needs L. Raises :class:`MalformedLiteral`.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _WHOLE.match(text):
        return _whole(text)
    if text.endswith("'"):
        return _quoted(text)
    type_, form = _SUFFIXES.get(text[-1:].upper(), (None, _WHOLE))
    number = text[:-1]
    if type_ is None or not form.match(number):
        raise MalformedLiteral(text)
    return Literal(type=type_, value=_value(type_, number, text))


def _whole(text: str) -> Literal:
    for type_ in _BY_SIZE:
        try:
            return Literal(type=type_, value=type_.from_text(text))
        except InvalidValue:
            continue
    raise MalformedLiteral(text)


def _quoted(text: str) -> Literal:
    match = _QUOTED.match(text)
    if match is None:
        raise MalformedLiteral(text)
    prefix, content = match.groups()
    if not prefix:
        return Literal(type=TYPES["Edm.String"], value=content.replace("''", "'"))
    if prefix in ("X", "binary") and _HEX.match(content):
        return Literal(type=TYPES["Edm.Binary"], value=bytes.fromhex(content))
    type_ = _PREFIXES.get(prefix)
    if type_ is None:
        raise MalformedLiteral(text)
    return Literal(type=type_, value=_value(type_, content, text))


def _value(type_: EdmType, content: str, text: str) -> Any:
    try:
        return type_.from_text(content)
    except EdmValueError:
        raise MalformedLiteral(text) from None


def compatible(literal_type: EdmType | None, property_type: EdmType) -> bool:
    """Whether a literal of one type may stand for a value of the other: its own, a narrower one, and null for all."""
    if literal_type is None or literal_type.name == property_type.name:
        return True
    return literal_type.name in _TAKES.get(property_type.name, ())


def convert(literal: Literal, property_type: EdmType, facets: Facets = ANY) -> Any:
    """The literal's value as the property's type holds it: ``12`` is a Decimal for Edm.Decimal, True for Edm.Boolean.

    Raises :class:`IncompatibleLiteral`, or ``InvalidValue`` where the facets refuse the value (too long, too many
    digits, null where there must be one). In a comparison facets do not matter: leave them out.
    """
    if not compatible(literal.type, property_type):
        raise IncompatibleLiteral(str(literal.value))
    if literal.type is None:
        if not facets.nullable:
            raise InvalidValue("null")
        return None
    value = _CONVERSIONS.get(property_type.name, _same)(literal.value)
    property_type.check(value, facets)
    return value


def _same(value: Any) -> Any:
    return value


def _decimal(value: Any) -> Decimal:
    """Exact for what was written: a float's shortest spelling, not its binary value."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "Edm.Boolean": bool,
    "Edm.Decimal": _decimal,
    "Edm.Double": float,
    "Edm.Single": float,
}
