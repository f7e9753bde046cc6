"""What SAP's entity type cannot hold is found before anything is sent."""

import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.invoice import Invoice
from pipeline.model.money import Money
from pipeline.sap.invoice_entity import PROPERTIES, FrozenEntity, build, differences


def day(number):
    return datetime.fromisoformat(f"2023-10-{number}T00:00:00")


INVOICE = Invoice(
    source="postman",
    id="inv_1",
    status="PAID",
    issued_on=date(2023, 10, 12),
    total=Money(amount=Decimal(440), currency="USD"),
    link="https://x",
)
SEEN = {
    "ID": "inv_1",
    "Status": "PAID",
    "IssuedAt": day(12),
    "Value": Decimal("440.000"),
    "Currency": "USD",
    "Link": "https://x",
}


def test_the_payload_is_what_a_strict_gateway_takes_amounts_as_text_and_days_as_datetimes():
    entity = build(INVOICE)
    assert isinstance(entity, FrozenEntity)
    assert entity.key == "inv_1"
    assert (
        entity.payload
        == b'{"ID":"inv_1","Status":"PAID","IssuedAt":"2023-10-12T00:00:00","Value":"440.00","Currency":"USD","Link":"https://x"}'
    )


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"id": "x" * 41}, ("ID: 41 characters, SAP's property holds 40",)),
        ({"id": "🍮" * 21}, ("ID: 42 characters, SAP's property holds 40",)),
        ({"id": "inv_1 "}, ("ID: begins or ends with blanks, which SAP does not keep",)),
        ({"id": "in\nv"}, ("ID: contains control characters",)),
        ({"id": "\ud800"}, ("ID: is not sound Unicode",)),
        ({"status": "x" * 21}, ("Status: 21 characters, SAP's property holds 20",)),
        ({"link": "x" * 1025}, ("Link: 1025 characters, SAP's property holds 1024",)),
        (
            {"total": Money(amount=Decimal("0.1234"), currency="CLF")},
            ("Value: 0.1234 has 4 decimals, SAP's property has 3",),
        ),
        (
            {"total": Money(amount=Decimal(12345678901234), currency="JPY")},
            ("Value: 12345678901234 has more digits than precision 16, scale 3 can hold",),
        ),
        (
            {"id": "x" * 41, "status": "y" * 21},
            ("ID: 41 characters, SAP's property holds 40", "Status: 21 characters, SAP's property holds 20"),
        ),
    ],
)
def test_what_sap_would_cut_or_refuse_is_an_objection_and_all_objections_come_together(changed, reasons):
    assert build(replace(INVOICE, **changed)) == reasons


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "x" * 40},
        {"link": "x" * 1024},
        {"link": ""},
        {"total": Money(amount=Decimal(-9999999999999), currency="JPY")},
    ],
)
def test_what_just_fits_is_sent(changed):
    assert isinstance(build(replace(INVOICE, **changed)), FrozenEntity)


def test_the_same_invoice_has_the_same_digest_and_another_one_another():
    same = replace(INVOICE, total=Money(amount=Decimal("440.00"), currency="USD"))
    other = replace(INVOICE, total=Money(amount=Decimal("440.01"), currency="USD"))
    assert build(same).digest == build(INVOICE).digest != build(other).digest


@given(st.dates())
def test_a_day_is_written_as_the_same_day(day):
    sent = json.loads(build(replace(INVOICE, issued_on=day)).payload)
    assert sent["IssuedAt"] == f"{day.year:04}-{day.month:02}-{day.day:02}T00:00:00"


def test_a_document_that_only_spells_otherwise_is_the_same():
    assert differences(build(INVOICE).payload, SEEN) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Value", Decimal("440.01")),
        ("Value", None),
        ("Currency", "EUR"),
        ("IssuedAt", day(11)),
        ("Status", ""),
        ("Link", "https://y"),
        ("ID", "inv_2"),
    ],
)
def test_a_document_that_differs_in_any_property_is_another(name, value):
    found = differences(build(INVOICE).payload, {**SEEN, name: value})
    assert [text.split(":")[0] for text in found] == [name]


def test_an_empty_link_and_null_are_the_same():
    assert differences(build(replace(INVOICE, link="")).payload, {**SEEN, "Link": None}) == ()


def test_the_mapping_names_each_property_once():
    assert len({prop.name for prop in PROPERTIES}) == len(PROPERTIES)
