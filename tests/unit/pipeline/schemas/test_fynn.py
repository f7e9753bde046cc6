"""Fynn's records: money in minor units, days in Berlin, the example of its own documentation set aside."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.money import Money, minor_units
from pipeline.model.posting import Account, Posting
from pipeline.model.rejection import Rejection
from pipeline.schemas.fynn import load, unknown_fields

DIMENSIONS = {
    "costCentre1": "KOST1",
    "costCentre2": "KOST2",
    "invoiceNumber": "INV-2021-0001",
    "lineItemDescription": "Line item description",
    "taxRate": 19,
    "customerNumber": "CUST-2021-0001",
    "reversalPostingId": "8f8f8f8f-8f8f-8f-8f-8f8f8f8f8f8f",
}
SIDE = {
    "id": "f3b3b3b3-3b3b-3b3b-3b3b-3b3b3b3b3b3b",
    "amount": {"amount": 1000, "currencyCode": "EUR", "precision": 2},
    "date": "2023-11-07T05:31:56Z",
    "account": {"id": "x", "name": "Bankkonto", "number": "1200", "type": "revenueGermany"},
    "dimensions": DIMENSIONS,
}
GOLDEN = {
    "id": "f3b3b3b3-3b3b-3b3b-3b3b-3b3b3b3b3b3b",
    "debit": {**SIDE, "account": {"number": "1400", "type": "debtor"}},
    "credit": SIDE,
    "createdAt": "2023-11-07T05:31:56Z",
    "updatedAt": "2023-11-07T05:31:56Z",
    "type": "revenue",
    "committed": True,
}


def both(**members):
    """The golden record with these members on both sides."""
    return {**GOLDEN, **{side: {**GOLDEN[side], **members} for side in ("debit", "credit")}}


def money(amount, currency="EUR", **more):
    return both(amount={"amount": amount, "currencyCode": currency, **more})


def reasons(record):
    found = load(record)
    assert isinstance(found, Rejection)
    return found.reasons


def test_the_golden_example_field_by_field():
    assert load(GOLDEN) == Posting(
        source="fynn",
        id="f3b3b3b3-3b3b-3b3b-3b3b-3b3b3b3b3b3b",
        kind="revenue",
        day=date(2023, 11, 7),
        total=Money(amount=Decimal("10.00"), currency="EUR"),
        debit=Account(number="1400", type="debtor"),
        credit=Account(number="1200", type="revenueGermany"),
        committed=True,
        invoice_number="INV-2021-0001",
        customer_number="CUST-2021-0001",
        cost_centre="KOST1",
        text="Line item description",
        tax_rate=Decimal(19),
        reverses="8f8f8f8f-8f8f-8f-8f-8f8f8f8f8f8f",
    )


def test_the_documentations_own_record_with_its_empty_amounts_is_set_aside_never_zero():
    assert reasons(both(amount={})) == (
        "debit.amount: is empty: it says neither how much nor in which currency",
        "credit.amount: is empty: it says neither how much nor in which currency",
    )


AMOUNTS = [
    ({"amount": 1000, "currencyCode": "EUR", "precision": 2}, "10.00"),
    ({"amount": 1000, "currencyCode": "EUR"}, "10.00"),
    ({"amount": "1000", "currencyCode": "EUR", "precision": 2}, "10.00"),
    ({"amount": 1000, "currencyCode": "JPY"}, "1000"),
    ({"amount": 1000, "currencyCode": "JPY", "precision": 2}, "10"),
    ({"amount": 1000, "currencyCode": "KWD"}, "1.000"),
    ({"amount": 123400, "currencyCode": "EUR", "precision": 4}, "12.34"),
    ({"amount": 1, "currencyCode": "EUR"}, "0.01"),
]


@pytest.mark.parametrize(("amount", "text"), AMOUNTS)
def test_minor_units_become_an_exact_amount(amount, text):
    assert load(both(amount=amount)).total.text == text


WRONG_AMOUNTS = [
    ({"amount": 123456, "currencyCode": "EUR", "precision": 4}, "has 4 decimals, EUR has 2"),
    ({"amount": "10.00", "currencyCode": "EUR"}, "whole number of minor units"),
    ({"amount": Decimal("10.5"), "currencyCode": "EUR"}, "whole number of minor units"),
    ({"amount": True, "currencyCode": "EUR"}, "whole number of minor units"),
    ({"currencyCode": "EUR"}, "whole number of minor units"),
    ({"amount": 1000}, "currencyCode is missing"),
    ({"amount": 1000, "currencyCode": "XXQ"}, "not a currency"),
    ({"amount": 1000, "currencyCode": "EUR", "precision": 99}, "precision"),
    ({"amount": 0, "currencyCode": "EUR"}, "not greater than zero"),
    ({"amount": -1, "currencyCode": "EUR"}, "not greater than zero"),
    ({"amount": 10**24, "currencyCode": "EUR"}, "whole number of minor units"),
    ("10.00", "is not an object"),
]


@pytest.mark.parametrize(("amount", "words"), WRONG_AMOUNTS)
def test_an_amount_that_is_none_is_set_aside(amount, words):
    assert any(words in reason for reason in reasons(both(amount=amount)))


DAYS = [
    ("2026-06-30T22:30:00Z", date(2026, 7, 1)),  # summer time
    ("2026-06-30T21:59:59Z", date(2026, 6, 30)),
    ("2025-12-31T22:59:59Z", date(2025, 12, 31)),  # winter time, end of the year
    ("2025-12-31T23:00:00Z", date(2026, 1, 1)),
    ("2026-03-28T23:00:00Z", date(2026, 3, 29)),  # the night the clocks change
    ("2026-10-24T22:00:00Z", date(2026, 10, 25)),
    ("2026-10-25T23:00:00Z", date(2026, 10, 26)),
    ("2026-07-01T00:30:00+02:00", date(2026, 7, 1)),
    ("2026-06-30T22:30:00.123Z", date(2026, 7, 1)),
]


@pytest.mark.parametrize(("instant", "day"), DAYS)
def test_a_day_is_the_day_in_berlin(instant, day):
    assert load(both(date=instant)).day == day


@pytest.mark.parametrize(
    "instant", ["2023-11-07", "2023-11-07T05:31:56", "12/10/2023", "2023-02-30T12:00:00Z", 5, None]
)
def test_an_instant_without_zone_or_outside_the_calendar_is_set_aside(instant):
    assert len(reasons(both(date=instant))) == 2


def test_sides_that_do_not_agree_are_told_together():
    credit = {**SIDE, "date": "2023-11-09T05:31:56Z", "amount": {"amount": 999, "currencyCode": "EUR"}}
    assert [reason.partition(":")[0] for reason in reasons({**GOLDEN, "credit": credit})] == ["amount", "date"]


@pytest.mark.parametrize("committed", [None, "yes", 2, ...])
def test_committed_is_true_or_false_and_nothing_else(committed):
    assert reasons({**GOLDEN, "committed": committed})[0].startswith("committed: ")


def test_no_dimension_is_promised():
    found = load(both(dimensions=None))
    assert (found.invoice_number, found.tax_rate, found.reverses) == ("", None, "")
    assert load(both(dimensions={"taxRate": "standard", "costCentre1": ["x"]})).tax_rate is None


def test_what_is_not_known_is_counted_on_both_sides():
    record = both(dimensions={**DIMENSIONS, "region": "north"})
    assert unknown_fields({**record, "colour": "red"}) == [
        "colour",
        "credit.dimensions.region",
        "debit.dimensions.region",
    ]


@given(
    units=st.integers(min_value=1, max_value=10**15),
    currency=st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLP", "BHD"]),
)
def test_no_minor_unit_is_lost_whatever_the_currency(units, currency):
    total = load(money(units, currency)).total
    assert total.amount.scaleb(minor_units(currency)) == units
    assert total.text.replace(".", "").lstrip("0") == str(units)


@given(moment=st.datetimes(min_value=datetime(2000, 1, 1)), offset=st.integers(-14, 14))
def test_the_zone_in_which_an_instant_is_written_moves_no_day(moment, offset):
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    try:
        elsewhere = aware.astimezone(timezone(timedelta(hours=offset)))
    except OverflowError:
        return
    one, other = load(both(date=aware.isoformat())), load(both(date=elsewhere.isoformat()))
    assert getattr(one, "day", None) == getattr(other, "day", None)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ({"amount": 1000, "currencyCode": "EUR", "precision": 2}, "1000.00"),
        ({"amount": Decimal("10.5"), "currencyCode": "EUR"}, "10.50"),
        ({"amount": "0.01", "currencyCode": "EUR"}, "0.01"),
        ({"amount": 1000, "currencyCode": "JPY"}, "1000"),
        ({"amount": Decimal("1.005"), "currencyCode": "KWD"}, "1.005"),
    ],
)
def test_amounts_may_count_whole_euros(amount, text):
    assert load(both(amount=amount), unit="major").total.text == text


@pytest.mark.parametrize(
    "amount",
    [{"currencyCode": "EUR"}, {"amount": "12.345", "currencyCode": "EUR"}, {"amount": 1.5, "currencyCode": "EUR"}, {}],
)
def test_whole_euros_are_exact_too(amount):
    assert isinstance(load(both(amount=amount), unit="major"), Rejection)
