"""Tries the distribution as a new user would: the wheel in a fresh environment, the tutorial's files, and pytest.

Everything happens outside of the repository; the wheel is installed with its extra ``pytest``, and the files are those
of docs/testing-your-integration.md. Prints how long each step took.

pip gets what the wheel needs from the index it is configured for. Exit codes: pytest's own, 1 when a step before it
failed, 3 when no index could be reached.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "testing-your-integration.md"
NO_INDEX = 3
_BLOCK = re.compile(r"^```python (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_UNREACHABLE = re.compile(r"NewConnectionError|name resolution|ConnectTimeoutError|Network is unreachable|ProxyError")
_OURS = ("PYTHON", "PYTEST", "SAP_MOCK_", "B2S_", "COVERAGE", "VIRTUAL_ENV")


def files() -> dict[str, str]:
    """The page's files by name; blocks of the same file follow each other."""
    found: dict[str, str] = {}
    for name, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        found[name] = f"{found[name]}\n\n{text}" if name in found else text
    return found


def main() -> int:
    """Try it, and give the exit code."""
    with tempfile.TemporaryDirectory(prefix="wheel-trial-") as folder:
        return _tried(Path(folder))


def _tried(folder: Path) -> int:
    begun = time.monotonic()
    python = folder / "venv" / "bin" / "python"
    project = folder / "project"
    project.mkdir()
    for name, text in files().items():
        (project / name).write_text(text, encoding="utf-8")
    venv.create(folder / "venv", with_pip=True, symlinks=True)
    _say("a fresh environment", begun)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    _step("the wheel built", [*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], folder)
    (wheel,) = folder.glob("*.whl")
    installed = time.monotonic()
    _step("installed with its extra", [*pip, "install", f"{wheel}[pytest]"], folder)
    code = _step("pytest", [str(python), "-m", "pytest", "-p", "no:cacheprovider"], project, fails=False)
    _say("from pip install to green" if not code else "from pip install to the failure", installed)
    _say("all of it", begun)
    return code


def _step(name: str, command: Sequence[str], folder: Path, *, fails: bool = True) -> int:
    begun = time.monotonic()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if done.returncode and fails:
        print(done.stdout + done.stderr, file=sys.stderr)
        sys.exit(NO_INDEX if _UNREACHABLE.search(done.stderr) else 1)
    if not fails:
        print(done.stdout)
    _say(name, begun)
    return done.returncode


def _say(name: str, begun: float) -> None:
    print(f"{time.monotonic() - begun:6.1f} s  {name}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
