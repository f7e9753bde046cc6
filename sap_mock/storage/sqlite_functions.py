"""What SQLite lacks for OData: exact decimals and text functions that know all of Unicode.

Edm.Decimal is kept as its text and compared through the collation ``edm_decimal``, so no amount ever becomes a float.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

COLLATION = "edm_decimal"
_LARGEST = 2**63 - 1
_EXACT = Context(prec=100)


def register(connection: sqlite3.Connection) -> None:
    """Give one connection the collation and the functions."""
    connection.create_collation(COLLATION, _compare)
    for name, (arguments, function) in _FUNCTIONS.items():
        connection.create_function(name, arguments, function, deterministic=True)


def _compare(left: str, right: str) -> int:
    if left == right:
        return 0
    try:
        a, b = Decimal(left), Decimal(right)
    except InvalidOperation:
        return (left > right) - (left < right)
    return (a > b) - (a < b)


def _number(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) else value


def _kept(value: Any) -> Any:
    """As SQLite keeps it; a whole number beyond what it can hold stays at the end of its range."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return max(-_LARGEST - 1, min(value, _LARGEST)) if isinstance(value, int) else value


def _aligned(left: Any, right: Any) -> tuple[Any, Any]:
    """Two numbers of one kind: floats if one is a float, else decimals if one is."""
    left, right = _number(left), _number(right)
    if isinstance(left, float) or isinstance(right, float):
        return float(left), float(right)
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return Decimal(left), Decimal(right)
    return left, right


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def function(left: Any, right: Any) -> Any:
        if left is None or right is None:
            return None
        try:
            return _kept(compute(*_aligned(left, right)))
        except (ArithmeticError, ValueError):
            return None

    return function


def _divide(left: Any, right: Any) -> Any:
    if isinstance(left, Decimal):
        return _EXACT.divide(left, right)
    if isinstance(left, float):
        return left / right
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _modulo(left: Any, right: Any) -> Any:
    if isinstance(left, Decimal):
        return _EXACT.remainder(left, right)
    return left - right * _divide(left, right) if isinstance(left, int) else left - right * int(left / right)


def _rounded(mode: str) -> Callable[[Any], Any]:
    def function(value: Any) -> Any:
        value = _number(value)
        if value is None or isinstance(value, int):
            return value
        whole = Decimal(value).to_integral_value(rounding=mode)
        return float(whole) if isinstance(value, float) else format(whole, "f")

    return function


def _text(function: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else function(value)


def _as_decimal(value: Any) -> str | None:
    if value is None:
        return None
    return format(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), "f")


_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "edm_add": (2, _arithmetic(lambda a, b: a + b)),
    "edm_sub": (2, _arithmetic(lambda a, b: a - b)),
    "edm_mul": (2, _arithmetic(lambda a, b: a * b)),
    "edm_div": (2, _arithmetic(_divide)),
    "edm_mod": (2, _arithmetic(_modulo)),
    "edm_neg": (1, lambda value: None if value is None else _kept(-_number(value))),
    "edm_round": (1, _rounded(ROUND_HALF_UP)),
    "edm_floor": (1, _rounded(ROUND_FLOOR)),
    "edm_ceiling": (1, _rounded(ROUND_CEILING)),
    "edm_lower": (1, _text(str.lower)),
    "edm_upper": (1, _text(str.upper)),
    "edm_decimal_text": (1, _as_decimal),
}
