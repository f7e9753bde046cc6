"""The nodes of $filter and $orderby after binding: every name resolved, every literal typed. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sap_mock.edm.model import Property, Relation
from sap_mock.edm.primitives import EdmType


@dataclass(frozen=True, slots=True)
class Literal:
    """A typed value; ``type`` is None for ``null``."""

    type: EdmType | None
    value: Any


@dataclass(frozen=True, slots=True)
class Member:
    """A property of the entity, of a complex property (``path``), or of one to-one away (``relations``)."""

    path: tuple[Property, ...]
    relations: tuple[Relation, ...] = ()

    @property
    def prop(self) -> Property:
        """The property that holds the value."""
        return self.path[-1]

    @property
    def name(self) -> str:
        """The path as a URI spells it."""
        return "/".join([*(r.name for r in self.relations), *(p.name for p in self.path)])

    @property
    def type(self) -> EdmType:
        """The primitive type of the value."""
        assert isinstance(self.prop.type, EdmType)  # noqa: S101 - binding only makes members of primitive type
        return self.prop.type


@dataclass(frozen=True, slots=True)
class Unary:
    """``not`` or ``-``."""

    operator: str
    operand: Expression
    type: EdmType | None


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands: logical, comparison or arithmetic."""

    operator: str
    left: Expression
    right: Expression
    type: EdmType | None


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple[Expression, ...]
    type: EdmType | None


Expression = Literal | Member | Unary | Binary | Call


@dataclass(frozen=True, slots=True)
class Order:
    """One criterion of $orderby."""

    expression: Expression
    descending: bool = False
