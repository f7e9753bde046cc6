"""JSON of any size: element by element, exact, the same whole or in single bytes, and never a half taken for a whole."""

import json
import tracemalloc
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.record import Unsound, read_json
from pipeline.sources import json_stream
from pipeline.sources.json_stream import BadJson, NoList, elements

DOCUMENT = b' {"meta": {"n": 3, "more": [1, {}]}, "data": [ {"a": 0.10}, "x,]}" , 12 , null, [] ], "z": -1 } \n'
READ = [{"a": Decimal("0.10")}, "x,]}", 12, None, []]


def whole(document):
    return list(elements(BytesIO(document).read, member="data"))


def by_bytes(document):
    source = BytesIO(document)
    return list(elements(lambda _: source.read(1), member="data"))


@pytest.mark.parametrize("read", [whole, by_bytes])
@pytest.mark.parametrize("document", [DOCUMENT, b"\xef\xbb\xbf" + DOCUMENT])
def test_elements_come_in_order_and_exact(read, document):
    assert read(document) == READ


@pytest.mark.parametrize("read", [whole, by_bytes])
@pytest.mark.parametrize("document", [b'{"data":[]}', b'{"a":1,"data":[ ] }'])
def test_an_empty_list_has_no_elements(read, document):
    assert read(document) == []


@pytest.mark.parametrize("length", range(len(DOCUMENT) - 3))
def test_no_beginning_of_a_document_passes_for_a_whole_one(length):
    with pytest.raises(BadJson):
        whole(DOCUMENT[:length])


@pytest.mark.parametrize(
    "document",
    [
        *(
            b"",
            b"<html>",
            b"{",
            b'{"data":[1,]}',
            b'{"data":[1 2]}',
            b'{"data":[1]} x',
            b'{"data":[1]}{}',
            b"[" * 100_000,
        ),
        *(
            b'{"data" [1]}',
            b'{"data":[1}',
            b'{"data":[\xff]}',
            b'{"data":[1],"data":[2]}',
            b'{"data":[' + b"[" * 100_000,
        ),
    ],
)
@pytest.mark.parametrize("read", [whole, by_bytes])
def test_what_is_no_json_is_told(read, document):
    with pytest.raises(BadJson):
        read(document)


@pytest.mark.parametrize(
    "document", [b"[]", b"1", b'"data"', b"{}", b'{"data":{}}', b'{"data":null}', b'{"other":[1]}']
)
def test_json_without_the_list_is_told_apart(document):
    with pytest.raises(NoList):
        whole(document)


def test_elements_before_a_break_are_given():
    found = elements(BytesIO(b'{"data":[{"a":1},{"a":').read, member="data")
    assert next(found) == {"a": 1}
    with pytest.raises(BadJson):
        next(found)


def test_unsound_places_are_marked_and_take_nobody_with_them():
    assert whole(b'{"data":[{"a":NaN},{"a":1,"a":2},{"a":3}]}') == [
        {"a": Unsound("NaN is not a number", "NaN")},
        Unsound("a given more than once", '{"a":0,"a":0}'),
        {"a": 3},
    ]


def test_the_size_of_one_element_is_limited(monkeypatch):
    monkeypatch.setattr(json_stream, "LARGEST_ELEMENT", 100_000)
    with pytest.raises(BadJson):
        whole(b'{"data":["' + b"x" * 300_000 + b'"]}')


def test_memory_does_not_grow_with_the_document():
    def needed(count):
        parts = iter([b'{"data":[', *[b'{"id":"inv_1","totalAmount":{"value":440}},' * 500] * count, b"{}]}"])
        tracemalloc.start()
        told = sum(1 for _ in elements(lambda _: next(parts, b""), member="data"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return told, peak

    (few, little), (many, much) = needed(4), needed(80)
    assert (few, many) == (2001, 40_001)
    assert much < little + 100_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), VALUES, max_size=3), st.lists(VALUES, max_size=5), st.integers(1, 40))
def test_any_document_reads_the_same_in_pieces_of_any_size(others, data, size):
    document = json.dumps({**others, "data": data}).encode()
    source = BytesIO(document)
    assert list(elements(lambda _: source.read(size), member="data")) == read_json(document)["data"]
