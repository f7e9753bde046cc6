"""Which properties tie the two ends of a relation.

A referential constraint says it. More than half of the associations that SAP publishes have none; there the principal's
key found by name and type on the other side is taken for the tie, as the data provider behind such a service would.
Where neither holds, the tie is a link kept in a table of its own.
"""

from __future__ import annotations

from sap_mock.edm.model import EntityType, Multiplicity, Relation

Pairs = tuple[tuple[str, str], ...]


def tied_properties(relation: Relation) -> Pairs | None:
    """Pairs of (property here, property there), or None when only a link can tie them."""
    if relation.pairs:
        return relation.pairs
    source, target = relation.source.entity_type, relation.target.entity_type
    if source.qualified_name == target.qualified_name:
        return None
    many_sources = relation.source_multiplicity is Multiplicity.MANY
    if relation.to_many:
        return None if many_sources else _by_name(source, target, many=True)
    pairs = _by_name(target, source, many=many_sources)
    if pairs is None and not many_sources:
        pairs = _by_name(source, target, many=False)
    return pairs


def _by_name(principal: EntityType, dependent: EntityType, *, many: bool) -> Pairs | None:
    """The principal's key found in the dependent, property by property, or None.

    Where a principal has ``many`` dependents, these properties cannot be a dependent's whole key: entities that are
    all keyed by an ``Id`` are not tied by it.
    """
    for prop in principal.key_properties:
        other = dependent.by_name.get(prop.name)
        if other is None or other.type is not prop.type:
            return None
    if many and set(dependent.key) <= set(principal.key):
        return None
    return tuple((name, name) for name in principal.key) or None
