"""The neutral posting: one amount from one account to another, as an accounting export tells it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.model.money import Money


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account as its source knows it: the number in its own chart, and what kind of account it is."""

    number: str
    type: str


@dataclass(frozen=True, kw_only=True)
class Posting:
    """A positive amount, debited here and credited there, on a calendar day of the books."""

    source: str
    id: str
    kind: str
    day: date
    total: Money
    debit: Account
    credit: Account
    committed: bool
    invoice_number: str = ""
    customer_number: str = ""
    cost_centre: str = ""
    text: str = ""
    tax_rate: Decimal | None = None
    reverses: str = ""
