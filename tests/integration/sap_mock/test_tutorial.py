"""docs/testing-your-integration.md runs as it stands, and its tests find the mistakes that they are there to find."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.wheel_trial import NO_INDEX, files

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[3]
LONGEST = 10


@pytest.fixture
def suite(pytester, monkeypatch):
    """Runs the page's tests, with something in the client replaced."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    def run(file, old="", new=""):
        for name, text in files().items():
            assert not (old and name == "posting.py") or text.count(old) == 1
            (pytester.path / name).write_text(text.replace(old, new) if old else text, encoding="utf-8")
        return pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider", "-W", "error", *file)

    return run


@pytest.mark.processes
def test_every_test_of_the_page_passes(suite):
    names = [name for name in files() if name.startswith("test_")]
    result = suite(names)
    result.assert_outcomes(passed=sum(files()[name].count("def test_") for name in names))


@pytest.mark.processes
def test_the_test_that_the_readme_shows_passes_with_the_page_s_client(suite, pytester):
    (shown,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (pytester.path / "test_readme.py").write_text(shown, encoding="utf-8")
    suite(["test_readme.py"]).assert_outcomes(passed=1)


@pytest.mark.processes
@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ('if answer.headers.get("x-csrf-token") == "Required":', 'if "X-CSRF-Token" not in self.session.headers:', ["test_an_expired_token_is_renewed"]),
        ('if self.is_there(invoice["ID"]):', "if False:", ["test_a_lost_answer_posts_nothing_twice"]),
        ("raise Refused(", "print(", ["test_a_locked_document_is_told_and_can_be_sent_again"]),
        ('if status != "201"', 'if status == "500"', ["test_one_bad_invoice_takes_no_other_with_it"]),
    ],
)  # fmt: skip
def test_a_wrong_client_is_found_by_the_test_for_it(suite, right, wrong, found):
    result = suite(["test_posting.py"], right, wrong)
    result.assert_outcomes(passed=5 - len(found), failed=len(found))
    result.stdout.fnmatch_lines([f"FAILED test_posting.py::{name}*" for name in found])


def test_every_example_takes_ten_lines():
    bodies = re.findall(r"^def (test_\w+).*?\n((?:    .*\n)+)", files()["test_posting.py"], re.MULTILINE)
    assert len(bodies) == 5
    assert [name for name, body in bodies if len(body.splitlines()) > LONGEST] == []


@pytest.mark.processes
def test_who_installs_the_wheel_and_copies_the_page_has_it_green():
    command = [sys.executable, str(ROOT / "scripts" / "wheel_trial.py")]
    tried = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if tried.returncode == NO_INDEX:
        pytest.skip("pip reaches no package index from here")
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "7 passed" in tried.stdout
    sys.stdout.write(tried.stdout)
