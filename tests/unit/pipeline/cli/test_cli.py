"""The command line as such: its help is quick, its commands are those that are documented."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from pipeline.cli import main

HEAVY = ("requests", "sqlalchemy", "marshmallow", "rich", "lxml", "environs", "iso4217")


def test_help_imports_nothing_that_only_a_command_needs():
    script = f"import sys, pipeline.cli; print([name for name in {HEAVY} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "command", ["sync", "reconcile", "status", "show", "resolve", "retry", "doctor", "worker", "enqueue"]
)
def test_every_command_explains_itself(command):
    shown = CliRunner().invoke(main, [command, "--help"])
    assert shown.exit_code == 0
    assert f"Usage: main {command}" in shown.output


@pytest.mark.parametrize("command", ["worker", "enqueue"])
def test_what_is_not_built_yet_says_so(command):
    shown = CliRunner().invoke(main, [command])
    assert shown.exit_code == 2
    assert "not built yet" in shown.output
