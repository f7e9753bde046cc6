"""The grammar of $filter and $orderby: what binds tighter, where an error is, and printing a tree back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sap_mock.odata.errors import ODataError, Refusal
from sap_mock.odata.uri import filter_parser
from sap_mock.odata.uri.filter_parser import (
    DEEPEST,
    PRECEDENCE,
    BinaryNode,
    CallNode,
    LiteralNode,
    PathNode,
    UnaryNode,
    parse,
    parse_orderby,
    to_text,
)
from sap_mock.odata.uri.functions import FUNCTIONS


def shown(node) -> str:
    """A tree with every pair of parentheses that its shape needs."""
    match node:
        case BinaryNode():
            return f"({shown(node.left)} {node.operator} {shown(node.right)})"
        case UnaryNode():
            return f"({node.operator} {shown(node.operand)})"
        case CallNode():
            return f"{node.function}({', '.join(map(shown, node.arguments))})"
        case PathNode():
            return "/".join(node.names)
        case LiteralNode():
            return node.text


# [MS-ODATA] 2.2.3.6.1.1.2; the first rows are from Olingo's TestParser
TREES = [
    ("a or b and c", "(a or (b and c))"),
    ("a and b or c", "((a and b) or c)"),
    ("(a or b) and c", "((a or b) and c)"),
    ("a or b or c", "((a or b) or c)"),
    ("a eq b and c eq d", "((a eq b) and (c eq d))"),
    ("a eq b ne c", "((a eq b) ne c)"),
    ("a lt b eq c gt d", "((a lt b) eq (c gt d))"),
    ("a add b mul c", "(a add (b mul c))"),
    ("a mul b add c", "((a mul b) add c)"),
    ("a sub b sub c", "((a sub b) sub c)"),
    ("a div b mod c", "((a div b) mod c)"),
    ("a add b gt c sub d", "((a add b) gt (c sub d))"),
    ("not a and b", "((not a) and b)"),
    ("not a eq b", "((not a) eq b)"),
    ("not (a eq b)", "(not (a eq b))"),
    ("not not a", "(not (not a))"),
    ("not startswith(a,'x')", "(not startswith(a, 'x'))"),
    ("not(a)", "(not a)"),
    ("-a mul b", "((- a) mul b)"),
    ("- a eq -1", "((- a) eq -1)"),
    ("-(a add b)", "(- (a add b))"),
    ("5 sub -3", "(5 sub -3)"),
    ("a/b/c eq d/e", "(a/b/c eq d/e)"),
    ("substring(concat(a,'x'),1,2) eq 'b'", "(substring(concat(a, 'x'), 1, 2) eq 'b')"),
    ("concat(a,b,c)", "concat(a, b, c)"),
    ("  a   eq\t1 ", "(a eq 1)"),
    ("((a))", "a"),
    ("true", "true"),
    ("eq eq eq", "(eq eq eq)"),
    ("not", "not"),
    ("not/x eq 1", "(not/x eq 1)"),
    ("startswith eq 1", "(startswith eq 1)"),
]


@pytest.mark.parametrize(("text", "tree"), TREES)
def test_operators_bind_as_the_specification_says(text, tree):
    assert shown(parse(text)) == tree


@pytest.mark.parametrize(("text", "position"), [
    ("", 1), ("a eq", 5), ("eq 1", 4), ("a eq 1 1", 8), ("a b", 3), ("(a eq 1", 8), ("a eq 1)", 7), ("(a", 3), ("()", 2),
    ("a and", 6), ("and a", 5), ("a eq and b", 10), ("startswith(a,'x'", 17), ("startswith(a,)", 14), ("startswith(,a)", 12),
    ("a/", 3), ("a//b", 3), ("a eq datetime'2020-01-01'", 6), ("a eq guid'x'", 6),
    ("a eq X'0'", 6), ("a eq foo'x'", 6), ("a,b", 2), ("*", 1), ("a eq *", 6),
    ("a not b", 3), ("-", 2),
])  # fmt: skip
def test_what_fits_no_rule_is_refused_with_the_position_of_the_token(text, position):
    """KBA 3555785: "Invalid token detected at position"."""
    with pytest.raises(ODataError) as refused:
        parse(text)
    assert refused.value.status == 400
    assert refused.value.text == f"Invalid token detected at position {position}"


@pytest.mark.parametrize("text", ["a eq 5.00", "a gt 1.5 and b eq 1", "a eq 99999999999"])
def test_a_number_without_its_suffix_is_a_malformed_literal(text):
    """Captured: a decimal with a point needs its M."""
    with pytest.raises(ODataError) as refused:
        parse(text)
    assert (refused.value.status, refused.value.text) == (400, "Malformed URI literal syntax")


@pytest.mark.parametrize(("text", "said"), [
    ("contains(a,'x')", "Unknown function 'contains' detected at position 1"),
    ("a eq 1 and any(b)", "Unknown function 'any' detected at position 12"),
])  # fmt: skip
def test_a_function_that_nobody_knows_is_named(text, said):
    with pytest.raises(ODataError) as refused:
        parse(text)
    assert refused.value.text == said


def test_nodes_know_where_they_stand():
    node = parse("a eq 1 and startswith(b/c,'x')")
    assert node.position == 8
    assert (node.left.position, node.left.left.position, node.left.right.position) == (3, 1, 6)
    assert (node.right.position, node.right.arguments[0].position) == (12, 23)


@pytest.mark.parametrize("nested", ["({})", "not {}", "-{}", "trim({})", "(not {})"])
def test_nesting_ends_somewhere(nested):
    text = "a"
    for _ in range(DEEPEST // 3):
        text = nested.format(text)
    parse(text)
    for _ in range(10 * DEEPEST):
        text = nested.format(text)
    with pytest.raises(ODataError, match="Invalid token"):
        parse(text)


def test_a_long_chain_of_conditions_is_not_nesting():
    text = " or ".join(f"a eq {number}" for number in range(500))
    assert shown(parse(text)).count(" or ") == 499


NAMES = st.from_regex(r"[A-Z][A-Za-z0-9_]{0,5}", fullmatch=True)
LITERALS = st.sampled_from(["1", "-1", "0", "12L", "1.5M", "-2.50m", "1E+2D", "1.1F", "'x'", "'O''Brien'", "''", "true", "false", "null",
                            "datetime'2020-02-29T12:00:00'", "time'PT1H'", "X'0AFF'", "guid'0050568d-393c-1ed4-9d97-e65f0f3fcc23'"])  # fmt: skip
LEAVES = st.one_of(
    LITERALS.map(parse),
    st.lists(NAMES, min_size=1, max_size=3).map(lambda names: PathNode(tuple(names), 1)),
)
TREES_ = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(BinaryNode, st.sampled_from(list(PRECEDENCE)), inner, inner, st.just(1)),
        st.builds(UnaryNode, st.sampled_from(["not", "-"]), inner, st.just(1)),
        st.builds(
            CallNode, st.sampled_from(list(FUNCTIONS)), st.lists(inner, min_size=1, max_size=3).map(tuple), st.just(1)
        ),
    ),
    max_leaves=12,
)


@given(TREES_)
def test_any_tree_is_printed_so_that_it_reads_as_itself(tree):
    assert shown(parse(to_text(tree))) == shown(tree)


@given(st.text(alphabet="ab '()/,-eqnot1.M", max_size=30))
def test_any_text_is_a_tree_that_prints_back_or_a_refusal_with_a_position_in_it(text):
    refusal = None
    try:
        tree = parse(text)
    except ODataError as error:
        refusal = error
    if refusal is None:
        assert shown(parse(to_text(tree))) == shown(tree)
    else:
        assert refusal.status == 400
        if refusal.refusal is Refusal.MALFORMED_LITERAL:  # captured without a position; only numbers get it
            assert any(character.isdigit() for character in text)
        else:
            assert 1 <= int(refusal.text.rpartition(" ")[2]) <= len(text) + 1


@pytest.mark.parametrize(("text", "expected"), [
    ("a", [("a", False)]),
    ("a asc,b desc", [("a", False), ("b", True)]),
    ("a ASC,b Desc", [("a", False), ("b", True)]),
    ("a/b desc , c", [("a/b", True), ("c", False)]),
    ("a add 1 desc", [("(a add 1)", True)]),
    ("length(a) desc,desc desc", [("length(a)", True), ("desc", True)]),
])  # fmt: skip
def test_orderby_is_a_list_of_expressions_each_with_its_direction(text, expected):
    assert [(shown(node), down) for node, down in parse_orderby(text)] == expected


@pytest.mark.parametrize(("text", "said"), [
    ("a foo", "Invalid sortorder foo detected"),
    ("a desc,b up", "Invalid sortorder up detected"),
    ("a,", "Invalid token detected at position 3"),
    (",a", "Invalid token detected at position 1"),
    ("(a", "Invalid token detected at position 3"),
    ("a desc b", "Invalid token detected at position 8"),
    ("", "Invalid token detected at position 1"),
])  # fmt: skip
def test_a_wrong_orderby_is_refused(text, said):
    with pytest.raises(ODataError) as refused:
        parse_orderby(text)
    assert (refused.value.status, refused.value.text) == (400, said)


def test_every_operator_has_a_precedence_and_unary_ones_bind_tightest():
    assert max(PRECEDENCE.values()) < filter_parser._UNARY
