"""Sizes: small modules and short functions, and a written reason for each that is not."""

import ast
import statistics
import sys

import pytest
from repository import PACKAGES, ROOT, modules, name, tree

LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
VENDOR_FILES = {"routes.py", "presenter.py", "paging.py", "errors.py"}


def explanations() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs" / "decisions").glob("*.md")))


def length(path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def long_functions(path) -> list[str]:
    """Every function over the limit, without its docstring, as `path::name`."""
    found = []
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
        if (node.end_lineno or 0) - first.lineno + 1 > LONGEST_FUNCTION:
            found.append(f"{name(path)}::{node.name}")
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_are_short_or_their_length_is_explained(package, capsys):
    lengths = {name(path): length(path) for path in modules(package)}
    with capsys.disabled():
        spread = statistics.quantiles(lengths.values(), n=10) if len(lengths) > 1 else [0] * 9
        sys.stdout.write(
            f"\n{package}: {len(lengths)} modules, {sum(lengths.values())} lines; "
            f"median {spread[4]:.0f}, nine of ten under {spread[8]:.0f}, longest {max(lengths.values())}\n"
        )
    explained = explanations()
    assert [path for path, lines in lengths.items() if lines > LONGEST_MODULE and path not in explained] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_are_short_or_their_length_is_explained(package):
    explained = explanations()
    found = [function for path in modules(package) for function in long_functions(path)]
    assert [function for function in found if function not in explained] == []


def test_every_vendor_has_the_same_four_files():
    vendors = [folder for folder in (ROOT / "billing_mock" / "vendors").iterdir() if (folder / "__init__.py").exists()]
    assert vendors
    for vendor in vendors:
        assert {file.name for file in vendor.glob("*.py")} == VENDOR_FILES | {"__init__.py"}, vendor.name


def test_every_module_opens_with_its_law():
    silent = [name(path) for path in modules() if not ast.get_docstring(tree(path))]
    assert silent == []
