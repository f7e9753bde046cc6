"""Text → tokens with the position of each, counted from 1."""

from __future__ import annotations

import pytest

from sap_mock.odata.errors import ODataError
from sap_mock.odata.uri.tokens import tokenize

# text, (kind, text, position) of each token but the last
TOKENS = [
    ("", []),
    ("  ", []),
    ("A eq 1", [("name", "A", 1), ("name", "eq", 3), ("literal", "1", 6)]),
    ("A/B", [("name", "A", 1), ("mark", "/", 2), ("name", "B", 3)]),
    (
        "f(A,'x')",
        [
            ("name", "f", 1),
            ("mark", "(", 2),
            ("name", "A", 3),
            ("mark", ",", 4),
            ("literal", "'x'", 5),
            ("mark", ")", 8),
        ],
    ),
    ("'O''Brien'", [("literal", "'O''Brien'", 1)]),
    ("''", [("literal", "''", 1)]),
    ("'a b' eq", [("literal", "'a b'", 1), ("name", "eq", 7)]),
    ("datetime'2020-01-01T00:00:00'", [("literal", "datetime'2020-01-01T00:00:00'", 1)]),
    ("X'0A'", [("literal", "X'0A'", 1)]),
    (
        "12L 1.5M 1E+2D .5f -3",
        [
            ("literal", "12L", 1),
            ("literal", "1.5M", 5),
            ("literal", "1E+2D", 10),
            ("literal", ".5f", 16),
            ("literal", "-3", 20),
        ],
    ),
    ("true false null", [("literal", "true", 1), ("literal", "false", 6), ("literal", "null", 12)]),
    ("-INF NaN INFf", [("literal", "-INF", 1), ("literal", "NaN", 6), ("literal", "INFf", 10)]),
    ("trueish nullable/x", [("name", "trueish", 1), ("name", "nullable", 9), ("mark", "/", 17), ("name", "x", 18)]),
    ("true/x null(", [("name", "true", 1), ("mark", "/", 5), ("name", "x", 6), ("name", "null", 8), ("mark", "(", 12)]),
    ("-A", [("mark", "-", 1), ("name", "A", 2)]),
    ("Größe eq Ёлка", [("name", "Größe", 1), ("name", "eq", 7), ("name", "Ёлка", 10)]),
    ("A_1-x", [("name", "A_1-x", 1)]),
    ("*", [("mark", "*", 1)]),
]


@pytest.mark.parametrize(("text", "expected"), TOKENS)
def test_text_falls_into_tokens_with_their_positions(text, expected):
    *tokens, end = tokenize(text)
    assert [(token.kind, token.text, token.position) for token in tokens] == expected
    assert (end.kind, end.text, end.position) == ("end", "", len(text) + 1)


@pytest.mark.parametrize(("text", "position"), [
    ("$it eq 1", 1), ("A eq 'open", 6), ("A eq ?", 6), ("A eq \u2019x\u2019", 6), ("A = 1", 3), ("12abc", 1), ("1.5.2", 1),
    ('A eq "x"', 6), ("A:B", 2), ("a#b", 2), ("A eq 5.", 6),
])  # fmt: skip
def test_the_first_foreign_character_is_refused_with_its_position(text, position):
    with pytest.raises(ODataError, match=rf"Invalid token detected at position {position}\Z"):
        list(tokenize(text))
