"""What a bound expression means, in plain Python: the measure for what a database makes of it.

A missing value makes arithmetic and functions missing; it equals only another missing value and is neither less nor
greater than anything; a condition that cannot be told is false, and ``not`` of it true ([MS-ODATA] 2.2.3.6.1.1).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import Any

from sap_mock.odata.uri.expressions import Binary, Call, Expression, Literal, Member, Unary

_EXACT = Context(prec=100)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip


def holds(expression: Expression, values: Mapping[str, Any]) -> bool:
    """Whether a condition is true of an entity."""
    return evaluate(expression, values) is True


def evaluate(expression: Expression, values: Mapping[str, Any]) -> Any:
    """The value of an expression, None where it is missing."""
    match expression:
        case Literal(value=value):
            return value
        case Member(path=path):
            found: Any = values
            for prop in path:
                found = None if found is None else found[prop.name]
            return found
        case Unary():
            return _unary(expression, values)
        case Binary(operator="and"):
            return holds(expression.left, values) and holds(expression.right, values)
        case Binary(operator="or"):
            return holds(expression.left, values) or holds(expression.right, values)
        case Binary():
            return _binary(expression.operator, evaluate(expression.left, values), evaluate(expression.right, values))
        case Call():
            return _called(expression.function, [evaluate(argument, values) for argument in expression.arguments])


def _unary(expression: Unary, values: Mapping[str, Any]) -> Any:
    if expression.operator == "not":
        return not holds(expression.operand, values)
    value = evaluate(expression.operand, values)
    return None if value is None else _kept(-value)


def _called(name: str, arguments: list[Any]) -> Any:
    if any(argument is None for argument in arguments):
        return False if name in ("startswith", "endswith", "substringof") else None
    return _FUNCTIONS[name](*arguments)


def _binary(name: str, left: Any, right: Any) -> Any:
    if name in ("eq", "ne"):
        same = left is right is None or (None not in (left, right) and operator.eq(*_comparable(left, right)))
        return same is (name == "eq")
    if left is None or right is None:
        return False if name in _COMPARE else None
    if name in _COMPARE:
        return _COMPARE[name](*_comparable(left, right))
    return _kept(_arithmetic(name, *_aligned(left, right)))


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """A decimal and a float compare by what the float's shortest spelling says."""
    if isinstance(left, Decimal) and isinstance(right, float):
        return left, Decimal(repr(right))
    if isinstance(left, float) and isinstance(right, Decimal):
        return Decimal(repr(left)), right
    return left, right


def _aligned(left: Any, right: Any) -> tuple[Any, Any]:
    for kind in (float, Decimal):
        if isinstance(left, kind) or isinstance(right, kind):
            return kind(left), kind(right)
    return left, right


def _arithmetic(name: str, left: Any, right: Any) -> Any:
    if name in ("add", "sub", "mul"):
        return {"add": operator.add, "sub": operator.sub, "mul": operator.mul}[name](left, right)
    if right == 0:
        return None
    if isinstance(left, Decimal):
        return _EXACT.divide(left, right) if name == "div" else _EXACT.remainder(left, right)
    if isinstance(left, float):
        return left / right if name == "div" else left - right * int(left / right)
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return quotient if name == "div" else left - right * quotient


def _kept(value: Any) -> Any:
    """Whole numbers end where 64 bits do."""
    return max(-(2**63), min(value, 2**63 - 1)) if isinstance(value, int) else value


def _rounded(mode: str) -> Callable[[Any], Any]:
    def rounded(value: Any) -> Any:
        if isinstance(value, int):
            return value
        return type(value)(Decimal(value).to_integral_value(rounding=mode))

    return rounded


def _substring(text: str, start: int, length: int | None = None) -> str:
    start = max(int(start), 0)
    return text[start:] if length is None else text[start : start + max(int(length), 0)]


def _clock(value: Any, part: str) -> int:
    if isinstance(value, timedelta):
        seconds = value // timedelta(seconds=1)
        return {"hour": seconds // 3600 % 24, "minute": seconds // 60 % 60, "second": seconds % 60}[part]
    return int(getattr(value, part))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "substringof": lambda needle, hay: needle in hay,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "length": len,
    "indexof": str.find,
    "replace": lambda text, old, new: text.replace(old, new) if old else text,
    "substring": _substring,
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": lambda text: text.strip(" "),
    "concat": lambda *texts: "".join(texts),
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "hour": lambda value: _clock(value, "hour"),
    "minute": lambda value: _clock(value, "minute"),
    "second": lambda value: _clock(value, "second"),
    "round": _rounded(ROUND_HALF_UP),
    "floor": _rounded(ROUND_FLOOR),
    "ceiling": _rounded(ROUND_CEILING),
}
