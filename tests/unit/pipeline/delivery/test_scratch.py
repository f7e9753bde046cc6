"""What is remembered of a whole source comes back once, in the order of its keys."""

from decimal import Decimal

import pytest

from pipeline.delivery.scratch import Row, Scratch

ROWS = [Row("b", "read"), Row("a", "read", "USD", Decimal("1.10"), "postman"), Row("a", "sap", "USD", Decimal("1E+3"))]


@pytest.fixture
def scratch():
    made = Scratch()
    yield made
    made.close()


def test_rows_come_back_by_key_and_side_with_exact_amounts(scratch):
    assert scratch.add(ROWS) == 3
    assert list(scratch) == [ROWS[1], ROWS[2], ROWS[0]]


def test_a_key_is_kept_once_on_each_side(scratch):
    scratch.add(ROWS)
    assert scratch.add([Row("a", "read", "EUR"), Row("c", "read")]) == 1
    assert len(scratch) == 4
    assert ("a", "sap") in scratch
    assert ("b", "sap") not in scratch


def test_keys_sort_by_their_code_points_as_in_python(scratch):
    keys = ["\U0001f600", "é", "Z", "a", "\uffff", "", "0"]
    scratch.add(Row(key, "read") for key in keys)
    assert [row.key for row in scratch] == sorted(keys)
