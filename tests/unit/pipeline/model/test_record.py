"""JSON is read exactly, and what has no exact value is marked where it stands."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.record import NotJson, canonical, read_json, unsound_places


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234567890123456.78", Decimal("1234567890123456.78")),
        ("440", 440),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("440.00", Decimal("440.00")),
    ],
)
def test_a_number_keeps_every_digit(text, value):
    assert str(read_json(text.encode())) == str(value)


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (b'{"a":NaN}', ["a: NaN is not a number"]),
        (b'{"a":[1,-Infinity]}', ["a[1]: -Infinity is not a number"]),
        (b'{"a":{"b":1,"b":2}}', ["a: b given more than once"]),
        (b'{"b":1,"b":2}', ["record: b given more than once"]),
        (b'{"a":1}', []),
        (b'{"a":%s}' % (b"1" * 5000), [f"a: {'1' * 20}... is too long for a number"]),
        (b'{"a":1e99999999999999999999}', ["a: 1e999999999999999999... is too long for a number"]),
    ],
)
def test_unsound_json_is_marked_where_it_stands(body, places):
    assert unsound_places(read_json(body)) == places


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000, b'"\xff"', b'{"a":1}x'])
def test_what_is_no_json_is_refused_whatever_it_is(body):
    with pytest.raises(NotJson):
        read_json(body)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1.50,"b":[1E+2,-0.0]}',
        "NaN",
        '{"a":[NaN,"NaN","1.5"]}',
        '{"a":{"b":1,"b":2},"c":-Infinity,"d":1e99999999999999999999}',
        '{"\\"":1,"\\"":2}',
    ],
)
def test_what_is_kept_is_read_as_what_it_was(text):
    once = read_json(text.encode())
    again = read_json(canonical(once).encode())
    assert repr(again) == repr(once)
    assert canonical(again) == canonical(once)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none() | st.lists(st.booleans())))
def test_one_content_has_one_spelling_whatever_the_order_of_its_names(record):
    backwards = dict(reversed(record.items()))
    assert canonical(record) == canonical(backwards)
