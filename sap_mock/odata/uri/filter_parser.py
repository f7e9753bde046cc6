"""Tokens → syntax tree of $filter and $orderby. Knows the grammar ([MS-ODATA] 2.2.3.6.1.1), not the model."""

from __future__ import annotations

from dataclasses import dataclass

from sap_mock.edm import uri_literals
from sap_mock.odata.errors import Refusal, refused
from sap_mock.odata.uri.functions import FUNCTIONS
from sap_mock.odata.uri.tokens import Token, tokenize

PRECEDENCE = {
    "or": 1, "and": 2,
    "eq": 3, "ne": 3,
    "lt": 4, "le": 4, "gt": 4, "ge": 4,
    "add": 5, "sub": 5,
    "mul": 6, "div": 6, "mod": 6,
}  # fmt: skip
_UNARY = 7
DEEPEST = 100  # nested parentheses and operators; deeper trees come from fuzzers, not from clients


@dataclass(frozen=True, slots=True)
class LiteralNode:
    """A literal as written, and what it means."""

    text: str
    literal: uri_literals.Literal
    position: int


@dataclass(frozen=True, slots=True)
class PathNode:
    """A property path."""

    names: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class UnaryNode:
    """``not`` or ``-``."""

    operator: str
    operand: Node
    position: int


@dataclass(frozen=True, slots=True)
class BinaryNode:
    """Two operands; ``position`` is the operator's."""

    operator: str
    left: Node
    right: Node
    position: int


@dataclass(frozen=True, slots=True)
class CallNode:
    """A function and its arguments."""

    function: str
    arguments: tuple[Node, ...]
    position: int


Node = LiteralNode | PathNode | UnaryNode | BinaryNode | CallNode


def parse(text: str) -> Node:
    """The tree of a $filter; raises ODataError (400) with the position of the first token that fits no rule."""
    parser = _Parser(text)
    node = parser.expression(0, 0)
    parser.take("end")
    return node


def parse_orderby(text: str) -> list[tuple[Node, bool]]:
    """The criteria of an $orderby, each with whether it descends; directions in any case ([MS-ODATA] 2.2.3.6.1.4)."""
    parser = _Parser(text)
    criteria = []
    while True:
        node = parser.expression(0, 0)
        descending = False
        if parser.next.kind == "name":
            word = parser.advance().text
            if word.lower() not in ("asc", "desc"):
                raise refused(Refusal.SORT_ORDER, word=word)
            descending = word.lower() == "desc"
        criteria.append((node, descending))
        if parser.next.text != ",":
            parser.take("end")
            return criteria
        parser.advance()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(tokenize(text))
        self._at = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def advance(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def take(self, kind: str, text: str | None = None) -> Token:
        token = self.next
        if token.kind != kind or (text is not None and token.text != text):
            raise refused(Refusal.FILTER_SYNTAX, position=token.position)
        return self.advance() if kind != "end" else token

    def expression(self, floor: int, depth: int) -> Node:
        if depth > DEEPEST:
            raise refused(Refusal.FILTER_SYNTAX, position=self.next.position)
        left = self.operand(depth + 1)
        while self.next.kind == "name" and PRECEDENCE.get(self.next.text, 0) > floor:
            operator = self.advance()
            right = self.expression(PRECEDENCE[operator.text], depth + 1)
            left = BinaryNode(operator.text, left, right, operator.position)
        return left

    def operand(self, depth: int) -> Node:
        token = self.advance()
        if token.kind == "literal":
            return self.literal(token)
        if token.text == "(":
            node = self.expression(0, depth)
            self.take("mark", ")")
            return node
        if token.text in ("not", "-") and not (token.text == "not" and self.next.text in ("/", ",", ")", "")):
            return UnaryNode(token.text, self.expression(_UNARY - 1, depth), token.position)
        if token.kind == "name":
            return self.call(token, depth) if self.next.text == "(" else self.path(token)
        raise refused(Refusal.FILTER_SYNTAX, position=token.position)

    def literal(self, token: Token) -> LiteralNode:
        try:
            return LiteralNode(token.text, uri_literals.parse(token.text), token.position)
        except uri_literals.MalformedLiteral:
            # Captured: 1.5 without its M is a malformed literal. SAP KBA 3555785: time'23:59:59' is an invalid token.
            refusal = Refusal.FILTER_SYNTAX if "'" in token.text else Refusal.MALFORMED_LITERAL
            raise refused(refusal, position=token.position) from None

    def call(self, name: Token, depth: int) -> CallNode:
        if name.text not in FUNCTIONS:
            raise refused(Refusal.FUNCTION_UNKNOWN, function=name.text, position=name.position)
        self.take("mark", "(")
        arguments = []
        if self.next.text != ")":
            arguments.append(self.expression(0, depth))
            while self.next.text == ",":
                self.advance()
                arguments.append(self.expression(0, depth))
        self.take("mark", ")")
        return CallNode(name.text, tuple(arguments), name.position)

    def path(self, first: Token) -> PathNode:
        names = [first.text]
        while self.next.text == "/":
            self.advance()
            names.append(self.take("name").text)
        return PathNode(tuple(names), first.position)


def to_text(node: Node) -> str:
    """Print a tree so that parsing the text gives the same tree again."""
    match node:
        case LiteralNode():
            return node.text
        case PathNode():
            return "/".join(node.names)
        case CallNode():
            return f"{node.function}({','.join(to_text(argument) for argument in node.arguments)})"
        case UnaryNode(operator="not"):
            return f"not {_operand(node.operand)}"
        case UnaryNode():  # -1 would be a literal again
            inner = _operand(node.operand)
            return f"-({inner})" if isinstance(node.operand, LiteralNode) and inner[0] != "(" else f"-{inner}"
        case BinaryNode():
            return f"{_operand(node.left)} {node.operator} {_operand(node.right)}"


def _operand(node: Node) -> str:
    text = to_text(node)
    return f"({text})" if isinstance(node, BinaryNode | UnaryNode) or text.startswith("-") else text
