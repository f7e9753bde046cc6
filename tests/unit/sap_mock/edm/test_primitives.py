"""The three spellings of every Edm type: one table of values, read and written; then what is only read, or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import inf, isnan
from urllib.parse import unquote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sap_mock.edm.facets import ANY, Facets
from sap_mock.edm.primitives import TYPES, InvalidValue, JsonNumber, NotConvertible, WrongToken
from sap_mock.edm.uri_literals import convert, parse

naive = datetime.fromisoformat
GUID = UUID("0050568b-1b1e-1ed5-a5ca-4a6d2d1a0c01")

# type, value, Atom text, JSON token, URI literal as it goes over the wire
SPELLINGS = [
    ("String", "", "", "", "''"),
    ("String", "O'Brien", "O'Brien", "O'Brien", "'O''Brien'"),
    ("String", "a/b ü", "a/b ü", "a/b ü", "'a%2Fb%20%C3%BC'"),
    ("String", "null", "null", "null", "'null'"),
    ("Boolean", True, "true", True, "true"),
    ("Boolean", False, "false", False, "false"),
    ("Byte", 0, "0", 0, "0"),
    ("Byte", 255, "255", 255, "255"),
    ("SByte", -128, "-128", -128, "-128"),
    ("SByte", 127, "127", 127, "127"),
    ("Int16", -32768, "-32768", -32768, "-32768"),
    ("Int16", 32767, "32767", 32767, "32767"),
    ("Int32", -(2**31), "-2147483648", -(2**31), "-2147483648"),
    ("Int32", 2**31 - 1, "2147483647", 2**31 - 1, "2147483647"),
    ("Int64", -(2**63), "-9223372036854775808", "-9223372036854775808", "-9223372036854775808L"),
    ("Int64", 12, "12", "12", "12L"),
    ("Decimal", Decimal("956.00"), "956.00", "956.00", "956.00M"),
    ("Decimal", Decimal("-0.001"), "-0.001", "-0.001", "-0.001M"),
    ("Decimal", Decimal(0), "0", "0", "0M"),
    ("Double", 1.5, "1.5", "1.5", "1.5D"),
    ("Double", 1e22, "1E+22", "1E+22", "1E%2B22D"),
    ("Double", -inf, "-INF", "-INF", "-INF"),
    ("Single", 1.5, "1.5", "1.5", "1.5F"),
    ("Single", inf, "INF", "INF", "INF"),
    ("DateTime", naive("2023-10-12T00:00:00"), "2023-10-12T00:00:00", "/Date(1697068800000)/", "datetime'2023-10-12T00%3A00%3A00'"),
    ("DateTime", naive("1969-12-31T23:59:59.500000"), "1969-12-31T23:59:59.5", "/Date(-500)/", "datetime'1969-12-31T23%3A59%3A59.5'"),
    ("DateTime", naive("0001-01-01T00:00:00"), "0001-01-01T00:00:00", "/Date(-62135596800000)/", "datetime'0001-01-01T00%3A00%3A00'"),
    ("DateTime", naive("9999-12-31T00:00:00"), "9999-12-31T00:00:00", "/Date(253402214400000)/", "datetime'9999-12-31T00%3A00%3A00'"),
    ("DateTimeOffset", datetime(2020, 10, 16, 2, 1, 48, tzinfo=UTC), "2020-10-16T02:01:48Z", "/Date(1602813708000+0000)/", "datetimeoffset'2020-10-16T02%3A01%3A48Z'"),
    ("Time", timedelta(hours=13), "PT13H00M00S", "PT13H00M00S", "time'PT13H00M00S'"),
    ("Time", timedelta(seconds=59, milliseconds=250), "PT00H00M59.25S", "PT00H00M59.25S", "time'PT00H00M59.25S'"),
    ("Guid", GUID, str(GUID), str(GUID), f"guid'{GUID}'"),
    ("Binary", b"", "", "", "binary''"),
    ("Binary", b"\x0a\xff", "Cv8=", "Cv8=", "binary'0AFF'"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "text", "token", "literal"), SPELLINGS)
def test_every_spelling_is_written_and_read_back(name, value, text, token, literal):
    edm = TYPES[f"Edm.{name}"]
    assert edm.to_text(value) == text
    assert edm.to_json(value) == token
    assert edm.to_uri(value) == literal
    assert edm.from_text(text) == value
    assert edm.from_json(token) == value
    assert convert(parse(unquote(literal)), edm) == value


def test_every_type_has_a_row():
    assert {f"Edm.{name}" for name, *_ in SPELLINGS} == set(TYPES)


@pytest.mark.parametrize("name", ["Double", "Single"])
def test_nan_is_spelled_out_everywhere(name):
    edm = TYPES[f"Edm.{name}"]
    for spelled in (edm.to_text(float("nan")), edm.to_json(float("nan")), edm.to_uri(float("nan"))):
        assert spelled == "NaN"
    assert isnan(edm.from_text("NaN"))
    assert isnan(convert(parse("NaN"), edm))


# type, facets, value, Atom text: how the facets shape what is written
SHAPED = [
    ("Decimal", Facets(scale=3), Decimal(440), "440.000"),
    ("Decimal", Facets(scale=2), Decimal("440.5"), "440.50"),
    ("Decimal", Facets(scale=0), Decimal(440), "440"),
    ("Decimal", Facets(scale=3), Decimal(0), "0.000"),
    ("Decimal", ANY, Decimal("1E+3"), "1000"),
    ("DateTime", Facets(precision=0), naive("2023-10-12T01:02:03.400000"), "2023-10-12T01:02:03"),
    ("DateTime", Facets(precision=7), naive("2023-10-12T01:02:03.400000"), "2023-10-12T01:02:03.4000000"),
    ("DateTime", Facets(precision=3), naive("2023-10-12T00:00:00"), "2023-10-12T00:00:00.000"),
    ("DateTimeOffset", Facets(precision=7), datetime(2015, 2, 3, tzinfo=UTC), "2015-02-03T00:00:00.0000000Z"),
]


@pytest.mark.parametrize(("name", "facets", "value", "text"), SHAPED)
def test_facets_shape_what_is_written(name, facets, value, text):
    assert TYPES[f"Edm.{name}"].to_text(value, facets) == text


# type, Atom text that is read but not written, value
ALSO_READ = [
    ("Boolean", "1", True),
    ("Boolean", "0", False),
    ("Int32", "+7", 7),
    ("Int32", "007", 7),
    ("Decimal", "+1.50", Decimal("1.50")),
    ("Decimal", "-0", Decimal(0)),
    ("Decimal", "5.", Decimal(5)),
    ("Decimal", ".5", Decimal("0.5")),
    ("Double", "1e3", 1000.0),
    ("Double", "+2", 2.0),
    ("DateTime", "2023-10-12T00:00", naive("2023-10-12T00:00:00")),
    ("DateTime", "2021-11-29T00:00:00.0000000", naive("2021-11-29T00:00:00")),
    ("DateTimeOffset", "2002-10-10T12:00:00-05:00", datetime(2002, 10, 10, 17, tzinfo=UTC)),
    ("DateTimeOffset", "2002-10-10T12:00:00", datetime(2002, 10, 10, 12, tzinfo=UTC)),
    ("Time", "PT13H", timedelta(hours=13)),
    ("Time", "PT90M", timedelta(minutes=90)),
    ("Time", "P1DT1H", timedelta(hours=25)),
    ("Guid", str(GUID).upper(), GUID),
    ("Binary", "Cv8=\n", b"\x0a\xff"),
]


@pytest.mark.parametrize(("name", "text", "value"), ALSO_READ)
def test_other_spellings_are_read_too(name, text, value):
    read = TYPES[f"Edm.{name}"].from_text(text)
    assert read == value
    assert str(read) == str(value)


# type, facets, text, the error that a Gateway words its own way
REFUSED = [
    ("String", Facets(max_length=3), "abcd", InvalidValue),
    ("Boolean", ANY, "X", InvalidValue),
    ("Boolean", ANY, "TRUE", InvalidValue),
    ("Byte", ANY, "256", InvalidValue),
    ("Byte", ANY, "-1", InvalidValue),
    ("SByte", ANY, "128", InvalidValue),
    ("Int16", ANY, "32768", InvalidValue),
    ("Int32", ANY, "2147483648", InvalidValue),
    ("Int32", ANY, "67.000", InvalidValue),
    ("Int32", ANY, "٣", InvalidValue),
    ("Int64", ANY, "9223372036854775808", InvalidValue),
    ("Decimal", ANY, "", InvalidValue),
    ("Decimal", ANY, "1.111.000", InvalidValue),
    ("Decimal", ANY, "1,5", InvalidValue),
    ("Decimal", ANY, "5-", InvalidValue),
    ("Decimal", ANY, "1.5M", InvalidValue),
    ("Decimal", ANY, "1E5", InvalidValue),
    ("Decimal", ANY, "NaN", InvalidValue),
    ("Decimal", ANY, "9" * 101, InvalidValue),
    ("Decimal", Facets(precision=5, scale=2), "1000", InvalidValue),
    ("Decimal", Facets(precision=5, scale=2), "1.234", InvalidValue),
    ("Decimal", Facets(precision=5), "1234.56", InvalidValue),
    ("Double", ANY, "1e999", InvalidValue),
    ("Single", ANY, "1e39", InvalidValue),
    ("Double", ANY, "1.5D", InvalidValue),
    ("Double", ANY, "", InvalidValue),
    ("DateTime", ANY, "", InvalidValue),
    ("DateTime", ANY, "2026-09-07", NotConvertible),
    ("DateTime", ANY, "2021-11-29T00:00:00Z", NotConvertible),
    ("DateTime", ANY, "2021-02-29T00:00:00", NotConvertible),
    ("DateTime", ANY, "2021-01-01T24:00:00", NotConvertible),
    ("DateTime", ANY, "0000-01-01T00:00:00", NotConvertible),
    ("DateTimeOffset", ANY, "2021-01-01T00:00:00+99:00", NotConvertible),
    ("DateTimeOffset", ANY, "0001-01-01T00:00:00+14:00", NotConvertible),
    ("Time", ANY, "", InvalidValue),
    ("Time", ANY, "13:00:00", NotConvertible),
    ("Time", ANY, "PT", NotConvertible),
    ("Time", ANY, "P", NotConvertible),
    ("Guid", ANY, "0050568b1b1e1ed5a5ca4a6d2d1a0c01", InvalidValue),
    ("Binary", ANY, "C", InvalidValue),
    ("Binary", Facets(max_length=1), "Cv8=", InvalidValue),
]


@pytest.mark.parametrize(("name", "facets", "text", "error"), REFUSED)
def test_what_a_type_cannot_hold_is_refused(name, facets, text, error):
    edm = TYPES[f"Edm.{name}"]
    with pytest.raises(error):
        edm.from_text(text, facets)
    with pytest.raises(error):
        edm.from_json(text, facets)


# type, facets, text just within them
ALLOWED = [
    ("String", Facets(max_length=3), "abc"),
    ("String", Facets(max_length=1), "ü"),
    ("Decimal", Facets(precision=5, scale=2), "999.99"),
    ("Decimal", Facets(precision=5, scale=2), "1.2300"),
    ("Decimal", Facets(precision=5, scale=2), "0000001.23"),
    ("Decimal", Facets(precision=2, scale=2), "0.99"),
    ("Decimal", Facets(precision=5), "123.45"),
    ("Decimal", Facets(scale=3), "123456789.123"),
    ("Single", ANY, "3.4028234663852886e38"),
    ("Binary", Facets(max_length=2), "Cv8="),
]


@pytest.mark.parametrize(("name", "facets", "text"), ALLOWED)
def test_what_the_facets_just_allow_is_read_and_checks(name, facets, text):
    edm = TYPES[f"Edm.{name}"]
    edm.check(edm.from_text(text, facets), facets)


# type, JSON token of the wrong kind
WRONG_TOKENS = [
    ("String", 1),
    ("String", True),
    ("Boolean", 1),
    ("Int32", True),
    ("Int32", {"a": 1}),
    ("Decimal", 440),
    ("Decimal", JsonNumber("1.5")),
    ("DateTime", 1697068800000),
    ("DateTimeOffset", 1),
    ("Time", 1),
    ("Guid", 1),
    ("Binary", []),
    ("Double", True),
]


@pytest.mark.parametrize(("name", "token"), WRONG_TOKENS)
def test_a_json_token_of_the_wrong_kind_is_told_apart(name, token):
    with pytest.raises(WrongToken):
        TYPES[f"Edm.{name}"].from_json(token)


# type, JSON token that is read but not written, value
ALSO_READ_FROM_JSON = [
    ("Int32", "5", 5),
    ("Int64", 5, 5),
    ("Boolean", "true", True),
    ("Double", JsonNumber("1.5"), 1.5),
    ("Double", 2, 2.0),
    ("DateTime", "2019-01-28T00:00:00", naive("2019-01-28T00:00:00")),
    ("DateTimeOffset", "/Date(0)/", datetime(1970, 1, 1, tzinfo=UTC)),
]


@pytest.mark.parametrize(("name", "token", "value"), ALSO_READ_FROM_JSON)
def test_other_json_tokens_are_read_too(name, token, value):
    assert TYPES[f"Edm.{name}"].from_json(token) == value


def test_a_whole_number_is_no_json_number_with_a_point():
    with pytest.raises(InvalidValue):
        TYPES["Edm.Int32"].from_json(JsonNumber("67.0"))


@pytest.mark.parametrize("ticks", ["99999999999999999", "-99999999999999999"])
def test_ticks_beyond_the_calendar_are_not_convertible(ticks):
    with pytest.raises(NotConvertible):
        TYPES["Edm.DateTime"].from_json(f"/Date({ticks})/")


MILLISECONDS = st.datetimes().map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
VALUES = {
    "String": st.text(),
    "Boolean": st.booleans(),
    "Byte": st.integers(0, 255),
    "SByte": st.integers(-128, 127),
    "Int16": st.integers(-(2**15), 2**15 - 1),
    "Int32": st.integers(-(2**31), 2**31 - 1),
    "Int64": st.integers(-(2**63), 2**63 - 1),
    "Decimal": st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=-(10**20), max_value=10**20),
    "Double": st.floats(allow_nan=False),
    "Single": st.floats(allow_nan=False, width=32),
    "DateTime": MILLISECONDS,
    "DateTimeOffset": MILLISECONDS.map(lambda moment: moment.replace(tzinfo=UTC)),
    "Time": st.timedeltas(timedelta(days=-999), timedelta(days=999)),
    "Guid": st.uuids(),
    "Binary": st.binary(),
}


@pytest.mark.parametrize("name", VALUES)
@given(data=st.data())
def test_any_value_comes_back_from_each_of_its_spellings(name, data):
    edm = TYPES[f"Edm.{name}"]
    value = data.draw(VALUES[name])
    edm.check(value, ANY)
    assert edm.from_text(edm.to_text(value)) == value
    assert edm.from_json(edm.to_json(value)) == value
    assert convert(parse(unquote(edm.to_uri(value))), edm) == value
