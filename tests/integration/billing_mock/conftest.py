"""billing-mock as a process of its own, on a free port of this machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).with_name("billing-mock"))


class Running:
    """A started billing-mock; `url` is what its ready line names."""

    def __init__(self, process, first_line):
        self.process = process
        self.first_line = first_line
        self.url = first_line.rpartition(" ")[2]

    def stop(self, signal_number):
        self.process.send_signal(signal_number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@pytest.fixture
def billing_mock(tmp_path):
    started = []

    def start(*arguments, environment=()):
        with (tmp_path / "stderr").open("w") as stderr:
            process = subprocess.Popen(
                [PROGRAM, "serve", *arguments],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env={**os.environ, **dict(environment)},
            )
        started.append(process)
        line = process.stdout.readline().rstrip("\n")
        assert " ready at " in line, (tmp_path / "stderr").read_text()
        return Running(process, line)

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


@pytest.fixture
def refused():
    def run(*arguments):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=30, check=False)

    return run
