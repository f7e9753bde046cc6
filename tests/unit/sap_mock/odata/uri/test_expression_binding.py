"""Names and types in expressions: what resolves to what, what compares with what, and SAP's words where it does not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sap_mock.edm.primitives import TYPES
from sap_mock.odata.errors import ODataError
from sap_mock.odata.uri.expression_binding import bind_filter, bind_orderby
from sap_mock.odata.uri.expressions import Binary, Literal, Member
from sap_mock.odata.uri.functions import FUNCTIONS


@pytest.fixture
def samples(model):
    """Bind a $filter on Samples."""
    return lambda text: bind_filter(text, model, model.entity_sets["Samples"])


@pytest.fixture
def on(model):
    """Bind a $filter on any set."""
    return lambda entity_set, text: bind_filter(text, model, model.entity_sets[entity_set])


# Paths --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("entity_set", "path", "relations", "properties"), [
    ("Samples", "Text", [], ["Text"]),
    ("Customers", "Address/City", [], ["Address", "City"]),
    ("Customers", "Address/Country/Code", [], ["Address", "Country", "Code"]),
    ("Orders", "ToCustomer/Name", ["ToCustomer"], ["Name"]),
    ("Orders", "ToCustomer/Address/City", ["ToCustomer"], ["Address", "City"]),
    ("ScheduleLines", "ToItem/ToOrder/ToCustomer/Name", ["ToItem", "ToOrder", "ToCustomer"], ["Name"]),
])  # fmt: skip
def test_a_path_leads_over_ways_to_one_and_into_complex_properties(on, entity_set, path, relations, properties):
    bound = on(entity_set, f"{path} eq 'x'")
    assert [relation.name for relation in bound.left.relations] == relations
    assert [prop.name for prop in bound.left.path] == properties
    assert bound.left.name == path


@pytest.mark.parametrize(("entity_set", "path", "said"), [
    ("Samples", "Nope", "Property Nope not found in type Sample"),
    ("Samples", "text", "Property text not found in type Sample"),
    ("Samples", "Text/Nope", "Property Nope not found in type Sample"),
    ("Customers", "Address/Nope", "Property Nope not found in type Address"),
    ("Customers", "Address/Country/Nope", "Property Nope not found in type Country"),
    ("Customers", "Address", "Property Address not found in type Customer"),
    ("Customers", "Address/ToOrders", "Property ToOrders not found in type Address"),
    ("Orders", "ToCustomer/Nope", "Property Nope not found in type Customer"),
    ("Orders", "ToCustomer", "Property ToCustomer not found in type Customer"),
    ("Orders", "ToItems/Material", "The URI is violating the construction rules defined in the Data Services specification"),
])  # fmt: skip
def test_what_a_path_does_not_find_is_named_with_the_type_it_was_sought_in(on, entity_set, path, said):
    with pytest.raises(ODataError) as refused:
        on(entity_set, f"{path} eq 'x'")
    assert (refused.value.status, refused.value.text) == (400, said)


# Types --------------------------------------------------------------------------------------------------------------

FITTING = [
    "Text eq 'x'", "Text eq null", "null eq Text", "null eq null", "Flag", "Flag eq true", "Flag eq 1", "0 eq Flag", "not Flag",
    "Amount eq 440", "Amount eq 440L", "Amount eq 440.5M", "Amount eq 1.5D", "Amount eq 1.5F", "Amount gt DoubleNumber",
    "ByteNumber eq 300", "ByteNumber lt Int64Number", "Int16Number eq 1.5M", "DoubleNumber eq 1", "SingleNumber eq 1.5D",
    "Day eq datetime'2020-01-01T00:00:00'", "Day lt Moment", "ZonedMoment ge datetimeoffset'2020-01-01T00:00:00Z'",
    "TimeOfDay lt time'PT1H'", "Identity eq guid'0050568d-393c-1ed4-9d97-e65f0f3fcc23'", "Bytes eq X'0A'", "Bytes eq FourBytes",
    "Amount add 1 gt Int32Number mul 2", "-Amount lt 0", "Int32Number mod 2 eq 0", "5 sub 3 eq 2", "true", "null", "null and Flag",
    "startswith(Text,ShortText)", "startswith(Text,'x') eq true", "substringof(tolower('X'),Text)", "length(Text) gt 1",
    "substring(Text,1) eq 'x'", "substring(Text,1,Int32Number) eq 'x'", "concat(Text,'a','b') eq 'x'", "indexof(Text,null) eq 1",
    "year(Day) eq 2020", "hour(TimeOfDay) eq 1", "minute(ZonedMoment) eq 1", "round(Amount) eq 1.0M", "floor(DoubleNumber) eq 1.0D",
    "ceiling(Int32Number) eq 1", "(Text eq 'x') eq (Flag eq true)",
]  # fmt: skip


@pytest.mark.parametrize("text", FITTING)
def test_numbers_compare_with_numbers_and_everything_else_with_its_own_type_or_null(samples, text):
    assert samples(text).type in (None, TYPES["Edm.Boolean"])


@pytest.mark.parametrize(("text", "function", "position"), [
    ("Day eq '2020-01-01'", "eq", 5), ("ZonedMoment eq datetime'2020-01-01T00:00:00'", "eq", 13), ("Text eq 1", "eq", 6),
    ("Amount eq '1'", "eq", 8), ("Text ge Amount", "ge", 6), ("Flag eq 2", "eq", 6), ("Flag eq 'true'", "eq", 6),
    ("TimeOfDay eq datetime'2020-01-01T00:00:00'", "eq", 11), ("Identity eq 'x'", "eq", 10), ("Bytes eq 'x'", "eq", 7),
    ("Text and Flag", "and", 6), ("Flag or 1", "or", 6), ("not Text", "not", 1), ("-Text eq 'x'", "-", 1),
    ("Text add 1 eq 2", "add", 6), ("Day sub Day eq 1", "sub", 5), ("Flag mul 1 eq 1", "mul", 6),
    ("startswith(Amount,'x')", "startswith", 1), ("substringof('x',Day)", "substringof", 1), ("length(Amount) eq 1", "length", 1),
    ("year(Text) eq 1", "year", 1), ("year(TimeOfDay) eq 1", "year", 1), ("round(Text) eq 1", "round", 1),
    ("Flag and substring(Text,'1') eq 'x'", "substring", 10), ("concat(Text,'a',1) eq 'x'", "concat", 1),
    ("length(Text) eq 'x'", "eq", 14),
])  # fmt: skip
def test_a_type_that_does_not_fit_is_refused_with_the_function_and_its_place(samples, text, function, position):
    """Captured: Invalid parametertype used at function 'eq' (Position: 16)."""
    with pytest.raises(ODataError) as refused:
        samples(text)
    assert refused.value.text == f"Invalid parametertype used at function '{function}' (Position: {position})"


@pytest.mark.parametrize(("text", "position"), [
    ("Text", 1), ("Amount add 1", 8), ("length(Text)", 1), ("'x'", 1), ("1", 1), ("concat(Text,'x')", 1),
    ("startswith(Text)", 1), ("length(Text,Text)", 1), ("substring(Text)", 1), ("trim()", 1), ("concat(Text)", 1),
    ("substring(Text,1,2,3)", 1),
])  # fmt: skip
def test_a_filter_that_is_no_condition_or_has_too_few_arguments_is_refused(samples, text, position):
    with pytest.raises(ODataError, match=rf"Invalid token detected at position {position}\Z"):
        samples(text)


@pytest.mark.parametrize(("text", "type_", "value"), [
    ("Amount eq 440", "Edm.Decimal", Decimal(440)), ("Amount eq 1.5D", "Edm.Decimal", Decimal("1.5")),
    ("DoubleNumber eq 1", "Edm.Double", 1.0), ("Int64Number eq 1", "Edm.Int64", 1), ("Flag eq 1", "Edm.Boolean", True),
    ("ByteNumber eq 200", "Edm.Byte", 200),
])  # fmt: skip
def test_a_literal_becomes_what_it_is_compared_with_where_that_loses_nothing(samples, text, type_, value):
    for bound in (samples(text), samples(f"{text.rpartition(' ')[2]} eq {text.partition(' ')[0]}")):
        literal = next(side for side in (bound.left, bound.right) if isinstance(side, Literal))
        assert (literal.type.name, literal.value) == (type_, value)
        assert type(literal.value) is type(value)


def test_a_literal_that_the_other_type_cannot_hold_stays_what_it_is(samples):
    assert samples("ByteNumber eq 300").right.type.name == "Edm.Int16"
    assert samples("Int32Number eq 1.5M").right.value == Decimal("1.5")


@pytest.mark.parametrize(("text", "type_"), [
    ("Int16Number add Int32Number", "Edm.Int32"), ("Int64Number mul Amount", "Edm.Decimal"),
    ("Amount div DoubleNumber", "Edm.Double"), ("ByteNumber sub 1", "Edm.Byte"), ("SingleNumber add 1.5M", "Edm.Single"),
    ("round(Amount)", "Edm.Decimal"), ("length(Text)", "Edm.Int32"), ("-Int16Number", "Edm.Int16"), ("null add 1", "UInt7"),
])  # fmt: skip
def test_arithmetic_is_of_the_wider_type(model, text, type_):
    (order,) = bind_orderby(text, model, model.entity_sets["Samples"])
    assert order.expression.type.name in (type_, "Bit")


def test_orderby_takes_any_expression_and_keeps_its_direction(model):
    first, second = bind_orderby("ToCustomer/Name desc,Total", model, model.entity_sets["Orders"])
    assert (first.expression.name, first.descending) == ("ToCustomer/Name", True)
    assert (second.expression.name, second.descending) == ("Total", False)
    with pytest.raises(ODataError, match="Property Nope not found in type Order"):
        bind_orderby("Nope", model, model.entity_sets["Orders"])


def test_conditions_keep_their_shape(samples):
    bound = samples("Text eq 'a' or Flag and not (Amount gt 1)")
    assert isinstance(bound, Binary)
    assert (bound.operator, bound.right.operator, bound.right.right.operator) == ("or", "and", "not")
    assert isinstance(bound.left.left, Member)


def test_every_function_of_the_table_can_be_called(samples):
    kinds = {"STRING": "Text", "MOMENT": "Day", "CLOCK": "TimeOfDay", "NUMBER": "Int32Number"}
    for name, function in FUNCTIONS.items():
        arguments = ",".join(kinds[kind.name] for kind in function.arguments)
        assert samples(f"{name}({arguments}) eq null").left.function == name
