"""Rounding, and only by rule: half up, to the decimals of the currency.

Vendors compute line by line or on the sum, and the two differ by some units (tax on the sum 334.99, per line 335.00).
Whatever figure neither way gives is not the figure of these lines.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

from pipeline.model.money import minor_units

_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount with the currency's own decimals, half up; unchanged where ISO 4217 knows no such currency."""
    units = minor_units(currency)
    return amount if units is None else amount.quantize(Decimal(1).scaleb(-units), context=_WIDE)


def product(*factors: Decimal) -> Decimal:
    """The factors multiplied, exact up to sixty digits."""
    result = Decimal(1)
    for factor in factors:
        result = _WIDE.multiply(result, factor)
    return result


def total(parts: Iterable[Decimal]) -> Decimal:
    """The parts added, exact up to sixty digits."""
    result = Decimal(0)
    for part in parts:
        result = _WIDE.add(result, part)
    return result


def sums(parts: Sequence[Decimal], currency: str) -> tuple[Decimal, Decimal]:
    """The sum rounded at its end, and the sum of parts each rounded: the two ways in which vendors add up."""
    return rounded(total(parts), currency), total(rounded(part, currency) for part in parts)
