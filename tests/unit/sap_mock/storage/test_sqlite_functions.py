"""Exact numbers and Unicode for SQLite."""

from __future__ import annotations

import sqlite3

import pytest

from sap_mock.storage import sqlite_functions


@pytest.fixture
def select():
    """The value of an SQL expression."""
    connection = sqlite3.connect(":memory:")
    sqlite_functions.register(connection)
    yield lambda expression, *values: connection.execute(f"SELECT {expression}", values).fetchone()[0]
    connection.close()


@pytest.mark.parametrize(("expression", "values", "result"), [
    ("edm_add(?,?)", ("0.1", "0.2"), "0.3"), ("edm_add(?,?)", (1, 2), 3), ("edm_add(?,?)", (1, "2.5"), "3.5"),
    ("edm_add(?,?)", (1.5, "2.5"), 4.0), ("edm_add(?,?)", (None, 1), None), ("edm_sub(?,?)", ("1", "0.9999999999999999999999"), "0.0000000000000000000001"),
    ("edm_mul(?,?)", (2**62, 4), 2**63 - 1), ("edm_mul(?,?)", (2**62, -4), -(2**63)), ("edm_div(?,?)", (7, 2), 3), ("edm_div(?,?)", (-7, 2), -3),
    ("edm_div(?,?)", (7, -2), -3), ("edm_div(?,?)", ("7", 2), "3.5"), ("edm_div(?,?)", (7, 0), None), ("edm_div(?,?)", (7.0, 0), None),
    ("edm_div(?,?)", ("7", "0"), None), ("edm_mod(?,?)", (-7, 2), -1), ("edm_mod(?,?)", ("7.5", "2"), "1.5"), ("edm_mod(?,?)", (5.5, 2), 1.5),
    ("edm_neg(?)", ("1.50",), "-1.50"), ("edm_neg(?)", (None,), None), ("edm_neg(?)", (-(2**63),), 2**63 - 1),
    ("edm_round(?)", ("2.5",), "3"), ("edm_round(?)", (-2.5,), -3.0), ("edm_floor(?)", ("-1.1",), "-2"), ("edm_ceiling(?)", (1.1,), 2.0),
    ("edm_round(?)", (7,), 7), ("edm_round(?)", (None,), None), ("edm_lower(?)", ("ÄÖ",), "äö"), ("edm_upper(?)", ("é",), "É"),
    ("edm_upper(?)", (None,), None), ("edm_decimal_text(?)", (0.1,), "0.1"), ("edm_decimal_text(?)", (5,), "5"),
    ("edm_decimal_text(?)", ("1.50",), "1.50"), ("edm_decimal_text(?)", (None,), None),
    ("? < ? COLLATE edm_decimal", ("9", "10"), 1), ("? = ? COLLATE edm_decimal", ("1.50", "1.5"), 1),
    ("? < ? COLLATE edm_decimal", ("-1", "0"), 1), ("? < ? COLLATE edm_decimal", ("x", "y"), 1),
])  # fmt: skip
def test_numbers_stay_exact_and_letters_know_their_case(select, expression, values, result):
    found = select(expression, *values)
    assert found == result
    assert type(found) is type(result)
