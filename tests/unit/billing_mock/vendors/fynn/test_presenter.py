"""Fynn's dialect: the documented members, money in the smallest unit, days that only in Berlin are what they mean."""

import json
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from billing_mock.books import Books
from billing_mock.dataset import CURRENCIES, DEFECTS, Dataset
from billing_mock.options import Options
from billing_mock.vendors.fynn import presenter
from billing_mock.vendors.fynn.accounting.postings import postings

TODAY = date(2026, 11, 24)


def records(options=None, **choices):
    """Each posting with its record as it is told."""
    for document in Books(Dataset(**choices)).documents():
        for posting in postings(document):
            yield document, posting, presenter.posting_record(document, posting, options or Options())


def test_the_example_is_the_documentation_s_word_for_word():
    example = presenter.EXAMPLE
    assert list(example) == ["id", "debit", "credit", "createdAt", "updatedAt", "type", "committed"]
    assert example["debit"] == example["credit"]
    assert example["debit"]["amount"] == {}
    assert example["debit"]["account"] == {
        "id": "f3b3b3b3-3b3b-3b3b-3b3b-3b3b3b3b3b3b",
        "name": "Bankkonto",
        "number": "1200",
        "type": "revenueGermany",
    }
    assert example["debit"]["dimensions"]["subscriptionId"] == "ad8f8f8f-8f8f-8f-8f-8f8f8f8f8f8f"
    assert example["debit"]["dimensions"]["taxRate"] == 19
    assert len(presenter.DIMENSIONS) == 22


def test_each_record_has_the_documented_members_and_no_other():
    for _, _, record in records(size=150):
        assert list(record) == list(presenter.EXAMPLE)
        for side in (record["debit"], record["credit"]):
            assert list(side) == ["id", "amount", "date", "account", "dimensions"]
            assert set(side["dimensions"]) <= set(presenter.DIMENSIONS)
            assert set(side["account"]) == {"id", "name", "number", "type"}


def test_amount_day_and_currency_read_back_as_they_were_posted():
    for document, posting, record in records(size=300):
        assert record["debit"]["amount"] == record["credit"]["amount"]
        money = record["debit"]["amount"]
        assert isinstance(money["amount"], int)
        decimals = money.get("precision", CURRENCIES[money["currencyCode"]])
        assert Decimal(money["amount"]).scaleb(-decimals) == posting.amount
        assert money["currencyCode"] == document.invoice.currency
        told = datetime.fromisoformat(record["debit"]["date"])
        assert told.astimezone(ZoneInfo("Europe/Berlin")).date() == posting.day
        assert record["debit"]["date"] == record["credit"]["date"]


def test_some_days_are_another_day_in_utc_and_some_amounts_do_not_say_their_decimals():
    told = list(records(size=300))
    assert any(record["debit"]["date"][:10] != posting.day.isoformat() for _, posting, record in told)
    assert {"precision" in record["debit"]["amount"] for _, _, record in told} == {True, False}


def test_amounts_can_be_told_as_text():
    for _, _, record in records(Options(fynn_amounts="string"), size=5):
        assert isinstance(record["debit"]["amount"]["amount"], str)


def test_posting_keys_stand_before_some_numbers_unless_switched_off():
    def numbers(**switches):
        told = records(Options(**switches), size=200)
        return {record[side]["account"]["number"] for _, _, record in told for side in ("debit", "credit")}

    assert {"8400", "40.8400", "40.8300"} <= numbers()
    assert not any("." in number for number in numbers(fynn_posting_keys=False))
    assert {"4400", "40.4400", "1200"} <= numbers(fynn_chart="skr04")


def test_ids_never_repeat_and_a_reversal_names_what_it_takes_back():
    ids, reversed_ids = [], set()
    for document, posting, record in records(size=400):
        ids.append(record["id"])
        if posting.reverses is not None:
            told = record["debit"]["dimensions"]
            reversed_ids.add(told["reversalPostingId"])
            assert told["cancelInvoiceNumber"] == f"RE-{document.invoice.number}"
            assert told["invoiceNumber"] == f"ST-{document.invoice.number}"
    assert len(set(ids)) == len(ids)
    assert reversed_ids
    assert reversed_ids <= set(ids)
    assert {len(id_) for id_ in ids} == {36}


BAD = {
    "amount_missing": lambda told: told["debit"]["amount"] == {},
    "date_malformed": lambda told: told["debit"]["date"] == "12/10/2023",
    "amount_too_fine": lambda told: told["debit"]["amount"]["precision"] == 4,
    "number_too_long": lambda told: len(told["id"]) > 40,
    "amount_as_text": lambda told: told["debit"]["amount"]["amount"] == "1.234,56",
    "currency_missing": lambda told: "currencyCode" not in told["debit"]["amount"],
    "not_a_record": lambda told: isinstance(told, str),
    "date_impossible": lambda told: told["credit"]["date"].startswith("2023-02-30"),
    "number_missing": lambda told: "id" not in told,
    "amount_too_big": lambda told: told["debit"]["amount"]["amount"] > 10**20,
}


def test_each_defect_can_be_seen():
    told = [(document.invoice.defect, record) for document, _, record in records(size=0, bad=len(DEFECTS))]
    assert [defect for defect, _ in told] == list(DEFECTS)
    for defect, record in told:
        assert BAD[defect](record), defect
        assert json.dumps(record)


@pytest.mark.parametrize("today", [date(2019, 1, 1), date(2024, 2, 29), TODAY, date(2030, 1, 1)])
def test_what_is_committed_and_due_is_expected_and_the_rest_held(today):
    books = Books(Dataset(size=200, bad=3))
    expected = presenter.expected(books.documents(), [], Options(today=today))
    made = [(one, posting) for one in books.documents() if not one.invoice.defect for posting in postings(one)]
    due = [posting.amount for one, posting in made if one.final and posting.day <= today]
    assert (expected.delivered, expected.held, expected.quarantined) == (len(due), len(made) - len(due), 3 + 1)
    assert sum(expected.sums.values()) == sum(due)
