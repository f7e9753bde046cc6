"""Where a value stands: the byte where it starts and the byte behind it."""

import json

import pytest

from sap_mock.formats.json_offsets import value_offsets

PLACES = [
    # body, path, the value as it stands there
    ('{"a":1}', ["a"], "1"),
    ('{ "a" :\t1 , "b": "x" }', ["b"], '"x"'),
    ('{"a":"}","b":2}', ["b"], "2"),
    ('{"a":"\\"","b":2}', ["b"], "2"),
    ('{"ü":"ß","b":true}', ["b"], "true"),
    ('{"\\u0061":1}', ["a"], "1"),
    ('{"a":1,"a":22}', ["a"], "22"),
    ('{"d":{"a":[{"b":1},{"b":{"c":null}}]}}', ["d", "a", 1, "b", "c"], "null"),
    ('{"a":[1,[2,3],"x"]}', ["a", 1], "[2,3]"),
    ('{"a":{}}', ["a"], "{}"),
    ('{"":0}', [""], "0"),
    ('\ufeff{"a":1}', ["a"], "1"),
]


@pytest.mark.parametrize(("text", "path", "value"), PLACES)
def test_a_value_is_found_by_its_path(text, path, value):
    body = text.encode()
    start, end = value_offsets(body, path)
    assert body[start:end].decode() == value
    json.loads(value)
