"""What stands on an invoice and what became of it: lines, tax, period, payment, credit. Neutral, drawn, exact.

A Document is computed from its Invoice when it is asked, so that any number of them costs nothing. Amounts are
counted in the smallest unit of the currency and told as Decimal: net + tax = total, and the lines add up to both.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from billing_mock.dataset import CURRENCIES, CUSTOMERS, SEED_DOCUMENT_INVOICE, Draw, Invoice, drawing

BERLIN = ZoneInfo("Europe/Berlin")
"""Where the sellers keep their books: a day is a day there."""

COST_CENTRES = ("KOST1", "KOST2", "KOST3", "KOST4", "KOST5")
PRODUCTS = (
    ("Product name", "Product family name"),
    ("Team plan", "Subscriptions"),
    ("Cloud backup 1 TB", "Storage"),
    ("Prüfbericht & Anhang <2>", "Dienstleistung"),
    ("Usage: API calls", "Usage"),
)
"""Product, product family; the first as in Fynn's own example."""


class TaxCase(StrEnum):
    """Why an invoice bears the tax that it bears."""

    STANDARD = "standard"
    REDUCED = "reduced"
    REVERSE_CHARGE = "reverse charge"  # the buyer owes the tax
    TAX_FREE = "tax free"  # delivered to a third country


RATES = {TaxCase.STANDARD: 19, TaxCase.REDUCED: 7, TaxCase.REVERSE_CHARGE: 0, TaxCase.TAX_FREE: 0}
"""Per cent, as in Germany."""

_CASES = (
    *[TaxCase.STANDARD] * 12,
    *[TaxCase.REDUCED] * 3,
    *[TaxCase.REVERSE_CHARGE] * 3,
    *[TaxCase.TAX_FREE] * 2,
)


class Payment(StrEnum):
    """How far an invoice has been paid."""

    OPEN = "open"
    PARTIAL = "partial"
    SCHEDULED = "scheduled"
    FULL = "full"


_PAYMENTS = (*[Payment.FULL] * 6, *[Payment.OPEN] * 2, Payment.PARTIAL, Payment.SCHEDULED)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: ((quantity * unit_price) - discount) * duration = net; a correction takes back what was charged."""

    number: int
    product: str
    family: str
    cost_centre: str
    quantity: int
    unit_price: Decimal
    discount: Decimal
    duration: int
    net: Decimal
    tax: Decimal
    correction: bool = False


class Share(NamedTuple):
    """What one line comes to, without what it is for."""

    number: int
    net: Decimal
    tax: Decimal


class _Terms(NamedTuple):
    quantity: int
    price: int
    duration: int


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Who is billed; with one currency each, as BILL and SAP have it."""

    index: int
    currency: str

    @property
    def name(self) -> str:
        return CUSTOMERS[self.index]

    @property
    def number(self) -> str:
        return f"CUST-{self.currency}-{self.index + 1:04d}"


@dataclass(frozen=True, kw_only=True)
class Credit:
    """What takes an invoice back: the whole of it (a cancellation) or a part (a credit note)."""

    whole: bool
    issued: date
    net: Decimal
    tax: Decimal
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, kw_only=True)
class Document:
    """One invoice with everything that a billing system knows of it; `seed` is its data set's."""

    invoice: Invoice
    seed: int

    @cached_property
    def drawn(self) -> Draw:
        """What draws numbers that belong to this document and their name alone."""
        return drawing(self.seed, self.invoice.position)

    @cached_property
    def case(self) -> TaxCase:
        if self.invoice.number == SEED_DOCUMENT_INVOICE.number:
            return TaxCase.REVERSE_CHARGE
        return _CASES[self.drawn("tax case", len(_CASES))]

    @property
    def rate(self) -> int:
        """The tax in per cent."""
        return RATES[self.case]

    @property
    def net(self) -> Decimal:
        return self._amount(self._net)

    @property
    def tax(self) -> Decimal:
        return self._amount(self._gross - self._net)

    @property
    def decimals(self) -> int:
        """How many decimals the currency has."""
        return CURRENCIES[self.invoice.currency]

    @cached_property
    def customer(self) -> Customer:
        return Customer(index=CUSTOMERS.index(self.invoice.customer), currency=self.invoice.currency)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return tuple(self._line(number, net, tax) for number, (net, tax) in enumerate(self.parts, start=1))

    @cached_property
    def shares(self) -> tuple[Share, ...]:
        """The amounts of the lines, for those who only count or post them."""
        amount = self._amount
        return tuple(Share(number, amount(net), amount(tax)) for number, (net, tax) in enumerate(self.parts, start=1))

    @cached_property
    def parts(self) -> tuple[tuple[int, int], ...]:
        """Net and tax of each line, in the smallest unit of the currency."""
        weights = [1 + self.drawn(f"weight {place}", 9) for place in range(1 + self.drawn("lines", 4))]
        parts = [self._net * weight // sum(weights) for weight in weights]
        parts[-1] += self._net - sum(parts)
        if self.drawn("correction", 20) == 0:
            taken_back = 1 + self.drawn("taken back", 5000)
            parts[0] += taken_back
            parts.append(-taken_back)
        taxes = [_half_up(part * self.rate, 100) for part in parts]
        taxes[0] += self._gross - self._net - sum(taxes)
        return tuple(zip(parts, taxes, strict=True))

    @cached_property
    def credit(self) -> Credit | None:
        """What takes it back, for one invoice in about fourteen."""
        share = self.drawn("credit", 100)
        if share >= 7 or self.invoice.defect or self.invoice.number == SEED_DOCUMENT_INVOICE.number:
            return None
        whole = share < 3
        net = self._net if whole else self._net * (10 + self.drawn("credited", 80)) // 100
        if not net:
            return None
        tax = self._gross - self._net if whole else _half_up(net * self.rate, 100)
        return Credit(
            whole=whole,
            issued=self.invoice.issued + timedelta(days=1 + self.drawn("credited after", 45)),
            net=self._amount(net),
            tax=self._amount(tax),
            lines=self.lines if whole else (self._plain(1, net, tax),),
        )

    @property
    def cancelled(self) -> bool:
        return bool(self.credit and self.credit.whole)

    @cached_property
    def payment(self) -> Payment:
        return Payment.OPEN if self.credit else _PAYMENTS[self.drawn("payment", len(_PAYMENTS))]

    @property
    def paid(self) -> Decimal:
        """How much has been paid so far."""
        shares = {Payment.FULL: self._gross, Payment.PARTIAL: self._gross // 2}
        return self._amount(shares.get(self.payment, 0))

    @property
    def paid_on(self) -> date:
        return self.invoice.issued + timedelta(days=self.drawn("paid after", 30))

    @property
    def due(self) -> date:
        return self.invoice.issued + timedelta(days=30)

    @cached_property
    def months(self) -> int:
        """How many months of service are billed: twelve or the one."""
        return 12 if self.drawn("service period", 5) == 0 else 1

    @property
    def service_from(self) -> date:
        return self.invoice.issued.replace(day=1)

    @property
    def service_to(self) -> date:
        last = months_later(self.service_from, self.months - 1)
        return last.replace(day=monthrange(last.year, last.month)[1])

    @property
    def final(self) -> bool:
        """Whether the seller's books are closed over it; one in twenty may still change."""
        return self.drawn("final", 20) > 0

    @cached_property
    def created(self) -> datetime:
        return self.moment("created", self.invoice.issued)

    @property
    def updated(self) -> datetime:
        return self.invoice.changed or self.created + timedelta(minutes=self.drawn("updated after", 60 * 24 * 20))

    def moment(self, name: str, day: date) -> datetime:
        """A moment of `day` in Berlin, in UTC: now and then just after midnight, when UTC has another day."""
        minutes = (15, 30, 23 * 60 + 45, 12 * 60, 6 * 60 + 31)[self.drawn(f"time {name}", 5)]
        return datetime.combine(day, time(minutes // 60, minutes % 60), BERLIN).astimezone(UTC)

    @cached_property
    def _gross(self) -> int:
        return int(self.invoice.total.scaleb(self.decimals))

    @cached_property
    def _net(self) -> int:
        return _half_up(self._gross * 100, 100 + self.rate)

    def _line(self, number: int, net: int, tax: int) -> Line:
        if net <= 0:
            return self._plain(number, net, tax)
        duration = (1, 1, 3, 12)[self.drawn(f"duration {number}", 4)]
        duration = 1 if net % duration else duration
        each = net // duration
        quantity = 1 + self.drawn(f"quantity {number}", 12)
        dearer = each // 20 if self.drawn(f"dearer {number}", 4) == 0 else 0
        return self._told(number, net, tax, _Terms(quantity, -(-each // quantity) + dearer, duration))

    def _plain(self, number: int, net: int, tax: int) -> Line:
        return self._told(number, net, tax, _Terms(1, net, 1))

    def _told(self, number: int, net: int, tax: int, terms: _Terms) -> Line:
        product, family = PRODUCTS[self.drawn(f"product {number}", len(PRODUCTS))]
        return Line(
            number=number,
            product=product,
            family=family,
            cost_centre=COST_CENTRES[self.drawn(f"cost centre {number}", len(COST_CENTRES))],
            quantity=terms.quantity,
            unit_price=self._amount(terms.price),
            discount=self._amount(terms.quantity * terms.price - net // terms.duration),
            duration=terms.duration,
            net=self._amount(net),
            tax=self._amount(tax),
            correction=net < 0,
        )

    def _amount(self, minor: int) -> Decimal:
        return Decimal(minor).scaleb(-self.decimals)


def months_later(day: date, months: int) -> date:
    """The first of the month that many months after the month of `day`."""
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def _half_up(dividend: int, divisor: int) -> int:
    """The quotient, rounded to the nearest; a half goes away from zero, as merchants round."""
    quotient = (2 * abs(dividend) + divisor) // (2 * divisor)
    return quotient if dividend >= 0 else -quotient
