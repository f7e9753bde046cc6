"""Keys, dates and amounts as OData V2 spells them, both ways."""

import time
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.odata_client.literals import BadLiteral, key_predicate, read_datetime, read_decimal, ticks, typed


def moment(day):
    return datetime.fromisoformat(f"{day}T00:00:00")


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("inv_1", "Invoices('inv_1')"),
        ("O'Brien", "Invoices('O%27%27Brien')"),
        ("a/b?c#d&e", "Invoices('a%2Fb%3Fc%23d%26e')"),
        ("100 %", "Invoices('100%20%25')"),
        ("é", "Invoices('%C3%A9')"),
    ],
)
def test_a_key_is_quoted_doubled_and_percent_encoded(key, path):
    assert key_predicate("Invoices", key) == path


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_no_key_can_break_out_of_its_predicate(key):
    inner = key_predicate("Invoices", key).removeprefix("Invoices('").removesuffix("')")
    assert "'" not in inner
    assert unquote(inner).replace("''", "'") == key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/Date(1697068800000)/", moment("2023-10-12")),
        ("/Date(1697068800000+0000)/", moment("2023-10-12")),
        ("/Date(-2208988800000)/", moment("1900-01-01")),
        ("/Date(253402214400000)/", moment("9999-12-31")),
        ("2023-10-12T00:00:00", moment("2023-10-12")),
        ("2021-11-29T00:00:00.0000000", moment("2021-11-29")),
    ],
)
def test_a_datetime_is_read_in_both_spellings(text, expected):
    assert read_datetime(text) == expected


@pytest.mark.parametrize(
    "text",
    ["2023-10-12", "2023-10-12T00:00:00Z", "/Date(x)/", "/Date(999999999999999)/", "", None, 5, "2023-13-01T00:00:00"],
)
def test_what_is_no_datetime_is_refused(text):
    with pytest.raises(BadLiteral):
        read_datetime(text)


@given(st.dates())
def test_a_day_survives_the_way_through_ticks(day):
    midnight = moment(day.isoformat())
    assert read_datetime(ticks(midnight)).date() == day


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York", "Europe/Berlin", "UTC"])
def test_the_machines_time_zone_moves_no_day(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for day in (date(2024, 3, 31), date(2024, 10, 27), date(1899, 12, 31), date(9999, 12, 31)):
            midnight = moment(day.isoformat())
            assert read_datetime(ticks(midnight)).date() == day
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", ["x", "NaN", "Infinity", None, 1.5, ""])
def test_what_is_no_decimal_is_refused(text):
    with pytest.raises(BadLiteral):
        read_decimal(text)


def test_an_entity_is_typed_by_its_properties_and_absent_ones_are_none():
    types = {"Value": "Edm.Decimal", "IssuedAt": "Edm.DateTime", "ID": "Edm.String", "Link": "Edm.String"}
    assert typed({"ID": "a", "Value": "1.230", "IssuedAt": "/Date(0)/", "__metadata": {}}, types) == {
        "ID": "a",
        "Value": Decimal("1.230"),
        "IssuedAt": moment("1970-01-01"),
        "Link": None,
    }


@pytest.mark.parametrize("shown", [{"results": [{"Amount": "1.000"}]}, [{"Amount": "1.000"}]])
def test_items_are_typed_in_either_spelling_of_a_list(shown):
    assert typed({"ToItems": shown}, {"ToItems": {"Amount": "Edm.Decimal"}}) == {
        "ToItems": [{"Amount": Decimal("1.000")}]
    }


@pytest.mark.parametrize("shown", [None, {"__deferred": {"uri": "x"}}, {"results": ["x"]}])
def test_items_that_are_not_shown_are_no_empty_list(shown):
    with pytest.raises(BadLiteral, match="not shown"):
        typed({"ToItems": shown}, {"ToItems": {}})
