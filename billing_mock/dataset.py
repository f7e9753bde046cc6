"""The invoices themselves, before any vendor's dialect: a pure function of (seed, position), so any size costs nothing.

Decimal and date only. A field that is added later draws under its own name and therefore moves no other field.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

CURRENCIES = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3}
"""Currency → decimals (ISO 4217)."""

DEFECTS = (
    "amount_missing",
    "date_malformed",
    "amount_too_fine",
    "number_too_long",
    "amount_as_text",
    "currency_missing",
    "not_a_record",
    "date_impossible",
    "number_missing",
    "amount_too_big",
)
"""What can be wrong with a record so that it cannot be delivered; each vendor shows it in its own dialect."""

EDGE_DATES = tuple(
    date.fromisoformat(day)
    for day in (
        "2020-02-29",  # leap days
        "2024-02-29",
        "2021-12-31",  # ends of years, and the days after
        "2022-01-01",
        "2023-12-31",
        "2024-01-01",
        "2024-04-30",  # ends of months
        "2025-02-28",
        "2026-06-30",
        "2026-10-31",
        "2024-03-31",  # clocks change: Berlin
        "2024-10-27",
        "2025-03-09",  # clocks change: New York
        "2024-11-03",
        "2025-04-06",  # clocks change: Auckland
        "2025-09-28",
    )
)

EDGE_MINOR_UNITS = (0, 1, 7, 10, 99, 100, 110, 1005, 10010, 999_999, 2_147_483_648, 9_999_999_999)
"""Amounts, in the smallest unit of their currency, on which arithmetic with binary fractions stumbles."""

CUSTOMERS = (
    "Taylor Lee Ltd",
    "Müller & Söhne GmbH",
    "Çelik İnşaat A.Ş.",
    "Łódzka Spółka z o.o.",
    "Société Générale d'Été",
    "Ærø Købmænd ApS",
    "株式会社東京請求",
    "שלום בע״מ",
    "हिन्दी उद्योग",
    "Crème Brûlée 🍮 Inc.",
)

FIRST_DAY = date(2019, 1, 1)
LAST_DAY = date(2026, 10, 31)

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 characters that nobody confuses
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_HALF = 1 << 40  # eight of them
_STRIDE = 0x9E3779B97B  # odd, hence invertible modulo 2**40: positions are scattered and never collide
_STRIDE_BACK = pow(_STRIDE, -1, _HALF)


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """One invoice as every billing system would know it; `defect` says what is wrong with its record, if anything."""

    position: int
    number: str
    issued: date
    total: Decimal
    currency: str
    customer: str
    web_page: bool
    defect: str | None = None
    changed: datetime | None = None  # when its total was last changed, if ever


SEED_DOCUMENT_INVOICE = Invoice(
    position=0,
    number="7UDSYBJPGQU93N7M",
    issued=date(2023, 10, 12),
    total=Decimal(440),
    currency="USD",
    customer=CUSTOMERS[0],
    web_page=True,
)
"""The example invoice of the Postman blog on the billing endpoints; the first of every data set."""


Draw = Callable[[str, int], int]
"""From a name and a bound to a number from 0 to below that bound."""


def drawing(seed: int, position: int) -> Draw:
    """What draws numbers that depend on these two and their own name alone, on every machine and Python."""
    begun = hashlib.blake2b(f"{seed}/{position}/".encode(), digest_size=8)

    def draw(name: str, below: int) -> int:
        named = begun.copy()
        named.update(name.encode())
        return int.from_bytes(named.digest(), "big") % below

    return draw


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """`size` good invoices and `bad` records that cannot be delivered, spread among them."""

    seed: int = 1
    size: int = 1000
    bad: int = 0
    only_usd: bool = False

    def __iter__(self) -> Iterator[Invoice]:
        """All records in the order in which a vendor lists them."""
        return map(self.invoice, self.positions())

    def positions(self) -> Iterator[int]:
        """Where the records stand, in that order."""
        spread = self.size // (self.bad + 1) if self.bad else 0
        listed_bad = 0
        for position in range(self.size):
            yield position
            if spread and listed_bad < self.bad and (position + 1) % spread == 0:
                yield self.size + listed_bad
                listed_bad += 1
        yield from range(self.size + listed_bad, self.size + self.bad)

    def invoice(self, position: int) -> Invoice:
        """The record at `position`; those from `size` on are the bad ones."""
        if position == 0 and self.size:
            return SEED_DOCUMENT_INVOICE
        draw = drawing(self.seed, position)
        currency = "USD" if self.only_usd else _currency(draw)
        return Invoice(
            position=position,
            number=_number(draw, self._tail(position)),
            issued=_issued(draw),
            total=_total(draw, position, CURRENCIES[currency]),
            currency=currency,
            customer=CUSTOMERS[draw("customer", len(CUSTOMERS))],
            web_page=draw("web page", 12) > 0,
            defect=DEFECTS[(position - self.size) % len(DEFECTS)] if position >= self.size else None,
        )

    def position_of(self, number: str) -> int | None:
        """Where the invoice with this number is; None if there is none."""
        if self.size and number == SEED_DOCUMENT_INVOICE.number:
            return 0
        tail = number[8:16]
        if len(tail) < 8 or any(letter not in _ALPHABET for letter in tail):
            return None
        scattered = 0
        for letter in tail:
            scattered = scattered * 32 + _ALPHABET.index(letter)
        position = (scattered - self.seed) * _STRIDE_BACK % _HALF
        known = position < self.size + self.bad and self.invoice(position).number == number
        return position if known else None

    def _tail(self, position: int) -> int:
        """The second half of the number, from which `position_of` finds the way back."""
        return (position * _STRIDE + self.seed) % _HALF


def _currency(draw: Draw) -> str:
    share = draw("currency", 100)
    return ("EUR", "EUR", "EUR", "EUR", "GBP", "GBP", "JPY", "JPY", "KWD", "KWD")[share] if share < 10 else "USD"


def _number(draw: Draw, tail: int) -> str:
    """Sixteen characters as in the documented example; every twenty-fifth is longer, up to 36."""
    head = draw("number", _HALF)
    longer = draw("longer", 25 * 20)
    number = _letters(head, 8) + _letters(tail, 8)
    if longer >= 20:
        return number
    suffix = _letters(draw("suffix", 1 << 50), 10) + _letters(draw("end", 1 << 50), 10)
    return number + suffix[: longer + 1]


def _letters(value: int, length: int) -> str:
    """The last so many letters of a number; an even number of them."""
    return "".join([_PAIRS[value >> shift & 1023] for shift in range(5 * length - 10, -1, -10)])


def _issued(draw: Draw) -> date:
    if draw("edge date", 6) == 0:
        return EDGE_DATES[draw("which edge date", len(EDGE_DATES))]
    return FIRST_DAY + timedelta(days=draw("day", (LAST_DAY - FIRST_DAY).days + 1))


def _total(draw: Draw, position: int, decimals: int) -> Decimal:
    """Seats times a price as a rule, often with cents, now and then tiny, huge or zero."""
    kind = draw("kind of amount", 100)
    unit = 10**decimals
    if position % 5000 == 4999:
        minor = 10**12 * unit - 1  # as much as most ledgers can hold
    elif kind < 4:
        minor = EDGE_MINOR_UNITS[draw("edge amount", len(EDGE_MINOR_UNITS))]
    elif kind < 10:
        minor = draw("small amount", unit) + 1
    elif kind < 40:
        minor = (draw("seats", 200) + 1) * (14, 29, 49)[draw("price", 3)] * unit
    else:
        minor = draw("amount", 5000 * unit) + 1
    return Decimal(minor).scaleb(-decimals)
