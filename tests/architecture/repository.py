"""What the checks of the repository look at: its documents, its modules, its Makefile."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("sap_mock", "billing_mock", "pipeline")


def documents() -> list[Path]:
    """Every Markdown page of the project."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "changelog.d").glob("*.md")]
    return sorted(page for page in pages if page.is_file())


def modules(*packages: str) -> Iterator[Path]:
    """Every module of the named packages, of all three without a name."""
    for package in packages or PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def name(path: Path) -> str:
    """The path as the documents write it."""
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=name(path))


def make_targets() -> set[str]:
    """The targets that the Makefile defines."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    found: set[str] = set()
    for names in re.findall(r"^([a-z][a-z -]*):(?!=)", text, flags=re.MULTILINE):
        found.update(names.split())
    return found


def without_code_blocks(text: str) -> str:
    """The page without its fenced blocks, which show output and trees rather than claims."""
    return re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
