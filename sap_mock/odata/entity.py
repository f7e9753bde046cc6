"""Entities: as read from a store or a data provider, and as written by a caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """The stream of a media entity."""

    content_type: str
    content: bytes


@dataclass(slots=True, kw_only=True)
class Entity:
    """One instance. ``values`` holds every property by name (complex ones as nested mappings).

    ``inline`` holds what is expanded: navigation property → list of entities, entity, or None.
    """

    values: dict[str, Any]
    inline: dict[str, list[Entity] | Entity | None] = field(default_factory=dict)
    media_type: str | None = None

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass(slots=True, kw_only=True)
class EntityInput:
    """What a caller sent. ``values`` holds only what was sent.

    ``inline`` holds children for a deep insert; ``links`` the addresses of existing entities to tie to
    (navigation property → addresses).
    """

    values: dict[str, Any]
    inline: dict[str, list[EntityInput] | EntityInput] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def get(self, name: str, default: Any = None) -> Any:
        """The sent value of a property, or the default."""
        return self.values.get(name, default)


Key = Mapping[str, Any]
