"""The functions of $filter: name → argument kinds and result, as one table ([MS-ODATA] 2.2.3.6.1.1).

A SEGW data provider that works on select-options serves only ``substringof``, ``startswith`` and ``endswith`` (SAP
odfuzz, "Restrictions"); one that evaluates the whole expression, as our default provider does, serves them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from sap_mock.edm.primitives import TYPES, EdmType


class Kind(Enum):
    """What an argument may be."""

    STRING = auto()
    MOMENT = auto()
    CLOCK = auto()
    NUMBER = auto()


_STRING, _BOOLEAN, _INT32 = TYPES["Edm.String"], TYPES["Edm.Boolean"], TYPES["Edm.Int32"]
_MOMENTS = ("Edm.DateTime", "Edm.DateTimeOffset")
_ALLOWED = {
    Kind.STRING: ("Edm.String",),
    Kind.MOMENT: _MOMENTS,
    Kind.CLOCK: (*_MOMENTS, "Edm.Time"),
}


@dataclass(frozen=True, slots=True)
class Function:
    """Argument kinds, how many may be left out at the end, and the result (None: the type of the first argument)."""

    arguments: tuple[Kind, ...]
    result: EdmType | None
    optional: int = 0
    variadic: bool = False


FUNCTIONS: dict[str, Function] = {
    "substringof": Function((Kind.STRING, Kind.STRING), _BOOLEAN),
    "startswith": Function((Kind.STRING, Kind.STRING), _BOOLEAN),
    "endswith": Function((Kind.STRING, Kind.STRING), _BOOLEAN),
    "length": Function((Kind.STRING,), _INT32),
    "indexof": Function((Kind.STRING, Kind.STRING), _INT32),
    "replace": Function((Kind.STRING, Kind.STRING, Kind.STRING), _STRING),
    "substring": Function((Kind.STRING, Kind.NUMBER, Kind.NUMBER), _STRING, optional=1),
    "tolower": Function((Kind.STRING,), _STRING),
    "toupper": Function((Kind.STRING,), _STRING),
    "trim": Function((Kind.STRING,), _STRING),
    "concat": Function((Kind.STRING, Kind.STRING), _STRING, variadic=True),
    "year": Function((Kind.MOMENT,), _INT32),
    "month": Function((Kind.MOMENT,), _INT32),
    "day": Function((Kind.MOMENT,), _INT32),
    "hour": Function((Kind.CLOCK,), _INT32),
    "minute": Function((Kind.CLOCK,), _INT32),
    "second": Function((Kind.CLOCK,), _INT32),
    "round": Function((Kind.NUMBER,), None),
    "floor": Function((Kind.NUMBER,), None),
    "ceiling": Function((Kind.NUMBER,), None),
}


def fits(kind: Kind, type_: EdmType | None) -> bool:
    """Whether an argument of this type (None: ``null``) may stand where the function wants this kind."""
    if type_ is None:
        return True
    if kind is Kind.NUMBER:
        return type_.numeric
    return type_.name in _ALLOWED[kind]
