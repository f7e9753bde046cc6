"""A Postman record becomes an invoice, or tells every reason why not."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.invoice import Invoice
from pipeline.model.money import Money
from pipeline.model.record import read_json
from pipeline.model.rejection import Rejection
from pipeline.schemas.postman import load, unknown_fields

LINK = "https://pay.postman.com/invoices/pay?invoice_public_id=inv_7UDSYBJPGQU93N7M"
EXAMPLE = f'{{"id":"inv_7UDSYBJPGQU93N7M","status":"PAID","issuedAt":"2023-10-12","totalAmount":{{"value":440,"currency":"USD"}},"links":{{"web":{{"href":"{LINK}"}}}}}}'


def record(**changed):
    values = {
        "id": "inv_1",
        "status": "PAID",
        "issuedAt": "2023-10-12",
        "totalAmount": {"value": 440, "currency": "USD"},
    }
    return {name: value for name, value in {**values, **changed}.items() if value is not ...}


def total(text, currency="USD"):
    return read_json(f'{{"value":{text},"currency":"{currency}"}}'.encode())


def test_the_example_of_postmans_article_is_an_invoice_of_440_dollars():
    assert load(read_json(EXAMPLE.encode())) == Invoice(
        source="postman",
        id="inv_7UDSYBJPGQU93N7M",
        status="PAID",
        issued_on=date(2023, 10, 12),
        total=Money(amount=Decimal(440), currency="USD"),
        link=LINK,
    )


@pytest.mark.parametrize("links", [..., None, {}, {"web": {}}, {"web": None}, {"web": {"href": None}}])
def test_a_link_may_be_absent_at_every_level(links):
    loaded = load(record(links=links))
    assert isinstance(loaded, Invoice)
    assert loaded.link == ""


REASONS = [
    (record(id=...), ["id: is missing"]),
    (record(id=None), ["id: is null"]),
    (record(id=""), ["id: is empty"]),
    (record(id=17), ["id: is not a text"]),
    (record(status=...), ["status: is missing"]),
    (record(issuedAt=...), ["issuedAt: is missing"]),
    (record(issuedAt="12/10/2023"), ["issuedAt: is not a day of the form YYYY-MM-DD"]),
    (record(issuedAt="20231012"), ["issuedAt: is not a day of the form YYYY-MM-DD"]),
    (record(issuedAt="2023-10-12T00:00:00Z"), ["issuedAt: is not a day of the form YYYY-MM-DD"]),
    (record(issuedAt="2023-02-30"), ["issuedAt: 2023-02-30 is not a day of the calendar"]),
    (record(totalAmount=...), ["totalAmount: is missing"]),
    (record(totalAmount=None), ["totalAmount: is null"]),
    (record(totalAmount=440), ["totalAmount: is not an object"]),
    (record(totalAmount={}), ["totalAmount.value: is missing", "totalAmount.currency: is missing"]),
    (record(totalAmount={"value": 440}), ["totalAmount.currency: is missing"]),
    (record(totalAmount=total("440", "NOPE")), ["totalAmount: 'NOPE' is not a currency of ISO 4217"]),
    (record(totalAmount=total("440.125")), ["totalAmount: 440.125 has 3 decimals, USD has 2"]),
    (record(totalAmount=total("1.5", "JPY")), ["totalAmount: 1.5 has 1 decimals, JPY has 0"]),
    (record(totalAmount=total("true")), ["totalAmount.value: is not an exact number"]),
    (
        record(totalAmount=total("1E+50000000")),
        ["totalAmount.value: 1E+50000000 is not an amount of at most 15 digits and 6 decimals"],
    ),
    (
        record(totalAmount=total("12345678901234567890.12")),
        ["totalAmount.value: 12345678901234567890.12 is not an amount of at most 15 digits and 6 decimals"],
    ),
    (
        record(totalAmount=total('"1_000"')),
        ["totalAmount.value: 1_000 is not an amount of at most 15 digits and 6 decimals"],
    ),
    (
        record(totalAmount=total('" 1.0 "')),
        ["totalAmount.value:  1.0  is not an amount of at most 15 digits and 6 decimals"],
    ),
    (record(totalAmount=total('"١٢"')), ["totalAmount.value: ١٢ is not an amount of at most 15 digits and 6 decimals"]),
    (
        record(totalAmount=total('"1.234,56"')),
        ["totalAmount.value: 1.234,56 is not an amount of at most 15 digits and 6 decimals"],
    ),
    (record(totalAmount={"value": 440.0, "currency": "USD"}), ["totalAmount.value: is not an exact number"]),
    (record(totalAmount=total("NaN")), ["totalAmount.value: NaN is not a number"]),
    (record(links={"web": {"href": 5}}), ["links.web.href: is not a text"]),
    (record(links=[]), ["links: is not an object"]),
    ("invoice inv_1 is not available", ["the record is a text, not an object"]),
    (None, ["the record is null, not an object"]),
    ([], ["the record is a list, not an object"]),
]


@pytest.mark.parametrize(("raw", "reasons"), REASONS)
def test_a_record_that_is_no_invoice_says_why(raw, reasons):
    loaded = load(raw)
    assert isinstance(loaded, Rejection)
    assert list(loaded.reasons) == reasons


def test_all_reasons_of_a_record_come_together():
    loaded = load({"id": "", "issuedAt": "yesterday", "totalAmount": {"value": "x"}})
    assert isinstance(loaded, Rejection)
    assert {reason.split(":")[0] for reason in loaded.reasons} == {
        "id",
        "status",
        "issuedAt",
        "totalAmount.value",
        "totalAmount.currency",
    }


def test_a_rejected_record_keeps_its_id_so_that_it_can_be_found():
    assert load(record(totalAmount=...)).id == "inv_1"


def test_a_field_that_the_vendor_added_is_tolerated_and_counted():
    raw = record(dueAt="2024-01-01", totalAmount={"value": 1, "currency": "USD", "tax": 0})
    assert isinstance(load(raw), Invoice)
    assert unknown_fields(raw) == ["dueAt", "totalAmount.tax"]


@given(st.decimals(min_value=0, max_value=10**13, places=2, allow_nan=False))
def test_an_amount_arrives_as_it_was_written(amount):
    loaded = load(read_json(json.dumps(record()).replace("440", f"{amount:f}").encode()))
    assert isinstance(loaded, Invoice)
    assert loaded.total.amount == amount


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "status", "issuedAt", "totalAmount", "value", "currency", "links", "web", "href"]
                ),
                inner,
            )
        ),
    )
)
def test_any_json_is_an_invoice_or_a_rejection_with_reasons(raw):
    loaded = load(raw)
    assert isinstance(loaded, Invoice) or loaded.reasons


CENTS = [("44000", "USD", "440.00"), ("1", "EUR", "0.01"), ("440", "JPY", "440"), ('"1005"', "KWD", "1.005")]


@pytest.mark.parametrize(("value", "currency", "amount"), CENTS)
def test_amounts_may_count_the_smallest_units(value, currency, amount):
    assert load(record(totalAmount=total(value, currency)), unit="minor").total.text == amount


@pytest.mark.parametrize(("value", "currency"), [("440.5", "USD"), ("1", "NOPE")])
def test_smallest_units_are_whole_and_of_a_currency(value, currency):
    assert isinstance(load(record(totalAmount=total(value, currency)), unit="minor"), Rejection)
