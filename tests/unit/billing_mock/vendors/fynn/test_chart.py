"""The accounts of SKR03 and SKR04."""

import pytest

from billing_mock.options import Chart
from billing_mock.vendors.fynn.accounting.chart import ACCOUNTS, account

TYPES = {  # as the documentation lists them
    "bankAccount", "ledgerAccount", "revenueGermany", "revenueGermanyReduced", "salesDeductionAccount", "revenueEurope",
    "revenueTaxFree", "bankFees", "passiveDeferral", "debtor", "paypal", "stripe", "sepaDebit", "goCardless",
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "skr03", "skr04"),
    [
        ("bankAccount", "1200", "1800"),
        ("debtor", "1400", "1200"),  # 1200 is the bank in one chart and the debtors in the other
        ("revenueGermany", "8400", "4400"),
        ("revenueGermanyReduced", "8300", "4300"),
        ("salesDeductionAccount", "8700", "4700"),
        ("revenueEurope", "8336", "4336"),
        ("revenueTaxFree", "8120", "4120"),
        ("bankFees", "4970", "6855"),
        ("passiveDeferral", "0990", "3900"),
        ("ledgerAccount 19", "1776", "3806"),
        ("ledgerAccount 7", "1771", "3801"),
    ],
)
def test_each_account_has_its_number_in_both_charts(key, skr03, skr04):
    assert (account(key, Chart.SKR03).number, account(key, Chart.SKR04).number) == (skr03, skr04)


def test_every_documented_type_has_an_account_and_no_other():
    assert {account(key, Chart.SKR03).type for key in ACCOUNTS} == TYPES


def test_no_number_is_used_twice_in_a_chart():
    for chart in Chart:
        numbers = [account(key, chart).number for key in ACCOUNTS]
        assert len(set(numbers)) == len(numbers)


def test_a_posting_key_stands_before_automatic_accounts_only():
    assert account("revenueGermany", Chart.SKR03, with_posting_key=True).number == "40.8400"
    assert account("debtor", Chart.SKR03, with_posting_key=True).number == "1400"
