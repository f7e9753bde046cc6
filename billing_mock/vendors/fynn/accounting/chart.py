"""The accounts of both German charts by Fynn's account types.

Numbers as in the SKR03 and SKR04 charts of Odoo and ERPNext; a tenant may change every one of them. Source of the
types: the Fynn API documentation, get-postings.
"""

from dataclasses import dataclass

from billing_mock.documents import TaxCase
from billing_mock.options import Chart

REVENUE = {
    TaxCase.STANDARD: "revenueGermany",
    TaxCase.REDUCED: "revenueGermanyReduced",
    TaxCase.REVERSE_CHARGE: "revenueEurope",
    TaxCase.TAX_FREE: "revenueTaxFree",
}
"""Tax case → type of the revenue account."""

DEBTOR, DEFERRED, DEDUCTION, FEES = "debtor", "passiveDeferral", "salesDeductionAccount", "bankFees"
TAX_19, TAX_7 = "ledgerAccount 19", "ledgerAccount 7"
TAX = {TaxCase.STANDARD: TAX_19, TaxCase.REDUCED: TAX_7}
"""Tax case → the account of its tax; both are of the type ledgerAccount."""

_ROWS = {  # account: name, number in SKR03, in SKR04
    "bankAccount": ("Bankkonto", "1200", "1800"),
    DEBTOR: ("Forderungen aus Lieferungen und Leistungen", "1400", "1200"),
    "revenueGermany": ("Erlöse 19 % USt", "8400", "4400"),
    "revenueGermanyReduced": ("Erlöse 7 % USt", "8300", "4300"),
    DEDUCTION: ("Erlösschmälerungen", "8700", "4700"),
    "revenueEurope": ("Erlöse aus im anderen EU-Land steuerpflichtigen Leistungen", "8336", "4336"),
    "revenueTaxFree": ("Steuerfreie Umsätze", "8120", "4120"),
    FEES: ("Nebenkosten des Geldverkehrs", "4970", "6855"),
    DEFERRED: ("Passive Rechnungsabgrenzung", "0990", "3900"),
    "paypal": ("PayPal", "1361", "1461"),
    "stripe": ("Stripe", "1362", "1462"),
    "sepaDebit": ("SEPA-Lastschrift", "1363", "1463"),
    "goCardless": ("GoCardless", "1364", "1464"),
    TAX_19: ("Umsatzsteuer 19 %", "1776", "3806"),
    TAX_7: ("Umsatzsteuer 7 %", "1771", "3801"),
}

ACCOUNTS = tuple(_ROWS)
POSTING_KEY = "40."
"""DATEV's posting key, which may stand before the number of an automatic account."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account as a posting shows it."""

    name: str
    number: str
    type: str


def account(key: str, chart: Chart, *, with_posting_key: bool = False) -> Account:
    """The account in this chart; DATEV's posting key stands before automatic revenue accounts only."""
    name, skr03, skr04 = _ROWS[key]
    number = skr03 if chart == Chart.SKR03 else skr04
    automatic = key in {REVENUE[case] for case in TAX}
    prefix = POSTING_KEY if with_posting_key and automatic else ""
    return Account(name=name, number=prefix + number, type=key.partition(" ")[0])
