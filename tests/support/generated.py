"""Entities made up from a model: for a seed always the same, within every type's range and every facet."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sap_mock.edm.facets import Facets
from sap_mock.edm.model import ComplexType, EntityType, Property
from sap_mock.edm.primitives import Integer

_ALPHABET = "abcXYZ0189 äßÉ見'&<>\"%/+;=#?()😀"
_LONGEST = 40


def entity(entity_type: EntityType, chance: random.Random, *, nulls: float = 0.2) -> dict[str, Any]:
    """A value for every property; a nullable one that is no key is missing as often as ``nulls`` says."""
    return {
        prop.name: None
        if prop.facets.nullable and prop.name not in entity_type.key and chance.random() < nulls
        else value(prop, chance)
        for prop in entity_type.properties
    }


def value(prop: Property, chance: random.Random) -> Any:
    """A value of a property's type that its facets allow."""
    if isinstance(prop.type, ComplexType):
        return {inner.name: value(inner, chance) for inner in prop.type.properties}
    if isinstance(prop.type, Integer):
        return chance.choice([prop.type.smallest, 0, 1, prop.type.largest, chance.randint(0, 100)])
    return _MADE[prop.type.name](prop.facets, chance)


def _text(facets: Facets, chance: random.Random) -> str:
    longest = _LONGEST if facets.max_length is None else min(facets.max_length, _LONGEST)
    text = "".join(chance.choice(_ALPHABET) for _ in range(chance.randint(min(1, longest), longest)))
    return text.strip(" ") or "x" * min(1, longest)  # blanks at the end are no content in ABAP


def _decimal(facets: Facets, chance: random.Random) -> Decimal:
    scale = min(facets.scale if facets.scale is not None else 3, 20)
    precision = min(facets.precision if facets.precision is not None else 15, 30)
    digits = chance.randint(0, 10 ** min(precision, 28) - 1)
    if precision - scale <= 0:
        digits %= 10 ** max(precision, 1)
    return Decimal(digits * chance.choice([1, -1])).scaleb(-scale)


def _moment(facets: Facets, chance: random.Random) -> datetime:
    moment = datetime(1753, 1, 1) + timedelta(seconds=chance.randint(0, 260_000_000_000 // 1000 * 30))
    return moment + timedelta(milliseconds=chance.randint(0, 999) if facets.precision else 0)


def _bytes(facets: Facets, chance: random.Random) -> bytes:
    longest = _LONGEST if facets.max_length is None else min(facets.max_length, _LONGEST)
    return chance.randbytes(chance.randint(0, longest))


_MADE = {
    "Edm.String": _text,
    "Edm.Boolean": lambda _, chance: chance.random() < 0.5,
    "Edm.Decimal": _decimal,
    "Edm.Double": lambda _, chance: chance.choice([0.0, -1.5, 1e300, chance.random()]),
    "Edm.Single": lambda _, chance: chance.choice([0.0, -1.5, 0.25, 3.5e10]),
    "Edm.DateTime": _moment,
    "Edm.DateTimeOffset": lambda facets, chance: _moment(facets, chance).replace(tzinfo=UTC),
    "Edm.Time": lambda _, chance: timedelta(seconds=chance.randint(0, 86_399)),
    "Edm.Guid": lambda _, chance: UUID(int=chance.getrandbits(128)),
    "Edm.Binary": _bytes,
}
