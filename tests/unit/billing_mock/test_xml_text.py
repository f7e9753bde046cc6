"""XML from dicts: well-formed whatever is in it."""

from decimal import Decimal

import pytest
from lxml import etree

from billing_mock.xml_text import Writer


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", "<E />"),
        (None, "<E />"),
        ({}, "<E />"),
        ({"A": None, "B": "x"}, "<E><A /><B>x</B></E>"),
        (Decimal("12.30"), "<E>12.30</E>"),
        (Decimal("-0.001"), "<E>-0.001</E>"),
        (0, "<E>0</E>"),
        (True, "<E>true</E>"),
        ("a<b>&\"'", "<E>a&lt;b&gt;&amp;\"'</E>"),
        ("a\x00b\x1fc", "<E>abc</E>"),
        ("Łódź 🍮", "<E>Łódź 🍮</E>"),
    ],
)
def test_each_value_has_its_element(value, text):
    assert Writer({}).element("E", value) == text
    etree.fromstring(text)


def test_a_list_is_its_items_and_an_empty_one_closes_itself():
    writer = Writer({"Lines": "Line"})
    assert writer.element("Lines", [{"A": 1}, {"A": 2}]) == "<Lines><Line><A>1</A></Line><Line><A>2</A></Line></Lines>"
    assert writer.element("Lines", []) == "<Lines />"


def test_amounts_may_have_a_comma_and_texts_keep_their_point():
    written = Writer({}, point=",").element("E", {"Amount": Decimal("1.20"), "Text": "1.20"})
    assert written == "<E><Amount>1,20</Amount><Text>1.20</Text></E>"
