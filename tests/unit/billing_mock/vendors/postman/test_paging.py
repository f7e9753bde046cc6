"""One answer holds the whole list, whatever its length."""

import json

import pytest

from billing_mock.vendors.postman.paging import CHUNK, whole_list


@pytest.mark.parametrize("length", [0, 1, 2, 3, 5000])
def test_the_chunks_are_one_list_in_order(length):
    elements = [json.dumps({"id": number, "name": "Łódź"}) for number in range(length)]
    assert json.loads(b"".join(whole_list(elements))) == {"data": [json.loads(element) for element in elements]}


def test_a_long_list_leaves_in_pieces():
    chunks = list(whole_list("x" * 1000 for _ in range(500)))
    assert len(chunks) > 5
    assert max(map(len, chunks)) < 2 * CHUNK
