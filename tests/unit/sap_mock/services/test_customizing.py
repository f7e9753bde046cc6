"""The company data say what SAP's tables say; a file that cannot be used is refused with its reason."""

import json
from datetime import date
from decimal import Decimal

import pytest

from sap_mock.services.accounting.customizing import (
    _DEFAULT,
    Customizing,
    CustomizingWrong,
    alpha,
    decimals,
    fits,
    shown,
)

COMPANY = Customizing.read()


@pytest.mark.parametrize(
    ("chart", "accounts"),
    [
        ("SKR03", ["1200", "1400", "8400", "8300", "8700", "8720", "8710", "8336", "8125", "8120", "8338", "8100", "4970", "0990", "1776", "1771"]),
        ("SKR04", ["1800", "1200", "4400", "4300", "4700", "4720", "4710", "4336", "4125", "4120", "4338", "4100", "6855", "3900", "3806", "3801"]),
    ],
)  # fmt: skip
def test_each_chart_has_what_invoices_are_posted_to(chart, accounts):
    code = next(one for one in COMPANY.company_codes.values() if one.chart == chart)

    assert [number for number in accounts if COMPANY.account(code, number) is None] == []


@pytest.mark.parametrize(
    ("chart", "customers", "suppliers"), [("SKR03", "1400", "1600"), ("SKR04", "1200", "3300")]
)  # fmt: skip
def test_each_chart_has_its_reconciliation_accounts(chart, customers, suppliers):
    code = next(one for one in COMPANY.company_codes.values() if one.chart == chart)

    assert COMPANY.reconciliation_account(code, "customer") == alpha(customers)
    assert COMPANY.reconciliation_account(code, "supplier") == alpha(suppliers)


@pytest.mark.parametrize(
    ("number", "expected"),
    [("8400", "0000008400"), ("0000008400", "0000008400"), ("KOST1", "KOST1"), ("", ""), ("12345678901", "12345678901")],
)  # fmt: skip
def test_digits_get_leading_zeros(number, expected):
    assert alpha(number) == expected


@pytest.mark.parametrize(
    ("number", "known"),
    [("10000", True), ("0000069999", True), ("9999", False), ("70000", False), ("CUST-1", False), ("", False), ("²", False)],
)  # fmt: skip
def test_customers_are_known_by_their_intervals(number, known):
    assert (number in COMPANY.customers) is known


def test_a_single_master_is_known_with_and_without_leading_zeros(tmp_path):
    company = _changed(tmp_path, cost_centers=["4711", "KOST1"])

    assert [number in company.cost_centers for number in ("4711", "0000004711", "KOST1", "kost1")] == [True, True, True, False]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "today", "open_"),
    [
        ("2018-12-31", "2026-11-24", False),
        ("2020-01-01", "2026-11-24", True),
        ("2027-11-30", "2026-11-24", True),     # twelve months ahead, to the end of the month
        ("2027-12-01", "2026-11-24", False),
        ("2027-01-31", "2026-01-31", True),
        ("2027-02-01", "2026-01-31", False),
    ],
)  # fmt: skip
def test_periods_are_open_from_a_month_to_some_months_ahead(day, today, open_):
    assert COMPANY.is_open(date.fromisoformat(day), date.fromisoformat(today)) is open_


@pytest.mark.parametrize(
    ("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("XAU", 2), ("EUX", None), ("", None), ("eur", None)]
)
def test_currencies_have_their_decimals(currency, places):
    assert decimals(currency) == places


@pytest.mark.parametrize(
    ("amount", "currency", "fitting", "text"),
    [
        ("1.5",    "EUR", True,  "1.50"),
        ("1.500",  "EUR", True,  "1.50"),
        ("1.505",  "EUR", False, "1.505"),
        ("1.5",    "JPY", False, "1.5"),
        ("100",    "JPY", True,  "100"),
        ("1E+2",   "EUR", True,  "100.00"),
        ("1.2345", "EUX", True,  "1.2345"),
    ],
)  # fmt: skip
def test_amounts_fit_their_currency_or_not(amount, currency, fitting, text):
    assert fits(Decimal(amount), currency) is fitting
    assert shown(Decimal(amount), currency) == text


def _changed(folder, **changes):
    file = folder / "company.json"
    file.write_text(json.dumps(json.loads(_DEFAULT.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    return Customizing.read(file)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"posting_periods": {}},                                       "'open_from' is missing"),
        ({"posting_periods": {"open_from": "soon", "months_ahead": 1}}, "Invalid isoformat string"),
        ({"charts": {}},                                                "company code 1010 has the chart SKR03, which is not there"),
        ({"customers": ["A-B"]},                                        "invalid literal for int"),
        ({"tax_codes": {"V1": {"rate": "much"}}},                       "ConversionSyntax"),
        ({"company_codes": {"1010": {"label": "x"}}},                     "unexpected keyword argument"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_with_its_reason(tmp_path, changes, reason):
    with pytest.raises(CustomizingWrong) as refusal:
        _changed(tmp_path, **changes)

    assert str(tmp_path / "company.json") in str(refusal.value)
    assert reason in str(refusal.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CustomizingWrong, match="No such file"):
        Customizing.read(tmp_path / "company.json")
