"""A record that cannot become an invoice, with every reason at once."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """Why a record was set aside. `id` is empty when the record does not say who it is."""

    source: str
    id: str
    reasons: tuple[str, ...]
