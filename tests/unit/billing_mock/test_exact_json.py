"""JSON without binary floats."""

import json
from decimal import Decimal

import pytest

from billing_mock.exact_json import dumps


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("440.00"), "440"),
        (Decimal("0.10"), "0.1"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.00"), "0"),
        (Decimal("-1.005"), "-1.005"),
        (Decimal("12345678901234567890.123456789"), "12345678901234567890.123456789"),
        (12, "12"),
        (True, "true"),
        (None, "null"),
        ('Ærø "x"', '"Ærø \\"x\\""'),
        ({"a": [Decimal("1.50"), {"b": ()}]}, '{"a":[1.5,{"b":[]}]}'),
    ],
)
def test_each_value_has_its_text(value, text):
    assert dumps(value) == text
    assert json.loads(text, parse_float=Decimal) is not ...


def test_a_binary_float_is_refused():
    with pytest.raises(TypeError, match="float has no exact JSON text"):
        dumps({"total": 1.1})
