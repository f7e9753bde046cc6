"""Postman's dialect: the documented members, amounts as exact text, and each way in which a record can be bad."""

import json
from datetime import date
from decimal import Decimal

import pytest

from billing_mock.dataset import DEFECTS, SEED_DOCUMENT_INVOICE, Dataset, Invoice
from billing_mock.vendors.postman import presenter


def shown(**changes):
    known = {
        "position": 1,
        "number": "ABCDEFGH23456789",
        "issued": date(2024, 2, 29),
        "total": Decimal("12.30"),
        "currency": "USD",
        "customer": "Ærø ApS",
        "web_page": True,
    }
    return presenter.invoice(Invoice(**(known | changes)))


def test_the_example_invoice_is_the_blog_s_byte_for_byte_value_for_value():
    assert json.loads(presenter.invoice(SEED_DOCUMENT_INVOICE)) == {
        "id": "inv_7UDSYBJPGQU93N7M",
        "status": "PAID",
        "issuedAt": "2023-10-12",
        "totalAmount": {"value": 440, "currency": "USD"},
        "links": {"web": {"href": "https://pay.postman.com/invoices/pay?invoice_public_id=inv_7UDSYBJPGQU93N7M"}},
    }


@pytest.mark.parametrize(
    ("total", "text"),
    [
        ("440", "440"),
        ("440.00", "440"),
        ("0.00", "0"),
        ("0.10", "0.1"),
        ("0.01", "0.01"),
        ("1.005", "1.005"),
        ("100.10", "100.1"),
        ("1E+3", "1000"),
        ("999999999999.99", "999999999999.99"),
        ("120", "120"),
    ],
)
def test_an_amount_is_written_as_javascript_would_and_exactly(total, text):
    assert f'"value":{text},' in shown(total=Decimal(total))


def test_every_listed_invoice_reads_back_as_it_stands_in_the_books():
    for record in Dataset(size=2000):
        told = json.loads(presenter.invoice(record), parse_float=Decimal, parse_int=Decimal)
        assert told["totalAmount"] == {"value": record.total, "currency": record.currency}
        assert date.fromisoformat(told["issuedAt"]) == record.issued
        assert presenter.number_of(told["id"]) == record.number
        assert len(told["id"]) <= 40
        assert told["status"] == "PAID"


def test_links_are_sometimes_missing_long_or_beyond_ascii():
    told = [json.loads(presenter.invoice(record)) for record in Dataset(size=1000)]
    hrefs = [element.get("links", {}).get("web", {}).get("href") for element in told]
    missing = [element.get("links") for element, href in zip(told, hrefs, strict=True) if href is None]
    assert None in missing
    assert {} in missing
    assert {"web": {}} in missing
    present = [href for href in hrefs if href]
    assert any(not href.isascii() for href in present)
    assert 255 < max(map(len, present)) <= 1024


BAD = {
    "amount_missing": lambda told: "value" not in told["totalAmount"],
    "date_malformed": lambda told: told["issuedAt"] == "12/10/2023",
    "amount_too_fine": lambda told: told["totalAmount"]["value"] == Decimal("12.3456"),
    "number_too_long": lambda told: len(told["id"]) > 40,
    "amount_as_text": lambda told: told["totalAmount"]["value"] == "1.234,56",
    "currency_missing": lambda told: told["totalAmount"]["currency"] is None,
    "not_a_record": lambda told: isinstance(told, str),
    "date_impossible": lambda told: told["issuedAt"] == "2023-02-30",
    "number_missing": lambda told: "id" not in told,
    "amount_too_big": lambda told: told["totalAmount"]["value"] > 10**18,
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_can_be_seen(defect):
    assert BAD[defect](json.loads(shown(defect=defect), parse_float=Decimal))


def test_two_records_with_one_defect_are_still_two_records():
    for defect in DEFECTS:
        assert shown(defect=defect) != shown(defect=defect, number="ZZZZZZZZ23456789")


def test_good_records_are_expected_and_summed_per_currency_and_bad_ones_quarantined():
    records = [
        *Dataset(size=1),
        *Dataset(size=0, bad=4),
        Invoice(
            position=9,
            number="X" * 16,
            issued=date(2024, 1, 1),
            total=Decimal("0.60"),
            currency="USD",
            customer="",
            web_page=False,
        ),
    ]
    expected = presenter.expected(records)
    assert (expected.delivered, expected.held, expected.quarantined) == (2, 0, 4)
    assert expected.sums == {"USD": Decimal("440.60")}
