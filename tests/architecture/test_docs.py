"""The documents tell the truth about what is here: targets, files, links."""

import re
import tomllib
from pathlib import Path

import pytest
from repository import PACKAGES, ROOT, documents, make_targets, modules, name, without_code_blocks

PAGES = documents()
TOP = {path.name for path in ROOT.iterdir() if path.is_dir() and (path.name == ".ci" or not path.name.startswith("."))}
PLACEHOLDER = re.compile(r"[<>*{}…$\s]|\.\.\.|://")
"""What marks a text in backticks as a pattern, a command or an address rather than as one file."""


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+\s+(.+?)\s*#*$", without_code_blocks(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    return re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", without_code_blocks(page.read_text(encoding="utf-8")))


def named_files(text: str) -> list[str]:
    """The paths in backticks: they have a slash, begin with a folder of ours and are no pattern."""
    quoted = re.findall(r"`([^`\n]+)`", text)
    paths = [path for path in quoted if "/" in path and not PLACEHOLDER.search(path)]
    tops = TOP | {entry.name for package in PACKAGES for entry in (ROOT / package).iterdir() if entry.is_dir()}
    return [path for path in paths if path.split("/")[0] in tops]


def exists(path: str) -> bool:
    file = path.partition("::")[0].partition("#")[0]
    return any((base / file).exists() for base in (ROOT, *(ROOT / package for package in PACKAGES)))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_make_target_that_a_page_names_exists(page):
    text = page.read_text(encoding="utf-8")
    quoted = re.findall(r"`make ([a-z][a-z-]*)", text)
    shown = re.findall(r"^\s*(?:\$ )?make ([a-z][a-z-]*)(?:\s+[A-Z]+=\S+)*\s*(?:#.*)?$", text, re.MULTILINE)
    assert {*quoted, *shown} <= make_targets()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_file_that_a_page_names_exists(page):
    text = without_code_blocks(page.read_text(encoding="utf-8"))
    assert [path for path in named_files(text) if not exists(path)] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_relative_link_leads_somewhere(page):
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file) if file else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("file", [*PAGES, *modules()], ids=name)
def test_nobody_is_told_to_install_from_an_index_that_does_not_have_it(file):
    assert re.findall(r"install\s+[\"'`]?billing-to-sap.*", file.read_text(encoding="utf-8")) == []


def test_the_readme_names_every_extra():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [extra for extra in extras if extra != "dev" and f"| `{extra}` |" not in text] == []


def test_the_table_of_where_to_put_what_names_what_is_there():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = re.search(r"where do i put.*?\n((?:\s*\|.*\n)+)", text, re.IGNORECASE | re.DOTALL)
    assert table, "ARCHITECTURE.md has no table under 'Where do I put …'"
    rows = [row for row in table[1].splitlines() if "`" in row]
    assert rows
    assert [path for row in rows for path in named_files(row) if not exists(path)] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_page_is_empty(page):
    assert page.read_text(encoding="utf-8").strip()
