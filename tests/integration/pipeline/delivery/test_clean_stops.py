"""A clean stop leaves nothing in doubt, in whatever phase it comes."""

import signal

import pytest
from between import Between

pytestmark = pytest.mark.processes


def is_page(seen):
    return seen.method == "GET" and "/invoices" in seen.path


def is_log_on(seen):
    return seen.method == "HEAD"


def is_look(seen):
    return b"\r\nGET " in seen.body


def is_posting(seen):
    return b"POST Invoices" in seen.body


PHASES = {
    # when the signal comes: which wire it is seen on
    "reading the source": ("billing", is_page),
    "logging on to SAP": ("sap", is_log_on),
    "looking before the first sending": ("sap", is_look),
    "sending": ("sap", is_posting),
}


@pytest.fixture
def wires(billing_of, empty_sap):
    found = {"billing": Between(billing_of(60).url), "sap": Between(empty_sap.url)}
    yield found
    for wire in found.values():
        wire.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("phase", PHASES)
def test_a_signal_ends_the_run_after_what_is_under_way_and_leaves_nothing_in_doubt(
    pipeline_to, billing_of, empty_sap, wires, phase, number
):
    """P24: graceful stop, SIGTERM and SIGINT in each phase of a run."""
    billing = billing_of(60)
    own = billing.ask("/_mock/settings")["B2S_POSTMAN_URL"]
    through = wires["billing"].url + own[own.index("/postman") :]
    pipeline = pipeline_to(billing, wires["sap"].url, B2S_POSTMAN_URL=through)
    side, begins = PHASES[phase]
    started, struck = [], []

    def strike(seen):
        if started and not struck and begins(seen):
            struck.append(seen)
            started[0].send_signal(number)

    wires[side].fate = strike
    started.append(pipeline.start("sync", "--all", "--batch-size", "20"))
    out, err = started[0].communicate(timeout=60)
    assert struck
    assert started[0].returncode == 130, out + err
    assert "once more to stop at once" in err
    states = pipeline.run("status").out
    assert "AMBIGUOUS" not in states
    assert "SENDING" not in states
    later = pipeline.run("sync", "--all", "--json", B2S_POSTMAN_URL=own, B2S_SAP_URL=empty_sap.url)
    assert (later.code, later.json["totals"]["delivered"]) == (0, 60)
    assert wires["sap"].duplicates == 0
