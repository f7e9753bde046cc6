"""Which text is which URI literal, what each may stand for, and what becomes of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sap_mock.edm.facets import Facets
from sap_mock.edm.primitives import TYPES, InvalidValue
from sap_mock.edm.uri_literals import IncompatibleLiteral, MalformedLiteral, compatible, convert, parse

naive = datetime.fromisoformat
GUID = "12345678-1234-1234-1234-123456789012"

# text, type, value; the first block is SAP's own ABAP unit test test_parameter_promotion
LITERALS = [
    ("X'1234567890ABCDEF'", "Edm.Binary", bytes.fromhex("1234567890ABCDEF")),
    ("true", "Edm.Boolean", True),
    ("1", "Bit", 1),
    ("0", "Bit", 0),
    ("123", "UInt7", 123),
    ("130", "Edm.Byte", 130),
    ("datetime'2011-07-31T23:30:59'", "Edm.DateTime", naive("2011-07-31T23:30:59")),
    ("datetimeoffset'2002-10-10T12:00:00-05:00'", "Edm.DateTimeOffset", datetime(2002, 10, 10, 17, tzinfo=UTC)),
    ("1.1M", "Edm.Decimal", Decimal("1.1")),
    ("1.1D", "Edm.Double", 1.1),
    ("1.1E+02D", "Edm.Double", 110.0),
    (f"guid'{GUID}'", "Edm.Guid", UUID(GUID)),
    ("12345", "Edm.Int16", 12345),
    ("1234512345", "Edm.Int32", 1234512345),
    ("12345L", "Edm.Int64", 12345),
    ("-12", "Edm.SByte", -12),
    ("1.1F", "Edm.Single", 1.1),
    ("'TEST'", "Edm.String", "TEST"),
    ("time'PT19H02M01S'", "Edm.Time", timedelta(hours=19, minutes=2, seconds=1)),
    # and the rest
    ("false", "Edm.Boolean", False),
    ("2", "UInt7", 2),
    ("127", "UInt7", 127),
    ("128", "Edm.Byte", 128),
    ("256", "Edm.Int16", 256),
    ("-1", "Edm.SByte", -1),
    ("-128", "Edm.SByte", -128),
    ("-129", "Edm.Int16", -129),
    ("-32769", "Edm.Int32", -32769),
    ("2147483647", "Edm.Int32", 2147483647),
    ("0012", "UInt7", 12),
    ("12l", "Edm.Int64", 12),
    ("-12L", "Edm.Int64", -12),
    ("12.5m", "Edm.Decimal", Decimal("12.5")),
    ("12M", "Edm.Decimal", Decimal(12)),
    ("-0.50M", "Edm.Decimal", Decimal("-0.50")),
    ("1d", "Edm.Double", 1.0),
    ("1e3d", "Edm.Double", 1000.0),
    ("1f", "Edm.Single", 1.0),
    ("-INF", "Edm.Single", float("-inf")),
    ("INFD", "Edm.Double", float("inf")),
    ("''", "Edm.String", ""),
    ("'O''Brien'", "Edm.String", "O'Brien"),
    ("''''", "Edm.String", "'"),
    ("'datetime'", "Edm.String", "datetime"),
    ("'12M'", "Edm.String", "12M"),
    ("'ü\n'", "Edm.String", "ü\n"),
    ("binary'0a'", "Edm.Binary", b"\n"),
    ("X''", "Edm.Binary", b""),
    ("datetime'2023-10-12T00:00'", "Edm.DateTime", naive("2023-10-12T00:00:00")),
    ("datetime'2023-10-12T00:00:00.1234567'", "Edm.DateTime", naive("2023-10-12T00:00:00.123456")),
    (f"guid'{GUID.upper()}'", "Edm.Guid", UUID(GUID)),
]


@pytest.mark.parametrize(("text", "type_name", "value"), LITERALS)
def test_a_literal_has_the_type_and_value_that_it_spells(text, type_name, value):
    literal = parse(text)
    assert literal.type is not None
    assert (literal.type.name, literal.value, type(literal.value)) == (type_name, value, type(value))


def test_null_has_no_type():
    assert (parse("null").type, parse("null").value) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1.0", "12.5", ".5M", "5.M", "1 2", "+", "-", "--1", "1_0", "2147483648", "-2147483649", "L", "M",
        "9223372036854775808L", "1.5L", "1E5M", "1e999D", "1e39F", "1.D", "True", "TRUE", "Null", "nan", "abc",
        "'", "'a", "a'", "'a'b'", "'''", '"a"', "x'0A'", "X'0'", "X'0G'", "binary'zz'", "Binary'0A'",
        "datetime'2023-10-12'", "datetime''", "datetime'2023-10-12T00:00:00Z'", "datetime'2023-02-30T00:00'",
        "DateTime'2023-10-12T00:00'", "date'2023-10-12'", "datetimeoffset'2023-10-12'", "time'13:00:00'", "time'PT'",
        "guid'1234'", f"guid{GUID}", "1٣", "1" * 500 + "M", "'a'\n",
    ],
)  # fmt: skip
def test_what_is_no_literal_is_malformed(text):
    with pytest.raises(MalformedLiteral):
        parse(text)


NAMES = ["Bit", "UInt7", *TYPES]
WHOLE = {"Bit", "UInt7", "Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64"}
# property type → literal types it takes, besides its own
TAKES = {
    "Edm.Boolean": {"Bit"},
    "Edm.Byte": {"Bit", "UInt7"},
    "Edm.SByte": {"Bit", "UInt7"},
    "Edm.Int16": {"Bit", "UInt7", "Edm.Byte", "Edm.SByte"},
    "Edm.Int32": {"Bit", "UInt7", "Edm.Byte", "Edm.SByte", "Edm.Int16"},
    "Edm.Int64": {"Bit", "UInt7", "Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32"},
    "Edm.Single": WHOLE,
    "Edm.Double": WHOLE | {"Edm.Single"},
    "Edm.Decimal": WHOLE | {"Edm.Single", "Edm.Double"},
}
EXAMPLES = {type_name: text for text, type_name, _ in LITERALS}


@pytest.mark.parametrize("property_type", TYPES)
@pytest.mark.parametrize("literal_type", NAMES)
def test_a_property_takes_its_own_type_and_narrower_ones(literal_type, property_type):
    literal = parse(EXAMPLES[literal_type])
    allowed = literal_type == property_type or literal_type in TAKES.get(property_type, ())
    assert compatible(literal.type, TYPES[property_type]) is allowed
    if not allowed:
        with pytest.raises(IncompatibleLiteral):
            convert(literal, TYPES[property_type])


@pytest.mark.parametrize("property_type", TYPES)
def test_null_stands_for_any_value_that_may_be_missing(property_type):
    assert compatible(None, TYPES[property_type])
    assert convert(parse("null"), TYPES[property_type]) is None
    with pytest.raises(InvalidValue):
        convert(parse("null"), TYPES[property_type], Facets(nullable=False))


# text, property type, value after conversion
CONVERSIONS = [
    ("1", "Edm.Boolean", True),
    ("0", "Edm.Boolean", False),
    ("440", "Edm.Decimal", Decimal(440)),
    ("440L", "Edm.Decimal", Decimal(440)),
    ("0.1D", "Edm.Decimal", Decimal("0.1")),
    ("1e3F", "Edm.Decimal", Decimal(1000)),
    ("440", "Edm.Double", 440.0),
    ("1.5F", "Edm.Double", 1.5),
    ("7", "Edm.Single", 7.0),
    ("130", "Edm.Int64", 130),
    ("7", "Edm.SByte", 7),
]


@pytest.mark.parametrize(("text", "property_type", "value"), CONVERSIONS)
def test_a_literal_becomes_a_value_of_the_property(text, property_type, value):
    converted = convert(parse(text), TYPES[property_type])
    assert (converted, type(converted)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "property_type", "facets"),
    [
        ("'12345678901'", "Edm.String", Facets(max_length=10)),
        ("1000", "Edm.Decimal", Facets(precision=5, scale=2)),
        ("1.234M", "Edm.Decimal", Facets(precision=5, scale=2)),
        ("INF", "Edm.Decimal", Facets()),
        ("X'0A0B'", "Edm.Binary", Facets(max_length=1)),
    ],
)
def test_a_literal_that_the_facets_refuse_is_an_invalid_value(text, property_type, facets):
    with pytest.raises(InvalidValue):
        convert(parse(text), TYPES[property_type], facets)


@given(st.text() | st.from_regex(r"[a-zA-Z]*'?[-0-9TZ:.a-fEM'+]*'?[LMDF]?", fullmatch=True))
def test_any_text_is_a_literal_or_malformed_and_a_literal_converts_or_says_why_not(text):
    try:
        literal = parse(text)
    except MalformedLiteral:
        return
    for edm in TYPES.values():
        if compatible(literal.type, edm):
            with suppress(InvalidValue):
                convert(literal, edm)
