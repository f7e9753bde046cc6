"""Which properties of a query an index would serve.

Those that a conjunction compares with a value (not ``ne``) or searches by their beginning, the first criterion of
$orderby, and what ties the entities to the one that a navigation comes from. ``tables`` says how many at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sap_mock.edm.model import Relation
from sap_mock.odata.uri.expressions import Binary, Call, Expression, Literal, Member, Order
from sap_mock.storage.ties import tied_properties

_SERVED = frozenset({"eq", "lt", "le", "gt", "ge"})
_SMALL = frozenset({"Edm.Binary"})  # has no order worth an index


def served(condition: Expression | None, order: Sequence[Order], way: Relation | None) -> Iterator[str]:
    """The property paths (``Address/City``) of one query."""
    if condition is not None:
        yield from _filtered(condition)
    if order:
        yield from _path(order[0].expression)
    pairs = tied_properties(way) if way is not None else None
    if pairs:
        yield pairs[0][1]


def _filtered(condition: Expression) -> Iterator[str]:
    match condition:
        case Binary(operator="and"):
            yield from _filtered(condition.left)
            yield from _filtered(condition.right)
        case Binary(operator=operator, left=Member(), right=Literal()) if operator in _SERVED:
            yield from _path(condition.left)
        case Binary(operator=operator, left=Literal(), right=Member()) if operator in _SERVED:
            yield from _path(condition.right)
        case Call(function="startswith", arguments=(Member() as text, Literal())):
            yield from _path(text)


def _path(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Member) and not expression.relations and expression.type.name not in _SMALL:
        yield expression.name
