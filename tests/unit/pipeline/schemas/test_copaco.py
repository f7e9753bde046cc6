"""Copaco's records: the documented formulas, credits below zero, days without zones."""

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest

from pipeline.model.invoice import Invoice
from pipeline.model.money import Money
from pipeline.model.rejection import Rejection
from pipeline.sap.invoice_entity import build
from pipeline.schemas.copaco import load, unknown_fields

LINE = {
    "LineId": "1",
    "Quantity": "3",
    "UnitPrice": "10.00",
    "Discount": "5.00",
    "Duration": "4",
    "ExtendedPrice": "100.00",
    "VAT": "21.00",
}
GOLDEN = {
    "Header": {
        "InvoiceID": "2026-0001",
        "Date": "2026-01-31",
        "Currency": "EUR",
        "Type": "Invoice",
        "TypeIdentifier": "380",
    },
    "Customers": [{"AccountID": None, "CostCenter": "KOST1", "Subscriptions": [{"PriceLines": [LINE]}]}],
    "Totals": {"TotalExcludingVAT": "100.00", "TotalVAT": "21.00", "TotalIncludingVAT": "121.00"},
}


def changed(**paths):
    """The golden record with `Section__Member=value`; `Line__Member` is the only line's."""
    record = deepcopy(GOLDEN)
    for path, value in paths.items():
        section, _, member = path.partition("__")
        place = record["Customers"][0]["Subscriptions"][0]["PriceLines"][0] if section == "Line" else record[section]
        place[member] = value
    return record


def reasons(record):
    found = load(record)
    assert isinstance(found, Rejection)
    return found.reasons


def test_the_golden_example_field_by_field():
    assert load(GOLDEN) == Invoice(
        source="copaco",
        id="2026-0001",
        status="INVOICE",
        issued_on=date(2026, 1, 31),
        total=Money(amount=Decimal("121.00"), currency="EUR"),
    )


def test_its_key_in_sap_says_whose_it_is():
    assert build(load(GOLDEN)).key == "copaco:2026-0001"


NEGATIVE = {
    "Line__Quantity": "-3",
    "Line__Discount": "-5.00",
    "Line__ExtendedPrice": "-100.00",
    "Line__VAT": "-21.00",
    "Totals__TotalExcludingVAT": "-100.00",
    "Totals__TotalVAT": "-21.00",
    "Totals__TotalIncludingVAT": "-121.00",
}


@pytest.mark.parametrize("signs", [{}, NEGATIVE])
@pytest.mark.parametrize(("type_", "code"), [("Credit", "381"), ("credit note", None), (None, "381")])
def test_a_credit_is_booked_below_zero_whichever_sign_it_has(signs, type_, code):
    found = load(changed(Header__Type=type_, Header__TypeIdentifier=code, **signs))
    assert (found.status, found.total.text) == ("CREDIT", "-121.00")


@pytest.mark.parametrize(("type_", "code"), [("Memo", None), (None, None), ("Invoice", "381"), ("Memo", "999")])
def test_a_type_that_is_unknown_or_contradicts_itself_is_set_aside(type_, code):
    assert any(
        "neither invoice nor credit" in reason
        for reason in reasons(changed(Header__Type=type_, Header__TypeIdentifier=code))
    )


def test_a_type_in_other_words_is_understood_by_its_code():
    assert load(changed(Header__Type="Creditfactuur", Header__TypeIdentifier="381")).status == "CREDIT"


@pytest.mark.parametrize("day", ["2026-01-31", "2026-01-31T00:00:00", "2026-01-31T00:00:00.000"])
def test_a_day_may_be_written_at_midnight(day):
    assert load(changed(Header__Date=day)).issued_on == date(2026, 1, 31)


@pytest.mark.parametrize(
    "day", ["31-01-2026", "2026-02-30", "2026-01-31T12:00:00", "2026-01-31T00:00:00Z", "20260131", None]
)
def test_a_day_that_is_none_is_set_aside(day):
    assert reasons(changed(Header__Date=day))[0].startswith("Header.Date")


FORMULAS = [
    (
        {"Line__ExtendedPrice": "99.99", "Totals__TotalExcludingVAT": "99.99", "Totals__TotalIncludingVAT": "120.99"},
        "line 1: ExtendedPrice",
    ),
    ({"Totals__TotalExcludingVAT": "100.01", "Totals__TotalIncludingVAT": "121.01"}, "Totals.TotalExcludingVAT"),
    ({"Totals__TotalVAT": "20.99", "Totals__TotalIncludingVAT": "120.99"}, "Totals.TotalVAT"),
    ({"Totals__TotalIncludingVAT": "121.01"}, "Totals: 100.00 and 21.00 are not 121.01"),
]


@pytest.mark.parametrize(("wrong", "words"), FORMULAS)
def test_a_document_that_does_not_keep_its_formulas_is_set_aside(wrong, words):
    assert any(reason.startswith(words) for reason in reasons(changed(**wrong)))


def test_a_doubled_line_is_noticed():
    record = deepcopy(GOLDEN)
    record["Customers"][0]["Subscriptions"][0]["PriceLines"].append(LINE)
    assert len(reasons(record)) == 2


def test_no_tax_is_a_tax_case_and_no_mistake():
    free = {"Line__VAT": None, "Totals__TotalVAT": "0", "Totals__TotalIncludingVAT": "100.00"}
    assert load(changed(**free)).total.text == "100.00"


@pytest.mark.parametrize(("text", "amount"), [("121,00", "121.00"), ("121", "121.00")])
def test_a_decimal_comma_is_understood(text, amount):
    assert load(changed(Totals__TotalIncludingVAT=text)).total.text == amount


@pytest.mark.parametrize("text", ["1.234,56", "1,234.56", "EUR 121", "", None])
def test_what_could_mean_two_amounts_is_set_aside(text):
    assert reasons(changed(Totals__TotalIncludingVAT=text))[0].startswith("Totals.TotalIncludingVAT")


@pytest.mark.parametrize(("record", "words"), [("invoice is temporarily not available", "a text"), (None, "null")])
def test_a_record_that_is_none_is_set_aside(record, words):
    assert words in reasons(record)[0]


def test_what_is_not_known_is_counted_wherever_it_stands():
    record = changed(Header__Colour="red", Line__Weight="1")
    assert unknown_fields(record) == ["Customers.Subscriptions.PriceLines.Weight", "Header.Colour"]


LONG = "COP-" + "A" * 36
LONG_TOO = "COP-" + "A" * 35 + "B"


def test_two_long_ids_stay_two_keys_and_a_key_never_changes():
    one, again, other = (build(load(changed(Header__InvoiceID=id_))).key for id_ in (LONG, LONG, LONG_TOO))
    assert one == again != other
    assert {len(one), len(other)} == {40}
    assert one.startswith("copaco:COP-AAA")


def test_an_id_longer_than_saps_key_is_set_aside():
    assert "ID: 41 characters" in build(load(changed(Header__InvoiceID=LONG + "A")))[0]


WORDS = [
    ("Factuur", None, "INVOICE"),
    ("Creditnota", None, "CREDIT"),
    ("Sammelrechnung", "380", "INVOICE"),
    ("381", None, "CREDIT"),
]


@pytest.mark.parametrize(("type_", "code", "status"), WORDS)
def test_either_word_or_code_tells_what_a_document_is(type_, code, status):
    assert load(changed(Header__Type=type_, Header__TypeIdentifier=code)).status == status


def test_a_word_that_is_not_known_can_be_told_to_us():
    record = changed(Header__Type="Gutschrift", Header__TypeIdentifier=None)
    assert "B2S_COPACO_TYPES" in reasons(record)[0]
    assert load(record, types={"gutschrift": "CREDIT"}).total.amount == Decimal("-121.00")


def test_word_and_code_that_say_different_things_are_set_aside():
    assert len(reasons(changed(Header__Type="Credit", Header__TypeIdentifier="380"))) == 1
