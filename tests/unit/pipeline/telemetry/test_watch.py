"""Those who look on have no part in the work."""

import subprocess
import sys

import pytest

from pipeline.telemetry.watch import Watch

TOLD = {
    "of_transitions": lambda watch: watch.transitions([]),
    "of_work": lambda watch: watch.done(None),
    "of_wholes": lambda watch: watch.ended("tick", "SAP"),
    "of_ends": Watch.close,
}


@pytest.mark.parametrize("kind", TOLD)
def test_a_listener_that_breaks_stops_neither_the_work_nor_the_others(caplog, kind):
    heard = []

    def broken(*_what):
        raise OSError("no space left")

    TOLD[kind](Watch(**{kind: (broken, lambda *_what: heard.append(kind))}))
    assert heard == [kind]
    assert "listener broke" in caplog.text
    assert "no space left" in caplog.text


WORK = """
import os, shutil
from pipeline.telemetry.listening import Listeners
from pipeline.telemetry.watch import Done
watch = Listeners(shared_folder=os.environ["SHARED"]).watch()
shutil.rmtree(os.environ["SHARED"])
watch.done(Done(what="exchange", where="SAP", began=0, milliseconds=1))
print("settled")
"""


def test_work_goes_on_where_somebody_has_cleaned_up_the_folder_of_the_metrics(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path), "SHARED": str(shared)}
    done = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True, check=True, env=environ)
    assert done.stdout == "settled\n"
    assert "listener broke" in done.stderr
