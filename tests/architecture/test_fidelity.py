"""docs/fidelity.md tells the truth: the tests it names are there, and no refusal is without a row."""

import ast
import re

import pytest
from repository import ROOT, tree

from sap_mock.odata.errors import Refusal

PAGE = (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8")
COLUMNS = 6
STRENGTHS = {"captured", "documented", "code", "inferred"}
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows():
    """The rows of every table that tells facts, as lists of their cells."""
    for line in PAGE.splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if line.startswith("|") and cells[0] != "id" and set(cells[0]) != {"-"}:
            yield cells


ROWS = list(rows())


def functions_in(path):
    return {node.name for node in ast.walk(tree(ROOT / path)) if isinstance(node, ast.FunctionDef)}


def test_every_row_says_what_where_how_sure_what_we_do_and_which_test():
    assert ROWS
    assert [row[0] for row in ROWS if len(row) != COLUMNS or not all(row)] == []
    assert [row[0] for row in ROWS if row[3] not in STRENGTHS] == []


def test_every_row_has_a_test_or_a_reason_why_it_is_not_followed():
    untold = [
        row[0] for row in ROWS if not NAMED_TEST.fullmatch(row[5]) and not re.fullmatch(r"not followed: \S.*", row[5])
    ]
    assert untold == []


def test_no_two_rows_share_their_id():
    ids = [row[0] for row in ROWS]
    assert sorted({name for name in ids if ids.count(name) > 1}) == []


@pytest.mark.parametrize("path", sorted({path for path, _ in NAMED_TEST.findall(PAGE)}))
def test_every_test_that_the_page_names_exists(path):
    named = {name for file, name in NAMED_TEST.findall(PAGE) if file == path}
    assert named - functions_in(path) == set()


@pytest.mark.parametrize("refusal", Refusal, ids=lambda refusal: refusal.name)
def test_every_refusal_has_a_row(refusal):
    assert any(f"`{refusal.name}`" in row[4] for row in ROWS)


def test_the_sections_that_the_modules_refer_to_are_there():
    headings = set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))
    named = set()
    for module in (ROOT / "sap_mock").rglob("*.py"):
        text = " ".join(module.read_text(encoding="utf-8").split())
        named.update(re.findall(r'docs/fidelity\.md,?(?: section)? "([^"]+)"', text))
    assert named
    assert named - headings == set()
