"""The neutral invoice: what every billing system's record becomes before SAP's names are known."""

from dataclasses import dataclass
from datetime import date

from pipeline.model.money import Money


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """One invoice as its source tells it. A day is a calendar day, never an instant."""

    source: str
    id: str
    status: str
    issued_on: date
    total: Money
    link: str = ""
