"""The command line as such: its help is quick, its commands are those that are documented."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

import billing_mock.cli
import pipeline.cli
import sap_mock.cli
from pipeline.cli import main

HEAVY = ("requests", "sqlalchemy", "marshmallow", "rich", "lxml", "iso4217")


def test_help_imports_nothing_that_only_a_command_needs():
    script = f"import sys, pipeline.cli; print([name for name in {HEAVY} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize("program", [pipeline.cli.main, sap_mock.cli.main, billing_mock.cli.main])
def test_every_program_and_every_command_explains_itself_to_both_options(program):
    for command in ([], *([name] for name in program.commands)):
        short, long = (CliRunner().invoke(program, [*command, option]) for option in ("-h", "--help"))
        assert (short.exit_code, short.output) == (0, long.output)


@pytest.mark.parametrize(
    "command",
    ["sync", "reconcile", "status", "show", "resolve", "retry", "accept", "audit", "doctor", "worker", "enqueue"],
)
def test_every_command_explains_itself(command):
    shown = CliRunner().invoke(main, [command, "--help"])
    assert shown.exit_code == 0
    assert f"Usage: main {command}" in shown.output


CONFIGURED = {
    "B2S_SAP_URL": "http://127.0.0.1:1",
    "B2S_SAP_USER": "U",
    "B2S_SAP_PASSWORD": "P",
    "B2S_POSTMAN_URL": "http://127.0.0.1:1",
    "B2S_POSTMAN_API_KEY": "K",
    "B2S_BROKER_URL": "amqp://127.0.0.1:1//",
}
WITHOUT_CELERY = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("celery", "kombu", "amqp"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from pipeline.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(("command", "options"), [("worker", []), ("enqueue", ["--all"])])
@pytest.mark.parametrize(
    ("program", "code", "words"),
    [
        ([sys.executable, "-m", "pipeline"], 5, "RabbitMQ at 127.0.0.1:1 does not answer (ConnectionRefusedError)"),
        ([sys.executable, "-c", WITHOUT_CELERY], 2, "needs Celery: pip install '.[celery]' in the clone"),
    ],
)
def test_what_workers_need_and_is_not_there_is_said_in_one_sentence(tmp_path, command, options, program, code, words):
    more = ["--concurrency", "1"] if command == "worker" else options
    done = subprocess.run(
        [*program, command, *more],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
        env={**CONFIGURED, "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("billing-to-sap: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
