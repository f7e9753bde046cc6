"""docs/why.md shows what its script prints, but for what is new in each run: moments, durations, which of eight was first."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NODE_MODULES = ROOT / "tests" / "clients" / "node_modules"
NEW_IN_EACH_RUN = {
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ": "MOMENT",
    r"^\d+\.\d s$": "SECONDS",
    r"inv_[A-Z0-9]{16}": "INVOICE",
    r"\d+ more lines": "LINES more lines",
    r"file://\S+/node_modules": "NODE_MODULES",
    r"(promises|settle\.js)(:\d+)+": r"\1",
}
OURS = "## What it takes instead"

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not shutil.which("curl"), reason="the page's script asks the stand-ins with curl"),
]


def shown(page):
    """The page's boxes one after the other; before the first one with output there is only the command."""
    return [box.strip() for box in re.findall(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)]


def printed(folder, *arguments, **changed):
    environment = {**os.environ, "TMPDIR": str(folder), "BIN": str(Path(sys.executable).parent), **changed}
    command = [str(ROOT / "docs" / "why" / "try.sh"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    return re.split(r"^== .*\n", done.stdout, flags=re.MULTILINE)[1:]


def alike(texts):
    """The lines of all texts, without what is new in each run."""
    text = "\n".join(line for one in texts for line in one.splitlines() if line)
    for pattern, name in NEW_IN_EACH_RUN.items():
        text = re.sub(pattern, name, text, flags=re.MULTILINE)
    return text.splitlines()


def page():
    return (ROOT / "docs" / "why.md").read_text(encoding="utf-8")


def test_the_page_shows_what_billing_to_sap_prints_when_all_that_sap_said_is_lost(tmp_path):
    assert alike(printed(tmp_path, "ours")) == alike(shown(page().partition(OURS)[2]))


@pytest.mark.skipif(
    not ((NODE_MODULES / "axios").is_dir() and shutil.which("node")), reason="make clients installs the script's axios"
)
def test_the_page_shows_what_the_script_prints(tmp_path):
    assert alike(printed(tmp_path, NODE_MODULES=str(NODE_MODULES))) == alike(shown(page())[1:])


def test_neither_the_caller_s_settings_nor_his_ledger_nor_his_proxy_take_part(tmp_path):
    ledger = tmp_path / "ledger.db"
    caller = {"B2S_LEDGER_URL": f"sqlite:///{ledger}", "B2S_SAP_CLIENT": "800", "SAP_MOCK_WORKERS": "many"}
    state = tmp_path / "state"
    printed(tmp_path, "ours", XDG_STATE_HOME=str(state), http_proxy="http://127.0.0.1:9", **caller)
    assert list(tmp_path.iterdir()) == []
