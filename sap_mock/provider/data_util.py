"""Filtering, ordering and paging of entities that a data provider holds in memory, as SAP's CL_MGW_DATA_UTIL offers.

For data providers that do not work on the store. Follows the rules of ``storage.sql_filter``: ``null`` is equal to
``null`` only, and an operation on it gives ``null``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import cmp_to_key
from typing import Any

from sap_mock.odata.entity import Entity
from sap_mock.odata.uri.expressions import Binary, Call, Expression, Literal, Member, Order, Unary
from sap_mock.provider.request_context import RequestContext

_EXACT = Context(prec=100)


def selected(entities: Sequence[Entity], context: RequestContext) -> list[Entity]:
    """What a ``get_entityset`` answers: filtered, ordered, paged; sets ``response.inlinecount`` where it is wanted."""
    found = [entity for entity in entities if context.filter is None or evaluate(context.filter, entity) is True]
    if context.wants_inlinecount or context.count_only:
        context.response.inlinecount = len(found)
    found = ordered(found, context.order)
    first = context.skip or 0
    return found[first:] if context.top is None else found[first : first + context.top]


def ordered(entities: Sequence[Entity], order: Sequence[Order]) -> list[Entity]:
    """The entities by these criteria, ``null`` before everything else; equals keep their place."""
    found = list(entities)
    for criterion in reversed(order):
        expression = criterion.expression
        found.sort(
            key=cmp_to_key(lambda a, b, e=expression: _compared(evaluate(e, a), evaluate(e, b))),  # type: ignore[misc]  # a default binds the loop's value
            reverse=criterion.descending,
        )
    return found


def evaluate(expression: Expression, entity: Entity) -> Any:
    """The value of a bound expression for one entity; None is ``null``."""
    match expression:
        case Literal(value=value):
            return value
        case Member():
            return _member(expression, entity)
        case Unary(operator="not"):
            return evaluate(expression.operand, entity) is not True
        case Unary():
            value = evaluate(expression.operand, entity)
            return None if value is None else -value
        case Binary(operator="and"):
            return evaluate(expression.left, entity) is True and evaluate(expression.right, entity) is True
        case Binary(operator="or"):
            return evaluate(expression.left, entity) is True or evaluate(expression.right, entity) is True
        case Binary(operator=operator):
            return _BINARY[operator](evaluate(expression.left, entity), evaluate(expression.right, entity))
        case Call(function=function, arguments=arguments):
            values = [evaluate(argument, entity) for argument in arguments]
            return None if any(value is None for value in values) else _FUNCTIONS[function](*values)


def _member(member: Member, entity: Entity) -> Any:
    for relation in member.relations:
        below = entity.inline.get(relation.name)
        if not isinstance(below, Entity):
            return None
        entity = below
    value: Any = entity.values
    for prop in member.path:
        value = value.get(prop.name) if isinstance(value, Mapping) else None
    return value


def _aligned(left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(left, float) and isinstance(right, Decimal):
        return Decimal(repr(left)), right
    if isinstance(left, Decimal) and isinstance(right, float):
        return left, Decimal(repr(right))
    return left, right


def _compared(left: Any, right: Any) -> int:
    if left is None or right is None:
        return (left is not None) - (right is not None)
    left, right = _aligned(left, right)
    return int(left > right) - int(left < right)


def _comparison(holds: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: left is not None and right is not None and holds(_compared(left, right))


def _equal(left: Any, right: Any) -> bool:
    left, right = _aligned(left, right)
    return bool(left == right)


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def function(left: Any, right: Any) -> Any:
        if left is None or right is None:
            return None
        if isinstance(left, float) or isinstance(right, float):
            left, right = float(left), float(right)
        try:
            return compute(left, right)
        except (ArithmeticError, InvalidOperation):
            return None

    return function


def _divided(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient
    return left / right if isinstance(left, float) else _EXACT.divide(Decimal(left), Decimal(right))


def _remainder(left: Any, right: Any) -> Any:
    if isinstance(left, float):
        return left - right * int(left / right)
    if isinstance(left, int) and isinstance(right, int):
        return left - right * _divided(left, right)
    return _EXACT.remainder(Decimal(left), Decimal(right))


def _rounded(mode: str) -> Callable[[Any], Any]:
    def function(value: Any) -> Any:
        if isinstance(value, int):
            return value
        whole = Decimal(value).to_integral_value(rounding=mode)
        return float(whole) if isinstance(value, float) else whole

    return function


def _clock(part: str) -> Callable[[datetime | timedelta], int]:
    units = {"hour": (3600, 24), "minute": (60, 60), "second": (1, 60)}

    def function(value: datetime | timedelta) -> int:
        if isinstance(value, timedelta):
            size, wrap = units[part]
            return value // timedelta(seconds=size) % wrap
        return int(getattr(value, part))

    return function


def _substring(text: str, start: int, length: int | None = None) -> str:
    start = max(start, 0)
    return text[start:] if length is None else text[start : start + max(length, 0)]


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "eq": _equal,
    "ne": lambda left, right: not _equal(left, right),
    "lt": _comparison(lambda order: order < 0),
    "le": _comparison(lambda order: order <= 0),
    "gt": _comparison(lambda order: order > 0),
    "ge": _comparison(lambda order: order >= 0),
    "add": _arithmetic(lambda a, b: a + b),
    "sub": _arithmetic(lambda a, b: a - b),
    "mul": _arithmetic(lambda a, b: a * b),
    "div": _arithmetic(_divided),
    "mod": _arithmetic(_remainder),
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "substringof": lambda needle, hay: needle in hay,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "length": len,
    "indexof": str.find,
    "replace": str.replace,
    "substring": _substring,
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": lambda text: text.strip(" "),
    "concat": lambda *texts: "".join(texts),
    "year": _clock("year"),
    "month": _clock("month"),
    "day": _clock("day"),
    "hour": _clock("hour"),
    "minute": _clock("minute"),
    "second": _clock("second"),
    "round": _rounded(ROUND_HALF_UP),
    "floor": _rounded(ROUND_FLOOR),
    "ceiling": _rounded(ROUND_CEILING),
}
