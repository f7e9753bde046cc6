"""Amounts of money: exact decimals with their currency. Never a float, never rounded.

The number of decimals a currency has comes from ISO 4217 (package iso4217). SAP's own table TCURX differs from it for a
few currencies (HUF, TWD, IDR, COP); what one SAP system allows is a matter of its configuration, not of this module.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from functools import cache

from iso4217 import Currency

_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])


@cache
def minor_units(currency: str) -> int | None:
    """How many decimals the currency has, or None where ISO 4217 knows no such currency or gives it none."""
    try:
        exponent: int | None = Currency(currency).exponent
    except ValueError:
        return None
    return exponent


def decimals_of(amount: Decimal) -> int:
    """How many decimals are needed to write the amount exactly; trailing zeros do not count."""
    exponent = amount.normalize(_EXACT).as_tuple().exponent
    if not isinstance(exponent, int):
        raise TypeError(f"{amount} is not a finite amount")
    return max(0, -exponent)


def objections(amount: Decimal, currency: str) -> tuple[str, ...]:
    """Every reason why this amount cannot be money in this currency; empty when it can."""
    units = minor_units(currency)
    if units is None:
        return (f"'{currency}' is not a currency of ISO 4217",)
    if not amount.is_finite():
        return (f"{amount} is not a finite amount",)
    if decimals_of(amount) > units:
        return (f"{amount} has {decimals_of(amount)} decimals, {currency} has {units}",)
    return ()


@dataclass(frozen=True, kw_only=True)
class Money:
    """An amount that its currency can express. Raises ValueError for any other."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        reasons = objections(self.amount, self.currency)
        if reasons:
            raise ValueError("; ".join(reasons))

    @property
    def text(self) -> str:
        """The amount with exactly its currency's decimals and no exponent: `440.00`."""
        units = minor_units(self.currency) or 0
        return format(self.amount.quantize(Decimal(1).scaleb(-units), context=_EXACT), "f")

    def __str__(self) -> str:
        return f"{self.text} {self.currency}"


def add(sums: dict[str, Decimal], currency: str, amount: Decimal) -> None:
    """Add an amount to the exact sum of its currency."""
    sums[currency] = _EXACT.add(sums.get(currency, Decimal(0)), amount)


def totals(parts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """The exact sum per currency of (currency, amount), currencies in alphabetical order."""
    sums: dict[str, Decimal] = {}
    for currency, amount in parts:
        add(sums, currency, amount)
    return dict(sorted(sums.items()))


def texts(sums: dict[str, Decimal]) -> dict[str, str]:
    """Sums per currency as people and JSON show them, each with its currency's decimals."""
    return {currency: Money(amount=amount, currency=currency).text for currency, amount in sums.items()}
