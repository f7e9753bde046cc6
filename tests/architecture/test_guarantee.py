"""docs/guarantee.md names, for each promise, the tests that hold it: those whose docstring begins with its number."""

import ast
import os
import re

from repository import ROOT

PAGE = ROOT / "docs" / "guarantee.md"
NUMBERS = re.compile(r"(?:P\d+(?:, )?)+(?=:)")
PROMISES = [f"P{number}" for number in range(1, 26)]


def held_by():
    """Promise → the test files that say they hold it, sorted."""
    found = {promise: set() for promise in PROMISES}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
                begins = NUMBERS.match(ast.get_docstring(node) or "")
                for promise in re.findall(r"P\d+", begins[0]) if begins else ():
                    found[promise].add(path.relative_to(ROOT))
    return {promise: sorted(paths) for promise, paths in found.items()}


def links(paths):
    return ", ".join(f"[{path.stem.removeprefix('test_')}](../{path})" for path in paths)


def rows():
    """The table's rows, cell by cell."""
    lines = PAGE.read_text().splitlines()
    return [cells for line in lines if (cells := cells_of(line)) and cells[0] in PROMISES]


def cells_of(line):
    return [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []


def test_every_promise_names_the_tests_that_hold_it():
    tests = {promise: links(paths) for promise, paths in held_by().items()}
    if os.environ.get("UPDATE_GUARANTEE"):
        PAGE.write_text("".join(f"{updated(line, tests)}\n" for line in PAGE.read_text().splitlines()))
    assert {promise: named for promise, _, named, _ in rows()} == tests
    assert [promise for promise, paths in tests.items() if not paths] == []


def updated(line, tests):
    cells = cells_of(line)
    return f"| {cells[0]} | {cells[1]} | {tests[cells[0]]} | {cells[3]} |" if cells and cells[0] in PROMISES else line
