"""Amounts stay exactly what they were, or are refused with a reason."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.money import Money, minor_units, objections, texts, totals

cents = st.integers(-(10**17), 10**17)


@pytest.mark.parametrize(
    ("currency", "units"),
    [
        ("USD", 2),
        ("EUR", 2),
        ("JPY", 0),
        ("KWD", 3),
        ("CLF", 4),
        ("XXX", None),
        ("NOPE", None),
        ("usd", None),
        ("", None),
    ],
)
def test_a_currency_has_the_decimals_of_iso_4217(currency, units):
    assert minor_units(currency) == units


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [
        ("440.125", "USD", "440.125 has 3 decimals, USD has 2"),
        ("0.5", "JPY", "0.5 has 1 decimals, JPY has 0"),
        ("1", "XBT", "'XBT' is not a currency of ISO 4217"),
        ("NaN", "USD", "NaN is not a finite amount"),
        ("Infinity", "USD", "Infinity is not a finite amount"),
    ],
)
def test_an_amount_that_its_currency_cannot_express_is_refused_and_never_rounded(amount, currency, reason):
    assert objections(Decimal(amount), currency) == (reason,)
    with pytest.raises(ValueError, match=r"decimals|currency|finite"):
        Money(amount=Decimal(amount), currency=currency)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("440", "USD", "440.00"),
        ("440.000", "USD", "440.00"),
        ("1E+5", "JPY", "100000"),
        ("-0.1", "EUR", "-0.10"),
        ("1.5", "KWD", "1.500"),
        ("0", "USD", "0.00"),
    ],
)
def test_an_amount_is_written_with_its_currencys_decimals_and_without_exponent(amount, currency, text):
    assert Money(amount=Decimal(amount), currency=currency).text == text


@given(cents)
def test_writing_an_amount_and_reading_it_back_gives_the_same_amount(minor):
    money = Money(amount=Decimal(minor).scaleb(-2), currency="USD")
    assert Decimal(money.text) == money.amount


@given(st.lists(cents, max_size=50))
def test_a_sum_of_decimals_is_the_sum_of_the_minor_units(minors):
    sums = totals(("USD", Decimal(minor).scaleb(-2)) for minor in minors)
    assert sums.get("USD", Decimal(0)) == Decimal(sum(minors)).scaleb(-2)


def test_sums_are_kept_apart_by_currency():
    sums = totals([("USD", Decimal("0.1")), ("EUR", Decimal(1)), ("USD", Decimal("0.2"))])
    assert texts(sums) == {"EUR": "1.00", "USD": "0.30"}
