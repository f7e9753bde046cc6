"""From any vendor to any place in SAP: no float, no lost cent, no shifted day, wherever in the world this runs."""

import json
import os
import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judges import judge_of
from told_documents import WAYS, Told

from pipeline.model.money import minor_units
from pipeline.odata_client.literals import typed

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu", "Pacific/Pago_Pago")
CURRENCIES = ("JPY", "CLP", "EUR", "USD", "GBP", "KWD", "BHD", "TND")
EDGES = [
    date.fromisoformat(day)
    for day in (
        *("2023-12-31", "2024-01-01", "2024-02-29", "2024-04-30", "2025-06-30", "2025-07-01"),
        *("2025-03-30", "2025-10-26", "2025-03-09", "2025-11-02", "2025-04-06", "2025-09-28"),  # clocks change
        *("1970-01-01", "2099-12-31"),
    )
]


@st.composite
def documents(draw):
    currency = draw(st.sampled_from(CURRENCIES))
    minor = draw(st.integers(1, 10**10) | st.sampled_from([1, 7, 99, 100, 1005, 9_999_999_999]))
    amount = Decimal(minor).scaleb(-(minor_units(currency) or 0))
    days = st.dates(date(1971, 1, 1), date(2099, 12, 31)) | st.sampled_from(EDGES)
    return Told(
        amount=amount,
        currency=currency,
        day=draw(days),
        minute=draw(st.integers(0, 24 * 60 - 1)),
        is_credit=draw(st.booleans()),
    )


@pytest.fixture(scope="module", params=ZONES)
def zone(request):
    """The machine stands in this zone while the module's tests run."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.fixture(scope="module", params=WAYS)
def way(request):
    return WAYS[request.param]


@pytest.fixture(scope="module")
def judge(way, tmp_path_factory):
    return judge_of(way.source, way.mapping, tmp_path_factory.mktemp("mapping"))


def refuse(text):
    raise AssertionError(f"a number in the payload: {text}")


def content_of(arrival):
    """What is sent; a JSON number in it is a failure, for a reader might take it for a float."""
    assert arrival.is_sound, arrival.reasons
    return json.loads(arrival.payload, parse_float=refuse, parse_int=refuse)


def told_in(way, told):
    return told if way.has_credits else Told(**{**vars(told), "is_credit": False})


@given(told=documents())
@settings(max_examples=15, deadline=None)
def test_amount_currency_and_day_arrive_as_they_were_told(zone, way, judge, told):
    """P19, P20: for random amounts, currencies, days and zones, every way from a vendor into SAP."""
    assert os.environ["TZ"] == zone
    told = told_in(way, told)
    arrival = judge.judge(way.record(told))
    content = content_of(arrival)
    assert (arrival.currency, arrival.amount) == (told.currency, told.signed)
    assert judge.form.worth(typed(content, judge.form.types)) == (told.currency, told.signed)
    days = {value for name, value in content.items() if name in {"IssuedAt", "DocumentDate", "PostingDate"}}
    assert days == {f"{told.day.isoformat()}T00:00:00"}


@given(told=documents())
@settings(max_examples=40, deadline=None)
def test_every_amount_is_written_with_its_currencys_decimals_and_every_document_balances(way, judge, told):
    """P19: to the last unit, with no float on the way."""
    told = told_in(way, told)
    content = content_of(judge.judge(way.record(told)))
    amounts = dict(amounts_in(content))
    assert {len(text.partition(".")[2]) for text in amounts.values()} == {told.decimals}
    if way.mapping and "TaxAmount" in str(content):
        net = Decimal(content["to_SupplierInvoiceItemGLAcct"][0]["SupplierInvoiceItemAmount"])
        tax = Decimal(content["to_SupplierInvoiceTax"][0]["TaxAmount"])
        assert net + tax == Decimal(content["InvoiceGrossAmount"]) == told.amount
    if "ToItems" in content:
        sides = {"S": Decimal(0), "H": Decimal(0)}
        for item in content["ToItems"]:
            sides[item["DebitCreditCode"]] += Decimal(item["Amount"])
        assert sides == {"S": told.amount, "H": told.amount}


def amounts_in(content, path=""):
    for name, value in content.items():
        if isinstance(value, list):
            for number, inner in enumerate(value):
                yield from amounts_in(inner, f"{path}{name}{number}.")
        elif name == "Value" or name.endswith("Amount"):
            yield path + name, value


def test_the_same_document_has_the_same_key_and_bytes_in_every_zone(way, judge, monkeypatch):
    """P20: the machine has no say in it."""
    told = Told(amount=Decimal("440.00"), currency="USD", day=date(2023, 10, 12), minute=30)
    seen = set()
    for name in ZONES:
        monkeypatch.setenv("TZ", name)
        time.tzset()
        arrival = judge.judge(way.record(told))
        seen.add((arrival.doc_key, arrival.payload, arrival.digest))
    monkeypatch.undo()
    time.tzset()
    assert len(seen) == 1


def test_no_two_ways_share_a_key(tmp_path):
    told = Told(amount=Decimal("440.00"), currency="USD", day=date(2023, 10, 12))
    keys = [judge_of(one.source, one.mapping, tmp_path).judge(one.record(told)).doc_key for one in WAYS.values()]
    sources = [one.source for one in WAYS.values()]
    owners = {}
    for key, source in zip(keys, sources, strict=True):
        assert owners.setdefault(key, source) == source
