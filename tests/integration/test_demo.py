"""The README's first command, in small: it shows the whole way and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

DEMO = [sys.executable, str(Path(__file__).parents[2] / "scripts" / "demo.py")]


def run(folder, *arguments, **changed):
    environment = {**os.environ, "TMPDIR": str(folder), **changed}
    return subprocess.run(
        [*DEMO, *arguments], capture_output=True, text=True, timeout=120, check=False, env=environment
    )


def test_the_demo_delivers_every_invoice_and_cleans_up(tmp_path):
    shown = run(tmp_path, "--invoices", "25")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "25 invoices" in shown.stdout
    assert "reconcile" in shown.stdout
    assert list(tmp_path.iterdir()) == []
    for port in re.findall(r"127\.0\.0\.1:(\d+)", shown.stdout):
        assert port not in listening_ports()


def test_the_demo_does_not_listen_to_the_caller_s_own_settings(tmp_path):
    shown = run(tmp_path, "--invoices", "3", B2S_SAP_URL="https://sap.example.com", B2S_POSTMAN_API_KEY="mine")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "example.com" not in shown.stdout


@pytest.mark.parametrize(
    "caller",
    [
        {"http_proxy": "http://127.0.0.1:9", "no_proxy": "", "NO_PROXY": ""},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["a proxy that reaches no loopback", "a terminal of ASCII", "the locale C"],
)
def test_the_demo_runs_wherever_its_caller_sits(tmp_path, caller):
    shown = run(tmp_path, "--invoices", "1", **caller)
    assert shown.returncode == 0, shown.stdout + shown.stderr


def test_the_demo_of_no_invoices_has_nothing_to_deliver(tmp_path):
    shown = run(tmp_path, "--invoices", "0")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "postman  nothing to deliver" in shown.stdout


@pytest.fixture
def attended():
    """Ctrl-C reaches what is started, also where a shell runs the tests in the background, which has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def kept(attended, tmp_path):
    """A demo that stays; stopped at the end in any case."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [*DEMO, "--invoices", "3", "--keep"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        yield process
        process.terminate()


def test_keep_leaves_everything_running_until_it_is_interrupted(kept, tmp_path):
    lines = []
    for line in kept.stdout:
        lines.append(line)
        if line.rstrip().endswith("billing-to-sap status"):
            break
    exports = dict(re.findall(r"^export (\w+)=(.+)$", "".join(lines), re.MULTILINE))
    assert {"B2S_SAP_URL", "B2S_SAP_USER", "B2S_POSTMAN_URL", "B2S_POSTMAN_API_KEY", "B2S_LEDGER_URL"} <= set(exports)
    assert exports["B2S_SAP_URL"].rpartition(":")[2] in listening_ports()
    kept.send_signal(signal.SIGINT)
    kept.communicate(timeout=30)
    assert kept.returncode == 0
    assert exports["B2S_SAP_URL"].rpartition(":")[2] not in listening_ports()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", ["-1", "many", "1.5"])
def test_a_number_that_is_none_is_refused(tmp_path, number):
    refused = run(tmp_path, f"--invoices={number}")
    assert refused.returncode == 2
    assert f"'{number}' is not a number of invoices" in refused.stderr


def listening_ports():
    """The ports that somebody listens on here, as decimal text (proc_net_tcp(5): state 0A is LISTEN)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return {str(int(row[1].rpartition(":")[2], 16)) for row in rows if row[3] == "0A"}
