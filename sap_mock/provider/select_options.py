"""$filter as select-options: what a data provider's ``it_filter_select_options`` holds, and ABAP's ``IN`` over it.

Filled only where ranges can say the whole expression: groups joined by ``and``, ``or`` within one property only. A data
provider that finds it empty though ``filter`` is set has the expression and ``filter_string`` (IV_FILTER_STRING) left.

=====================================  ======================
``eq``                                 I EQ
``ne``, ``not (… eq …)``               E EQ
``gt``, ``ge``, ``lt``, ``le``         I GT, I GE, I LT, I LE
``ge`` and ``le`` on one property      I BT low high
``startswith(P,'x')``                  I CP ``x*``
``endswith(P,'x')``                    I CP ``*x``
``substringof('x',P)``                 I CP ``*x*``
``not`` before one of these            E instead of I
=====================================  ======================

A ``*``, ``+`` or ``#`` in the text searched for is escaped with ``#``. Two inclusions of one property joined by ``and``
that are no ``BT`` cannot be said, as rows of sign I are joined by ``or``; nor can ``null``, arithmetic, other functions
and comparisons of two properties. Sources: the C4C OData guide ("Logical OR only works for the same property"); the
rows that open-steamgate's ZCL_STG_FILTER makes; ``IN`` over ranges as measured on ABAP 7.58.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sap_mock.odata.uri.expressions import Binary, Call, Expression, Literal, Member, Unary

_OPTIONS = {"eq": "EQ", "gt": "GT", "ge": "GE", "lt": "LT", "le": "LE"}
_FLIPPED = {"eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_PATTERNS = {"startswith": "{}*", "endswith": "*{}", "substringof": "*{}*"}
_OTHER_SIGN = {"I": "E", "E": "I"}


@dataclass(frozen=True, slots=True)
class SelectOption:
    """One row of a range table: SIGN (I or E), OPTION (EQ, GT, GE, LT, LE, BT, CP), LOW and, for BT, HIGH."""

    sign: str
    option: str
    low: Any
    high: Any = None


Rows = tuple[SelectOption, ...]
SelectOptions = Mapping[str, Rows]


class _NotRanges(Exception):
    """The expression cannot be said in ranges."""


def select_options(expression: Expression | None) -> SelectOptions:
    """Property → its rows, in the order of the expression; empty without an expression and where ranges cannot say it.

    A property of a complex property has its path for a name (``Address/City``).
    """
    if expression is None:
        return {}
    try:
        return _ranges(expression)
    except _NotRanges:
        return {}


def within(value: Any, rows: Iterable[SelectOption]) -> bool:
    """ABAP's ``value IN rows``: any row of sign I, where there is one, and none of sign E. No rows restrict nothing."""
    rows = tuple(rows)
    included = [row for row in rows if row.sign == "I"]
    if included and not any(_holds(value, row) for row in included):
        return False
    return not any(_holds(value, row) for row in rows if row.sign == "E")


# From the expression to rows ----------------------------------------------------------------------------------------


def _ranges(expression: Expression) -> SelectOptions:
    match expression:
        case Binary(operator="and"):
            return _both(_ranges(expression.left), _ranges(expression.right))
        case Binary(operator="or"):
            return _either(_ranges(expression.left), _ranges(expression.right))
        case Binary(operator=operator, left=Member() as member, right=other) if operator in _FLIPPED:
            return _compared(member, operator, other)
        case Binary(operator=operator, left=other, right=Member() as member) if operator in _FLIPPED:
            return _compared(member, _FLIPPED[operator], other)
        case Binary(operator="eq", left=Call() as call, right=Literal(value=True)):
            return _ranges(call)
        case Unary(operator="not", operand=operand):
            return _negated(_ranges(operand))
        case Call(function=function, arguments=arguments) if function in _PATTERNS:
            return _pattern(function, arguments)
        case Member():
            return _row(expression, SelectOption("I", "EQ", True))
    raise _NotRanges


def _row(member: Member, row: SelectOption) -> SelectOptions:
    if member.relations:
        raise _NotRanges
    return {member.name: (row,)}


def _compared(member: Member, operator: str, other: Expression) -> SelectOptions:
    value = _constant(other)
    if operator == "ne":
        return _row(member, SelectOption("E", "EQ", value))
    return _row(member, SelectOption("I", _OPTIONS[operator], value))


def _constant(expression: Expression) -> Any:
    match expression:
        case Literal(value=value) if value is not None:
            return value
        case Unary(operator="-", operand=operand):
            return -_constant(operand)
    raise _NotRanges


def _pattern(function: str, arguments: tuple[Expression, ...]) -> SelectOptions:
    member, text = reversed(arguments) if function == "substringof" else arguments
    if not isinstance(member, Member):
        raise _NotRanges
    escaped = re.sub(r"[*+#]", lambda found: f"#{found[0]}", _constant(text))
    return _row(member, SelectOption("I", "CP", _PATTERNS[function].format(escaped)))


def _negated(found: SelectOptions) -> SelectOptions:
    """``not`` before one row of one property; before more it would turn ``and`` into ``or``."""
    ((name, rows),) = found.items() if len(found) == 1 else (("", ()),)
    if len(rows) != 1:
        raise _NotRanges
    return {name: (replace(rows[0], sign=_OTHER_SIGN[rows[0].sign]),)}


def _either(left: SelectOptions, right: SelectOptions) -> SelectOptions:
    """``or``: within one property and among inclusions, which are joined by ``or`` anyway."""
    if len(left) != 1 or left.keys() != right.keys():
        raise _NotRanges
    name = next(iter(left))
    rows = (*left[name], *right[name])
    if any(row.sign == "E" for row in rows):
        raise _NotRanges
    return {name: tuple(dict.fromkeys(rows))}


def _both(left: SelectOptions, right: SelectOptions) -> SelectOptions:
    """``and``: other properties stand beside; of one property only one side may include, except for a ``BT``."""
    found = dict(left)
    for name, rows in right.items():
        found[name] = _narrowed(found[name], rows) if name in found else rows
    return found


def _narrowed(left: Rows, right: Rows) -> Rows:
    including = [[row for row in rows if row.sign == "I"] for rows in (left, right)]
    excluding = [row for row in (*left, *right) if row.sign == "E"]
    if all(including):
        including = [[_between(*including)]]
    return tuple(dict.fromkeys((*(row for rows in including for row in rows), *excluding)))


def _between(left: list[SelectOption], right: list[SelectOption]) -> SelectOption:
    bounds = {row.option: row.low for row in (*left, *right)}
    if (len(left), len(right)) != (1, 1) or bounds.keys() != {"GE", "LE"}:
        raise _NotRanges
    return SelectOption("I", "BT", bounds["GE"], bounds["LE"])


# ABAP's IN ----------------------------------------------------------------------------------------------------------


def _holds(value: Any, row: SelectOption) -> bool:
    if value is None:
        return False
    match row.option:
        case "CP":
            return re.fullmatch(_regular(row.low), value, re.DOTALL) is not None
        case "EQ":
            return bool(value == row.low)
        case "GT":
            return bool(value > row.low)
        case "GE":
            return bool(value >= row.low)
        case "LT":
            return bool(value < row.low)
        case "LE":
            return bool(value <= row.low)
        case "BT":
            return bool(row.low <= value <= row.high)
    raise ValueError(row.option)


_PATTERN_PART = re.compile(r"#(.)|([*+])|#\Z|([^#*+]+)", re.DOTALL)
_WILDCARDS = {"*": ".*", "+": "."}


def _regular(pattern: str) -> str:
    """A ``CP`` pattern as a regular expression: ``*`` any text, ``+`` one character, ``#`` takes the next as it is."""
    parts = []
    for escaped, wildcard, plain in _PATTERN_PART.findall(pattern):
        parts.append(_WILDCARDS[wildcard] if wildcard else re.escape(escaped or plain))
    return "".join(parts)
