"""Syntax tree + model → bound expression: every name resolved, every operand's type checked.

Types are promoted as the ABAP library does (Olingo's TestAbapCompatibility is a port of its unit test): numbers of any
two types compare, everything else only with its own type or with ``null``.
"""

from __future__ import annotations

from sap_mock.edm import uri_literals
from sap_mock.edm.model import ComplexType, EntitySet, Model, Property, Relation
from sap_mock.edm.primitives import TYPES, EdmType, EdmValueError
from sap_mock.odata.errors import ODataError, Refusal, refused
from sap_mock.odata.uri import filter_parser
from sap_mock.odata.uri.expressions import Binary, Call, Expression, Literal, Member, Order, Unary
from sap_mock.odata.uri.filter_parser import BinaryNode, CallNode, LiteralNode, Node, PathNode, UnaryNode
from sap_mock.odata.uri.functions import FUNCTIONS, fits

_BOOLEAN = TYPES["Edm.Boolean"]
_LOGICAL = frozenset({"and", "or"})
_ARITHMETIC = frozenset({"add", "sub", "mul", "div", "mod"})
_WIDTH = {
    name: width
    for width, name in enumerate(
        (
            "Bit",
            "UInt7",
            "Edm.Byte",
            "Edm.SByte",
            "Edm.Int16",
            "Edm.Int32",
            "Edm.Int64",
            "Edm.Decimal",
            "Edm.Single",
            "Edm.Double",
        )
    )
}


def bind_filter(text: str, model: Model, entity_set: EntitySet) -> Expression:
    """The bound $filter; raises ODataError (400) for syntax, unknown names and operands of the wrong type."""
    node = filter_parser.parse(text)
    expression = _bind(node, model, entity_set)
    if expression.type not in (None, _BOOLEAN):
        raise refused(Refusal.FILTER_SYNTAX, position=node.position)
    return expression


def bind_orderby(text: str, model: Model, entity_set: EntitySet) -> tuple[Order, ...]:
    """The bound criteria of $orderby; raises as :func:`bind_filter` does."""
    return tuple(
        Order(_bind(node, model, entity_set), descending) for node, descending in filter_parser.parse_orderby(text)
    )


def _bind(node: Node, model: Model, entity_set: EntitySet) -> Expression:
    match node:
        case LiteralNode(literal=literal):
            return Literal(literal.type, literal.value)
        case PathNode():
            return resolve(node.names, model, entity_set)
        case UnaryNode():
            return _unary(node, _bind(node.operand, model, entity_set))
        case BinaryNode():
            return _binary(node, _bind(node.left, model, entity_set), _bind(node.right, model, entity_set))
        case CallNode():
            return _call(node, tuple(_bind(argument, model, entity_set) for argument in node.arguments))


def resolve(names: tuple[str, ...], model: Model, entity_set: EntitySet) -> Member:
    """The property that a path names, through complex properties and to-one navigation; raises ODataError (400)."""
    relations: list[Relation] = []
    properties: list[Property] = []
    scope: ComplexType | None = None
    for name in names:
        structure = scope or entity_set.entity_type
        prop = structure.by_name.get(name)
        if prop is not None and (not properties or scope is not None):
            properties.append(prop)
            scope = prop.type if isinstance(prop.type, ComplexType) else None
            continue
        relation = None if properties else model.relations.get((entity_set.name, name))
        if relation is None:
            raise refused(Refusal.PROPERTY_UNKNOWN, property=name, type=structure.name)
        if relation.to_many:
            raise refused(Refusal.CONSTRUCTION_RULES)
        relations.append(relation)
        entity_set = relation.target
    if not properties or scope is not None:
        raise refused(Refusal.PROPERTY_UNKNOWN, property=names[-1], type=entity_set.entity_type.name)
    return Member(tuple(properties), tuple(relations))


def _unary(node: UnaryNode, operand: Expression) -> Unary:
    wanted = operand.type in (None, _BOOLEAN) if node.operator == "not" else _number(operand.type)
    if not wanted:
        raise _wrong_type(node.operator, node.position)
    return Unary(node.operator, operand, operand.type)


def _binary(node: BinaryNode, left: Expression, right: Expression) -> Binary:
    operator = node.operator
    if operator in _LOGICAL:
        if not all(side.type in (None, _BOOLEAN) for side in (left, right)):
            raise _wrong_type(operator, node.position)
        return Binary(operator, left, right, _BOOLEAN)
    if operator in _ARITHMETIC:
        if not (_number(left.type) and _number(right.type)):
            raise _wrong_type(operator, node.position)
        return Binary(operator, left, right, _wider(left.type, right.type))
    if not _comparable(left.type, right.type):
        raise _wrong_type(operator, node.position)
    return Binary(operator, _fitted(left, right.type), _fitted(right, left.type), _BOOLEAN)


def _call(node: CallNode, arguments: tuple[Expression, ...]) -> Call:
    function = FUNCTIONS[node.function]
    most = len(function.arguments)
    if not (most - function.optional <= len(arguments) <= most or (function.variadic and len(arguments) >= most)):
        raise refused(Refusal.FILTER_SYNTAX, position=node.position)
    for index, argument in enumerate(arguments):
        if not fits(function.arguments[min(index, most - 1)], argument.type):
            raise _wrong_type(node.function, node.position)
    return Call(node.function, arguments, function.result or arguments[0].type)


def _comparable(left: EdmType | None, right: EdmType | None) -> bool:
    if left is None or right is None or left is right or (left.numeric and right.numeric):
        return True
    return uri_literals.compatible(left, right) or uri_literals.compatible(right, left)


def _number(type_: EdmType | None) -> bool:
    return type_ is None or type_.numeric


def _wider(left: EdmType | None, right: EdmType | None) -> EdmType | None:
    if left is None or right is None:
        return left or right
    return max(left, right, key=lambda type_: _WIDTH[type_.name])


def _fitted(side: Expression, other: EdmType | None) -> Expression:
    """A numeric literal as a value of the type it is compared with, where that loses nothing."""
    if not isinstance(side, Literal) or side.type is None or other is None or side.type is other:
        return side
    try:
        return Literal(other, uri_literals.convert(uri_literals.Literal(type=side.type, value=side.value), other))
    except EdmValueError:
        return side


def _wrong_type(function: str, position: int) -> ODataError:
    return refused(Refusal.PARAMETER_TYPE, function=function, position=position)
