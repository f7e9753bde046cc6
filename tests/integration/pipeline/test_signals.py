"""A signal ends every command with 130 and one line, and output that nobody takes is no defect."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes
SIGNALS = [signal.SIGTERM, signal.SIGINT]
INTERRUPTED = "billing-to-sap: interrupted\n"


@pytest.fixture
def delivered(pipeline_to, billing_of, empty_sap, wire_to):
    """A pipeline whose invoices are in SAP, from now on behind a wire."""
    pipeline = pipeline_to(billing_of(40), empty_sap.url)
    assert pipeline.run("sync", "--all").code == 0
    wire = wire_to(empty_sap.url)
    pipeline.settings["B2S_SAP_URL"] = wire.url
    return pipeline, wire


def ended_by(number, pipeline, wire, *command):
    """What a command says and gives that is sent a signal while SAP is at its first request."""
    wire.pause.clear()
    wire.delay = 60_000
    process = pipeline.start(*command)
    wire.wait_for(lambda: wire.in_flight == 1, 60)
    process.send_signal(number)
    if "--repair" in command:
        wire.pause.set()
    out, err = process.communicate(timeout=30)
    wire.pause.set()
    return process.returncode, out, err


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("command", ["reconcile", "doctor"])
def test_what_only_compares_and_looks_ends_at_once(delivered, command, number):
    """P24: nothing is sent by it, so nothing has to be finished."""
    assert ended_by(number, *delivered, command) == (130, "", INTERRUPTED)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_repair_ends_after_what_is_under_way_and_compares_nothing(delivered, number):
    """P24: what it has taken over stays, and the next one goes on from there."""
    code, out, err = ended_by(number, *delivered, "reconcile", "--repair")
    assert (code, err) == (130, "ending after what is under way; once more to stop at once\n")
    assert "taken over from SAP: 0" in out
    assert "source = ledger = SAP" not in out
    assert delivered[0].run("reconcile", "--repair").code == 0


IN_ITS_FIRST_HALF_SECOND = """
import os, sys
from pipeline import cli
from pipeline.cli import choosing
number = int(sys.argv.pop())
choosing.parts = lambda *_needs, **_more: os.kill(os.getpid(), number)
cli.program()
"""


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("command", [["sync", "postman"], ["status"], ["retry", "postman"]])
def test_a_signal_before_anything_has_begun_ends_the_program_as_well(tmp_path, command, number):
    started = [sys.executable, "-c", IN_ITS_FIRST_HALF_SECOND, *command, str(int(number))]
    ended = subprocess.run(started, capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", INTERRUPTED)


LISTENING_LATE = """
import threading
from pipeline import cli
from pipeline.worker import program, ticks
ticks.Ticks.prepare = lambda _self: ""
program._serve = lambda _app, _station: threading.Event().wait(60)
cli.program()
"""


def test_a_worker_whose_metrics_port_is_taken_ends_with_2_though_celery_does_not_listen_to_signals_yet(
    delivered, tmp_path
):
    pipeline, wire = delivered
    settings = {**pipeline.settings, "B2S_BROKER_URL": "amqp://127.0.0.1:1/", "TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    taken = wire.url.rpartition(":")[2]
    ended = subprocess.run(
        [sys.executable, "-c", LISTENING_LATE, "worker", "--metrics-port", taken],
        capture_output=True, text=True, check=False, timeout=60, cwd=pipeline.folder,
        env={**{name: value for name, value in os.environ.items() if not name.startswith("B2S_")}, **settings},
    )  # fmt: skip
    assert (ended.returncode, "cannot be listened on" in ended.stderr) == (2, True)
    assert "interrupted" not in ended.stderr
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("command", [["audit"], ["audit", "--format", "csv"], ["status"]])
def test_output_that_nobody_reads_any_more_ends_the_program_quietly(delivered, command):
    pipeline, _ = delivered
    theirs, ours = os.pipe()
    os.close(theirs)
    ended = piped(pipeline, command, ours)
    os.close(ours)
    assert ended == (141, "")


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "0<&- 1>&- 2>&-"])
@pytest.mark.parametrize("command", ["audit --format csv", "status"])
def test_output_that_a_shell_has_closed_is_no_trouble(delivered, command, closed):
    pipeline, _ = delivered
    shell = ["sh", "-c", f"'{sys.executable}' -m pipeline {command} {closed}"]
    ended = subprocess.run(
        shell,
        capture_output=True,
        check=False,
        timeout=60,
        cwd=pipeline.folder,
        env={**os.environ, **pipeline.settings},
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize("command", [["audit"], ["audit", "--format", "csv"], ["status"], ["--help"], ["sync", "-h"]])
def test_output_for_which_there_is_no_room_is_told_in_one_sentence(delivered, command):
    pipeline, _ = delivered
    with Path("/dev/full").open("wb") as full:
        ended = piped(pipeline, command, full)
    assert ended == (2, "billing-to-sap: cannot write (No space left on device): make room, then repeat\n")


def piped(pipeline, command, stdout):
    ended = subprocess.run(
        [sys.executable, "-m", "pipeline", *command],
        stdout=stdout, stderr=subprocess.PIPE, text=True, check=False, timeout=60, cwd=pipeline.folder,
        env={**os.environ, **pipeline.settings},
    )  # fmt: skip
    return ended.returncode, ended.stderr
