"""The made-up invoices: the same everywhere, as odd as real ones, all of them deliverable."""

import re
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import islice

import pytest

from billing_mock.dataset import CURRENCIES, DEFECTS, EDGE_DATES, SEED_DOCUMENT_INVOICE, Dataset, drawing


def test_the_example_invoice_of_the_postman_blog_is_always_the_first():
    for seed, size in [(1, 1), (2, 1000), (99, 200_000)]:
        first = next(iter(Dataset(seed=seed, size=size)))
        assert first == SEED_DOCUMENT_INVOICE
    assert SEED_DOCUMENT_INVOICE.issued == date(2023, 10, 12)
    assert SEED_DOCUMENT_INVOICE.total == Decimal(440)


def test_two_data_sets_of_one_seed_are_equal_and_two_seeds_are_not():
    assert list(Dataset(seed=7, size=200)) == list(Dataset(seed=7, size=200))
    assert list(Dataset(seed=7, size=200))[1:] != list(Dataset(seed=8, size=200))[1:]


def test_a_larger_data_set_begins_with_the_smaller_one():
    assert list(islice(Dataset(size=5000), 300)) == list(Dataset(size=300))


def test_what_is_drawn_depends_on_nothing_but_seed_position_and_name():
    # written down once: another Python or another machine must draw the same
    assert [drawing(1, 2)("amount", 1000), drawing(1, 3)("amount", 1000), drawing(1, 2)("day", 1000)] == [584, 959, 867]


def test_numbers_never_repeat_and_fit_sap_s_key_with_the_vendor_s_prefix():
    numbers = [invoice.number for invoice in Dataset(size=20_000, bad=100)]
    assert len(set(numbers)) == len(numbers)
    assert {len(number) for number in numbers} >= {16, 36}
    assert all(re.fullmatch("[0-9A-Z]{16,36}", number) for number in numbers)


@pytest.mark.parametrize("position", [0, 1, 2, 499, 999, 1000, 1009])
def test_an_invoice_is_found_again_by_its_number(position):
    dataset = Dataset(size=1000, bad=10)
    assert dataset.position_of(dataset.invoice(position).number) == position


@pytest.mark.parametrize("number", ["", "7UDSYBJPGQU93N7", "0000000000000000", "AAAAAAAAAAAAAAAA", "ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ"])
def test_a_number_that_was_never_given_out_is_not_found(number):
    assert Dataset(size=1000).position_of(number) is None


def test_amounts_have_at_most_the_decimals_of_their_currency_and_are_never_negative():
    for invoice in Dataset(size=6000):
        assert isinstance(invoice.total, Decimal)
        assert invoice.total == round(invoice.total, CURRENCIES[invoice.currency])
        assert 0 <= invoice.total < 10**12


def test_a_thousand_invoices_have_what_real_ones_have():
    invoices = list(Dataset(size=1000))
    currencies = Counter(invoice.currency for invoice in invoices)
    assert set(currencies) == set(CURRENCIES)
    assert currencies["USD"] > 850
    facts = {
        "whole amounts": sum(invoice.total == int(invoice.total) for invoice in invoices),
        "cents": sum(invoice.total != int(invoice.total) for invoice in invoices),
        "less than one": sum(0 < invoice.total < 1 for invoice in invoices),
        "zero": sum(invoice.total == 0 for invoice in invoices),
        "over a million": sum(invoice.total > 10**6 for invoice in invoices),
        "no page on the web": sum(not invoice.web_page for invoice in invoices),
        "name beyond ASCII": sum(not invoice.customer.isascii() for invoice in invoices),
        "edge dates": sum(invoice.issued in EDGE_DATES for invoice in invoices),
        "leap day": sum((invoice.issued.month, invoice.issued.day) == (2, 29) for invoice in invoices),
        "long number": sum(len(invoice.number) > 16 for invoice in invoices),
    }
    assert all(facts.values()), facts


def test_only_usd_changes_the_currency_and_nothing_about_which_invoices_there_are():
    plain, usd = list(Dataset(size=300)), list(Dataset(size=300, only_usd=True))
    assert {invoice.currency for invoice in usd} == {"USD"}
    assert [invoice.number for invoice in plain] == [invoice.number for invoice in usd]
    assert [invoice.issued for invoice in plain] == [invoice.issued for invoice in usd]


@pytest.mark.parametrize(("size", "bad"), [(1000, 0), (1000, 7), (10, 10), (3, 25), (0, 4), (0, 0), (1, 1)])
def test_bad_records_come_on_top_and_every_kind_takes_its_turn(size, bad):
    records = list(Dataset(size=size, bad=bad))
    assert Counter(record.defect is None for record in records) == Counter({True: size, False: bad}) - Counter()
    kinds = [record.defect for record in records if record.defect]
    assert kinds == [DEFECTS[turn % len(DEFECTS)] for turn in range(bad)]


def test_bad_records_stand_among_the_good_ones_so_that_one_can_stop_another():
    records = list(Dataset(size=100, bad=4))
    places = [place for place, record in enumerate(records) if record.defect]
    assert places == [20, 41, 62, 83]
