"""The neutral invoice: what every billing system's record becomes before SAP's names are known."""

from dataclasses import dataclass
from datetime import date

from pipeline.model.money import Money

CANCELLED = "CANCELLED"
"""The status of what its source has withdrawn: archived, voided."""


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """One invoice as its source tells it. A day is a calendar day, never an instant.

    `standing` tells one content from another in place of the status, where the status moves with payments: an invoice
    that gets paid is still the same document.
    """

    source: str
    id: str
    status: str
    issued_on: date
    total: Money
    link: str = ""
    standing: str = ""

    @property
    def is_cancelled(self) -> bool:
        """Whether its source has withdrawn it."""
        return self.status == CANCELLED
