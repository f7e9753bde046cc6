"""What a property allows besides its type: Nullable, MaxLength, Precision, Scale ([MC-CSDL] 2.2)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """The facets of one property, parameter or return value.

    ``max_length`` counts characters (bytes for Edm.Binary); ``None`` means unlimited, as does ``MaxLength="Max"``.
    ``precision`` counts decimal digits (for Edm.DateTime, digits of the fraction of a second); ``scale`` counts
    digits behind the point.
    """

    nullable: bool = True
    max_length: int | None = None
    precision: int | None = None
    scale: int | None = None


ANY = Facets()
