"""The company's settings and master data that SAP checks a posting against: what a file of JSON says about it.

``customizing.json`` beside this module is the default: charts SKR03 and SKR04 as far as invoices need them. Another
file of the same shape is read with :meth:`Customizing.read` and handed to a service's ``service()``. The fiscal year is
the calendar year (SAP's variant K4), and one interval of open posting periods counts for every account (SAP's account
type ``+``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from iso4217 import Currency

_DEFAULT = Path(__file__).with_name("customizing.json")


class CustomizingWrong(Exception):
    """A file of company data that cannot be used; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyCode:
    """A company code (table T001)."""

    name: str
    country: str
    currency: str
    chart: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A G/L account. ``reconciliation`` is "customer" or "supplier" for an account that only they post to."""

    name: str
    reconciliation: str = ""
    tax: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedType:
    """A type of document and its interval of a number range object (RF_BELEG; RE_BELEG for invoice documents)."""

    name: str
    first: int
    last: int
    interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Masters:
    """Master data by number: single ones and intervals, as "KOST1" and "10000-69999" in the file."""

    single: frozenset[str]
    intervals: tuple[tuple[int, int], ...]

    def __contains__(self, number: str) -> bool:
        if alpha(number) in self.single:
            return True
        return number.isascii() and number.isdigit() and any(a <= int(number) <= b for a, b in self.intervals)


@dataclass(frozen=True, kw_only=True, eq=False)
class Customizing:
    """Everything the checks ask for, by SAP's keys; numbers of G/L accounts with their leading zeros."""

    company_codes: Mapping[str, CompanyCode]
    charts: Mapping[str, Mapping[str, Account]]
    customers: Masters
    suppliers: Masters
    cost_centers: Masters
    purchase_orders: Masters
    tax_rates: Mapping[str, Decimal]
    document_types: Mapping[str, NumberedType]
    invoice_numbers: NumberedType
    reversal_reasons: Mapping[str, str]
    open_from: date
    months_ahead: int

    @classmethod
    def read(cls, path: Path = _DEFAULT) -> Customizing:
        """The company data in a file; raises :class:`CustomizingWrong`."""
        try:
            return _customizing(json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal))
        except (OSError, ValueError, TypeError, ArithmeticError) as error:
            raise CustomizingWrong(f"{path}: {error}") from error
        except KeyError as error:
            raise CustomizingWrong(f"{path}: {error} is missing") from error

    def account(self, company_code: CompanyCode, number: str) -> Account | None:
        """The account with this number in the company code's chart, or None."""
        return self.charts[company_code.chart].get(alpha(number))

    def reconciliation_account(self, company_code: CompanyCode, of: str) -> str:
        """The account that postings to a customer or a supplier are collected on; blank where the chart has none."""
        accounts = self.charts[company_code.chart].items()
        return next((number for number, account in accounts if account.reconciliation == of), "")

    def is_open(self, day: date, today: date) -> bool:
        """Whether the day's posting period is open: neither closed long ago nor too far ahead (table T001B)."""
        months = (day.year - today.year) * 12 + day.month - today.month
        return day >= self.open_from and months <= self.months_ahead


def alpha(number: str, length: int = 10) -> str:
    """SAP's conversion exit ALPHA: digits get leading zeros, anything else stays."""
    return number.zfill(length) if number.isascii() and number.isdigit() else number


@cache
def decimals(currency: str) -> int | None:
    """How many decimals amounts of a currency have (table TCURX, by ISO 4217); None for no currency.

    A currency that ISO gives no decimals of its own has two, as in SAP.
    """
    try:
        exponent = Currency(currency).exponent
    except ValueError:
        return None
    return 2 if exponent is None else exponent


def fits(amount: Decimal, currency: str) -> bool:
    """Whether an amount has no more decimals than its currency; any amount fits an unknown currency."""
    places = decimals(currency)
    return places is None or amount == round(amount, places)


def shown(amount: Decimal, currency: str) -> str:
    """An amount as a message shows it: with the decimals of its currency, or as it came where it has more."""
    places = decimals(currency)
    return f"{amount:f}" if places is None or not fits(amount, currency) else f"{amount:.{places}f}"


def _customizing(found: Mapping[str, Any]) -> Customizing:
    charts = {name: {alpha(no): Account(**one) for no, one in chart.items()} for name, chart in found["charts"].items()}
    company_codes = {code: CompanyCode(**one) for code, one in found["company_codes"].items()}
    for code, one in company_codes.items():
        if one.chart not in charts:
            raise ValueError(f"company code {code} has the chart {one.chart}, which is not there")
    return Customizing(
        company_codes=company_codes,
        charts=charts,
        customers=_masters(found["customers"]),
        suppliers=_masters(found["suppliers"]),
        cost_centers=_masters(found["cost_centers"]),
        purchase_orders=_masters(found["purchase_orders"]),
        tax_rates={code: Decimal(one["rate"]) for code, one in found["tax_codes"].items()},
        document_types={code: _numbered(one) for code, one in found["document_types"].items()},
        invoice_numbers=_numbered(found["invoice_numbers"]),
        reversal_reasons=found["reversal_reasons"],
        open_from=date.fromisoformat(f"{found['posting_periods']['open_from']}-01"),
        months_ahead=int(found["posting_periods"]["months_ahead"]),
    )


def _numbered(one: Mapping[str, Any]) -> NumberedType:
    return NumberedType(name=one["name"], first=int(one["from"]), last=int(one["to"]), interval=one["interval"])


def _masters(entries: Sequence[str]) -> Masters:
    intervals = [entry.partition("-") for entry in entries if "-" in entry]
    return Masters(
        single=frozenset(alpha(entry) for entry in entries if "-" not in entry),
        intervals=tuple((int(low), int(high)) for low, _, high in intervals),
    )
