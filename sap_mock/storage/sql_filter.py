"""Bound expression → SQL, on SQLite and PostgreSQL alike.

``null`` follows [MS-ODATA]: ``eq null`` is true of a missing value, every other comparison with it is false, and
``not`` of a false comparison is true; SQL's third truth value is closed off wherever it would change an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Text,
    and_,
    case,
    cast,
    collate,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
)

from sap_mock.edm.primitives import TYPES, EdmType
from sap_mock.odata.uri.expressions import Binary, Call, Expression, Literal, Member, Unary
from sap_mock.storage.columns import column_type
from sap_mock.storage.sqlite_functions import COLLATION
from sap_mock.storage.tables import SetTable, Tables
from sap_mock.storage.ties import tied_properties

Column = ColumnElement[Any]
_DECIMAL, _STRING = TYPES["Edm.Decimal"], TYPES["Edm.String"]
_UNICODE = "und-x-icu"  # under "C", PostgreSQL knows the case of ASCII letters only
_LONGEST = 2**31 - 1  # what PostgreSQL counts characters with
_HIGHEST = "\U0010ffff"


class FilterCompiler:
    """Compiles expressions over one table. ``dialect`` is ``sqlite`` or ``postgresql``."""

    def __init__(self, tables: Tables, set_table: SetTable, dialect: str) -> None:
        self._tables = tables
        self._table = set_table
        self._sqlite = dialect == "sqlite"

    def condition(self, expression: Expression) -> Column:
        """The expression as a WHERE clause."""
        return self._boolean(expression)

    def criterion(self, expression: Expression) -> Column:
        """The expression as ORDER BY sorts it."""
        value = self.value(expression)
        text = self._sqlite and expression.type is _DECIMAL and not _collated(expression) and not _is_null(expression)
        return self._decimal(value) if text else value

    def value(self, expression: Expression) -> Column:
        """The expression as a value."""
        if _is_null(expression):
            return null()
        match expression:
            case Literal(type=type_, value=value):
                return literal(value, column_type(type_ or _STRING))
            case Member():
                return self._member(expression)
            case Unary(operator="-"):
                return self._negated(expression)
            case Binary(operator=operator) if operator in _ARITHMETIC:
                return self._arithmetic(expression)
            case Call(function=name, arguments=arguments) if name in _VALUES:
                return _VALUES[name](self, arguments)
            case _:
                return self._two_valued(expression)

    def _boolean(self, expression: Expression) -> Column:
        match expression:
            case Binary(operator="and"):
                return and_(self._boolean(expression.left), self._boolean(expression.right))
            case Binary(operator="or"):
                return or_(self._boolean(expression.left), self._boolean(expression.right))
            case Unary(operator="not"):
                return not_(self._two_valued(expression.operand))
            case Binary(operator=operator) if operator in _COMPARISONS:
                return self._comparison(expression)
            case Call(function=name, arguments=arguments) if name in _PREDICATES:
                if any(_is_null(argument) for argument in arguments):
                    return false()
                return _PREDICATES[name](self, arguments)
            case Literal(value=value):
                return literal(bool(value))
            case _:
                return self.value(expression)

    def _comparison(self, expression: Binary) -> Column:
        left, right = expression.left, expression.right
        if _is_null(left) or _is_null(right):
            return self._null_comparison(expression)
        if _is_condition(left) or _is_condition(right):
            left_sql, right_sql = (
                self._two_valued(side) if _is_condition(side) else self.value(side) for side in (left, right)
            )
        else:
            left_sql, right_sql = self._aligned(left, right)
        if expression.operator == "eq":
            known = _known(left) or _known(right)
            return left_sql == right_sql if known else left_sql.is_not_distinct_from(right_sql)
        if expression.operator == "ne":
            return left_sql.is_distinct_from(right_sql)
        return _COMPARISONS[expression.operator](left_sql, right_sql)

    def _two_valued(self, condition: Expression) -> Column:
        closed: Column = func.coalesce(self._boolean(condition), false())
        return closed

    def _null_comparison(self, expression: Binary) -> Column:
        other = expression.right if _is_null(expression.left) else expression.left
        if expression.operator not in ("eq", "ne"):
            return false()
        missing = literal(value=True) if _is_null(other) else self.value(other).is_(None)
        return missing if expression.operator == "eq" else not_(missing)

    def _aligned(self, left: Expression, right: Expression) -> tuple[Column, Column]:
        """Both sides so that the database compares their numbers, not their storage."""
        left_sql, right_sql = self.value(left), self.value(right)
        if left.type is right.type and not (left.type is _DECIMAL and not _collated(left, right)):
            return left_sql, right_sql
        if not self._sqlite or _DECIMAL not in (left.type, right.type):
            return left_sql, right_sql
        return self._decimal(left_sql), self._decimal(right_sql)

    def _decimal(self, value: Column) -> Column:
        """A number of any type as decimal text under the comparing collation (SQLite)."""
        return collate(func.edm_decimal_text(value, type_=Text()), COLLATION)

    def _member(self, member: Member) -> Column:
        path = "/".join(prop.name for prop in member.path)
        if not member.relations:
            return self._table.paths[path]
        return self._related(member, path)

    def _related(self, member: Member, path: str) -> Column:
        """A property of an entity that lies to-one away: a correlated subquery, one level for each relation."""
        here: Mapping[str, Column] = self._table.paths
        sources: list[FromClause] = []
        ties: list[Column] = []
        for depth, relation in enumerate(member.relations):
            set_table = self._tables.entity_set(relation.target)
            alias = set_table.table.alias(f"r{depth}")
            there = {name: alias.c[column.name] for name, column in set_table.paths.items()}
            sources.append(alias)
            pairs = tied_properties(relation)
            if pairs is None:
                link = self._tables.link(relation)
                link_alias = link.table.alias(f"l{depth}")
                sources.append(link_alias)
                for entity_set, role, side in (
                    (relation.source, relation.source_role, here),
                    (relation.target, relation.target_role, there),
                ):
                    names = zip(link.roles[role], entity_set.entity_type.key, strict=True)
                    ties += [link_alias.c[column.name] == side[name] for column, name in names]
            else:
                ties += [here[mine] == there[theirs] for mine, theirs in pairs]
            here = there
        statement = select(here[path]).select_from(*sources).where(*ties)
        return statement.correlate(self._table.table).limit(1).scalar_subquery()

    def _negated(self, expression: Unary) -> Column:
        operand = self.value(expression.operand)
        return self._function("edm_neg", expression.type, operand) if self._sqlite else -operand

    def _function(self, name: str, result: EdmType | None, *arguments: Column) -> Column:
        call: Column = getattr(func, name)(*arguments, type_=column_type(result or _STRING))
        return call

    def _arithmetic(self, expression: Binary) -> Column:
        left, right = self.value(expression.left), self.value(expression.right)
        if self._sqlite:
            return self._function(f"edm_{expression.operator}", expression.type, left, right)
        if expression.operator in ("div", "mod"):
            right = func.nullif(right, 0)
        if expression.type is not None and expression.type.name not in _FLOATS:
            left, right = cast(left, Numeric()), cast(right, Numeric())  # whole numbers cannot overflow as these
        return _POSTGRES_ARITHMETIC[expression.operator](left, right, expression.type)

    def rounded(self, arguments: tuple[Expression, ...], *, name: str) -> Column:
        argument = arguments[0]
        value = self.value(argument)
        if self._sqlite:
            return self._function(f"edm_{name}", argument.type, value)
        postgres = {"round": func.round, "floor": func.floor, "ceiling": func.ceil}[name]
        return postgres(cast(value, Numeric()))

    def _case(self, name: str, arguments: tuple[Expression, ...]) -> Column:
        value = self.value(arguments[0])
        if self._sqlite:
            return self._function(f"edm_{name}", _STRING, value)
        return collate(self._function(name, _STRING, collate(value, _UNICODE)), "C")

    def _position(self, needle: Column, hay: Column) -> Column:
        return (func.instr if self._sqlite else func.strpos)(hay, needle, type_=BigInteger())

    def substringof(self, arguments: tuple[Expression, ...]) -> Column:
        needle, hay = (self.value(argument) for argument in arguments)
        return self._position(needle, hay) > 0

    def startswith(self, arguments: tuple[Expression, ...]) -> Column:
        text, start = arguments
        value = self.value(text)
        if isinstance(start, Literal) and isinstance(start.value, str) and start.value:
            return and_(
                value >= literal(start.value, column_type(_STRING)),
                value < literal(_after(start.value), column_type(_STRING)),
            )
        prefix = self.value(start)
        return func.substr(value, 1, func.length(prefix)) == prefix

    def endswith(self, arguments: tuple[Expression, ...]) -> Column:
        text, ending = (self.value(argument) for argument in arguments)
        length = func.length(ending)
        enough = func.length(text) >= length
        return and_(enough, func.substr(text, func.length(text) - length + 1) == ending)

    def indexof(self, arguments: tuple[Expression, ...]) -> Column:
        hay, needle = (self.value(argument) for argument in arguments)
        return self._position(needle, hay) - 1

    def substring(self, arguments: tuple[Expression, ...]) -> Column:
        text, start, *length = (self.value(argument) for argument in arguments)
        start = self._size(start)
        if not length:
            return func.substr(text, start + 1, type_=Text())
        count = self._size(length[0])
        return func.substr(text, start + 1, count, type_=Text())

    def replaced(self, arguments: tuple[Expression, ...]) -> Column:
        text, old, new = (self.value(argument) for argument in arguments)
        # SQLite gives the text back where there is nothing to replace, even if what would replace it is missing
        return case((new.is_(None), null()), else_=func.replace(text, old, new, type_=Text()))

    def _size(self, number: Column) -> Column:
        """A number of characters: what is negative counts as none."""
        number = cast(number, BigInteger)
        size = case((number < 0, 0), (number >= _LONGEST, _LONGEST - 1), else_=number)
        return size if self._sqlite else cast(size, Integer)

    def concat(self, arguments: tuple[Expression, ...]) -> Column:
        first, *others = (self.value(argument) for argument in arguments)
        for other in others:
            first = first.op("||", return_type=Text())(other)
        return first

    def clock(self, arguments: tuple[Expression, ...], *, part: str) -> Column:
        argument = arguments[0]
        value = self.value(argument)
        if argument.type is TYPES["Edm.Time"]:
            microseconds = cast(value, BigInteger)
            unit, size = {"hour": (3_600_000_000, 24), "minute": (60_000_000, 60), "second": (1_000_000, 60)}[part]
            return (microseconds.op("/")(unit)).op("%")(size)
        start, length = _MOMENT_PARTS[part]
        return cast(func.substr(cast(value, Text), start, length), BigInteger)


_MOMENT_PARTS = {"year": (1, 4), "month": (6, 2), "day": (9, 2), "hour": (12, 2), "minute": (15, 2), "second": (18, 2)}
_ARITHMETIC = frozenset({"add", "sub", "mul", "div", "mod"})
_COMPARISONS: dict[str, Callable[[Column, Column], Column]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}
_POSTGRES_ARITHMETIC: dict[str, Callable[[Column, Column, EdmType | None], Column]] = {
    "add": lambda a, b, _: a + b,
    "sub": lambda a, b, _: a - b,
    "mul": lambda a, b, _: a * b,
    "div": lambda a, b, type_: func.trunc(a / b) if _is_whole(type_) else a.op("/", return_type=Numeric())(b),
    "mod": lambda a, b, _: cast(a, Numeric()).op("%", return_type=Numeric())(cast(b, Numeric())),
}
_FLOATS = frozenset({"Edm.Single", "Edm.Double"})
_PREDICATES: dict[str, Callable[[FilterCompiler, tuple[Expression, ...]], Column]] = {
    "substringof": FilterCompiler.substringof,
    "startswith": FilterCompiler.startswith,
    "endswith": FilterCompiler.endswith,
}
_VALUES: dict[str, Callable[[FilterCompiler, tuple[Expression, ...]], Column]] = {
    "length": lambda self, arguments: func.length(self.value(arguments[0]), type_=BigInteger()),
    "indexof": FilterCompiler.indexof,
    "replace": FilterCompiler.replaced,
    "substring": FilterCompiler.substring,
    "tolower": lambda self, arguments: self._case("lower", arguments),
    "toupper": lambda self, arguments: self._case("upper", arguments),
    "trim": lambda self, arguments: func.trim(self.value(arguments[0]), type_=Text()),
    "concat": FilterCompiler.concat,
    **{part: partial(FilterCompiler.clock, part=part) for part in _MOMENT_PARTS},
    **{name: partial(FilterCompiler.rounded, name=name) for name in ("round", "floor", "ceiling")},
}


def _is_whole(type_: EdmType | None) -> bool:
    return type_ is not None and type_.numeric and type_ is not _DECIMAL and type_.name not in _FLOATS


def _is_null(expression: Expression) -> bool:
    """Whether the value is missing whatever the entity: ``null``, and what is computed from it."""
    match expression:
        case Literal(type=type_):
            return type_ is None
        case Unary(operator="-"):
            return _is_null(expression.operand)
        case Binary(operator=operator) if operator in _ARITHMETIC:
            return _is_null(expression.left) or _is_null(expression.right)
        case Call(function=name, arguments=arguments) if name in _VALUES:
            return any(_is_null(argument) for argument in arguments)
        case _:
            return False


def _known(expression: Expression) -> bool:
    """Whether the value can never be missing, so that plain equality says all and an index serves it."""
    if isinstance(expression, Member):
        return not expression.relations and not expression.prop.facets.nullable
    return isinstance(expression, Literal) or _is_condition(expression)


def _is_condition(expression: Expression) -> bool:
    match expression:
        case Unary(operator="not"):
            return True
        case Binary(operator=operator):
            return operator not in _ARITHMETIC
        case Call(function=name):
            return name in _PREDICATES
        case _:
            return False


def _collated(*sides: Expression) -> bool:
    """Whether a column brings the collation that compares decimals (SQLite), and nothing is computed."""
    plain = [isinstance(side, Member) and not side.relations for side in sides]
    return any(plain) and all(isinstance(side, Literal | Member) for side in sides)


def _after(prefix: str) -> str:
    """The first text, in code-point order, behind all that start with the prefix."""
    stem = prefix.rstrip(_HIGHEST)
    if not stem:
        return prefix + _HIGHEST * 8
    code = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if 0xD800 <= code <= 0xDFFF else code)
