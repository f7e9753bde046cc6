"""$filter becomes the rows that an ABAP data provider loops over, or nothing where rows cannot say it."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sap_mock.edm import csdl_reader
from sap_mock.odata.entity import Entity
from sap_mock.odata.uri.expression_binding import bind_filter
from sap_mock.provider import data_util
from sap_mock.provider.request_context import RequestContext
from sap_mock.provider.select_options import SelectOption, select_options, within

MODEL = csdl_reader.read((Path(__file__).parents[3] / "reference_service" / "metadata.xml").read_bytes())


def options(text, entity_set="Samples"):
    return dict(select_options(bind_filter(text, MODEL, MODEL.entity_sets[entity_set])))


def rows(*found):
    return tuple(SelectOption(*row) for row in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # comparisons
        ("Text eq 'a'",                                  {"Text": rows(("I", "EQ", "a"))}),
        ("Text ne 'a'",                                  {"Text": rows(("E", "EQ", "a"))}),
        ("Int32Number gt 1",                             {"Int32Number": rows(("I", "GT", 1))}),
        ("Int32Number ge 1",                             {"Int32Number": rows(("I", "GE", 1))}),
        ("Int32Number lt 1",                             {"Int32Number": rows(("I", "LT", 1))}),
        ("Int32Number le -1",                            {"Int32Number": rows(("I", "LE", -1))}),
        ("1 lt Int32Number",                             {"Int32Number": rows(("I", "GT", 1))}),
        ("1 ge Int32Number",                             {"Int32Number": rows(("I", "LE", 1))}),
        ("'a' eq Text",                                  {"Text": rows(("I", "EQ", "a"))}),
        ("Amount eq 1.50M",                              {"Amount": rows(("I", "EQ", Decimal("1.50")))}),
        ("Day eq datetime'2023-10-12T00:00:00'",         {"Day": rows(("I", "EQ", datetime(2023, 10, 12)))}),
        ("Flag eq true",                                 {"Flag": rows(("I", "EQ", True))}),
        ("Flag",                                         {"Flag": rows(("I", "EQ", True))}),
        ("not Flag",                                     {"Flag": rows(("E", "EQ", True))}),
        # patterns
        ("startswith(Text,'a')",                         {"Text": rows(("I", "CP", "a*"))}),
        ("endswith(Text,'a')",                           {"Text": rows(("I", "CP", "*a"))}),
        ("substringof('a',Text)",                        {"Text": rows(("I", "CP", "*a*"))}),
        ("substringof('a',Text) eq true",                {"Text": rows(("I", "CP", "*a*"))}),
        ("startswith(Text,'1*2+3#4%5_')",                {"Text": rows(("I", "CP", "1#*2#+3##4%5_*"))}),
        ("not startswith(Text,'a')",                     {"Text": rows(("E", "CP", "a*"))}),
        ("Text eq 'a*'",                                 {"Text": rows(("I", "EQ", "a*"))}),
        # and
        ("Text eq 'a' and Int32Number eq 1",             {"Text": rows(("I", "EQ", "a")), "Int32Number": rows(("I", "EQ", 1))}),
        ("Int32Number ge 1 and Int32Number le 5",        {"Int32Number": rows(("I", "BT", 1, 5))}),
        ("Int32Number le 5 and Int32Number ge 1",        {"Int32Number": rows(("I", "BT", 1, 5))}),
        ("Int32Number ge 1 and Text eq 'a' and Int32Number le 5", {"Int32Number": rows(("I", "BT", 1, 5)), "Text": rows(("I", "EQ", "a"))}),
        ("Int32Number ge 1 and Int32Number le 5 and Int32Number ne 3", {"Int32Number": rows(("I", "BT", 1, 5), ("E", "EQ", 3))}),
        ("Text ne 'a' and Text ne 'b'",                  {"Text": rows(("E", "EQ", "a"), ("E", "EQ", "b"))}),
        ("(Text eq 'a' or Text eq 'b') and Int32Number gt 1", {"Text": rows(("I", "EQ", "a"), ("I", "EQ", "b")), "Int32Number": rows(("I", "GT", 1))}),
        # or within one property
        ("Text eq 'a' or Text eq 'b' or startswith(Text,'c')", {"Text": rows(("I", "EQ", "a"), ("I", "EQ", "b"), ("I", "CP", "c*"))}),
        ("Int32Number ge 1 and Int32Number le 5 or Int32Number eq 9", {"Int32Number": rows(("I", "BT", 1, 5), ("I", "EQ", 9))}),
        ("Text eq 'a' or Text eq 'a'",                   {"Text": rows(("I", "EQ", "a"))}),
        # not
        ("not (Text eq 'a')",                            {"Text": rows(("E", "EQ", "a"))}),
        ("not (Text ne 'a')",                            {"Text": rows(("I", "EQ", "a"))}),
        ("not (Int32Number ge 1 and Int32Number le 5)",  {"Int32Number": rows(("E", "BT", 1, 5))}),
    ],
)  # fmt: skip
def test_what_ranges_can_say_becomes_rows(text, expected):
    assert options(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Text eq 'a' or Int32Number eq 1",                      # or between two properties
        "Text eq 'a' or Text ne 'b'",                           # or with an exclusion
        "Text eq 'a' and Text eq 'b'",                          # two inclusions that are no interval
        "Int32Number gt 1 and Int32Number lt 5",                # an open interval
        "(Text eq 'a' or Text eq 'b') and startswith(Text,'a')",
        "not (Text eq 'a' or Text eq 'b')",                     # not before more than one row
        "not (Text eq 'a' and Int32Number eq 1)",
        "Text eq ShortText",                                    # two properties
        "Text eq null",                                         # ABAP has no null
        "tolower(Text) eq 'a'",
        "length(Text) gt 3",
        "startswith(tolower(Text),'a')",
        "substringof(Text,'abc')",                              # the property as the needle
        "startswith(Text,'a') eq false",
        "Int32Number add 1 eq 2",
        "Text eq 'a' and length(Text) gt 3",                    # one part that ranges cannot say empties it all
    ],
)  # fmt: skip
def test_what_ranges_cannot_say_leaves_them_empty(text):
    assert options(text) == {}


def test_a_property_of_a_complex_property_has_its_path_for_a_name():
    assert options("Address/City eq 'Bonn'", "Customers") == {"Address/City": rows(("I", "EQ", "Bonn"))}


def test_a_property_of_another_entity_cannot_be_said():
    assert options("ToCustomer/Name eq 'a'", "Orders") == {}


def test_a_request_without_a_filter_has_no_rows():
    context = RequestContext(entity_set=MODEL.entity_sets["Samples"])
    assert context.select_options() == {}


def test_the_request_context_gives_them():
    samples = MODEL.entity_sets["Samples"]
    context = RequestContext(entity_set=samples, filter=bind_filter("Text eq 'a'", MODEL, samples))

    assert context.select_options() == {"Text": rows(("I", "EQ", "a"))}


# IN -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "table", "expected"),
    [
        ("a",  (),                                       True),    # no rows restrict nothing
        ("a",  (("I", "EQ", "a"),),                      True),
        ("A",  (("I", "EQ", "a"),),                      False),   # by case
        ("b",  (("I", "EQ", "a"), ("I", "EQ", "b")),     True),    # inclusions are joined by or
        ("a",  (("E", "EQ", "a"),),                      False),
        ("b",  (("E", "EQ", "a"),),                      True),    # exclusions alone: everything less
        ("a",  (("I", "CP", "*"), ("E", "EQ", "a")),     False),
        ("M",  (("I", "LT", "N"),),                      True),    # by code point
        ("a1", (("I", "GT", "N"),),                      True),
        (5,    (("I", "BT", 1, 5),),                     True),
        (1,    (("I", "BT", 5, 1),),                     False),   # LOW above HIGH: nothing, and no error
        (3,    (("E", "BT", 1, 5),),                     False),
        (3,    (("I", "GE", 3),),                        True),
        (3,    (("I", "LE", 2),),                        False),
        ("A1", (("I", "CP", "A+"),),                     True),
        ("A",  (("I", "CP", "A+"),),                     False),
        ("a*", (("I", "CP", "a#*"),),                    True),
        ("ab", (("I", "CP", "a#*"),),                    False),
        ("a#", (("I", "CP", "a##"),),                    True),
        ("A",  (("I", "CP", "#A"),),                     True),
        ("a",  (("I", "CP", "a#"),),                     True),    # a lone # at the end is dropped
        ("a%", (("I", "CP", "a%"),),                     True),
        ("ab", (("I", "CP", "a_"),),                     False),
        ("A*1", (("I", "EQ", "A*1"),),                   True),
        ("a\nb", (("I", "CP", "a*"),),                   True),
        (None, (("I", "EQ", "a"),),                      False),
    ],
)  # fmt: skip
def test_in_over_rows_is_abaps(value, table, expected):
    assert within(value, rows(*table)) is expected


_TEXTS = st.text("ab*+#%_", max_size=4)
_CONDITIONS = st.one_of(
    st.tuples(st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]), _TEXTS).map(lambda c: f"Text {c[0]} '{c[1]}'"),
    st.tuples(st.sampled_from(["startswith", "endswith"]), _TEXTS).map(lambda c: f"{c[0]}(Text,'{c[1]}')"),
    _TEXTS.map(lambda text: f"substringof('{text}',Text)"),
    st.integers(-2, 2).map(lambda number: f"Int32Number ge {number}"),
    st.integers(-2, 2).map(lambda number: f"Int32Number le {number}"),
)
_FILTERS = st.recursive(
    _CONDITIONS,
    lambda inner: st.one_of(
        inner.map(lambda text: f"not ({text})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: "({}) {} ({})".format(*parts)),
    ),
    max_leaves=5,
)


@given(text=_FILTERS, value=_TEXTS, number=st.integers(-3, 3))
def test_rows_select_what_the_expression_selects(text, value, number):
    """Where there are rows, a data provider that uses them finds just what one that evaluates the filter finds."""
    expression = bind_filter(text, MODEL, MODEL.entity_sets["Samples"])
    entity = Entity(values={"Text": value, "Int32Number": number})
    found = select_options(expression)

    if found:
        selected = all(within(entity[name], table) for name, table in found.items())
        assert selected is data_util.evaluate(expression, entity)
