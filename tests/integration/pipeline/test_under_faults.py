"""Under every fault that sap-mock has, and under all of them at random: nothing is lost, nothing is doubled.

The commands run in this process, against a live sap-mock and a live billing-mock over HTTP. That something was sent a
second time although SAP had it would show in sap-mock's journal: SAP refuses the second one as a duplicate.
"""

import json
import time
from functools import partial

import pytest
import requests

from pipeline import assembly
from pipeline.delivery import retry
from pipeline.odata_client.target import Target
from sap_mock.faults import FAULTS

pytestmark = pytest.mark.processes
INVOICES = 12
ROUNDS = 12
ENOUGH = 8
LONGEST_TO_FINISH = 60
"""In seconds, since grace periods must pass: what a 201 promised is sent again only after two of them."""
DUPLICATE = '"code":"ZINVOICE/001"'
POSTED = {"entity_set": "Invoices", "method": "POST"}

ROWS = {
    # fault: its plan, and how the first sync may end
    "latency": ({**POSTED, "milliseconds": 50, "times": 2}, {0}),
    "late_response": ({**POSTED, "milliseconds": 2500, "commits": "late", "times": 1}, {0, 4}),
    "slow_drip": ({**POSTED, "bytes_per_second": 5000, "times": 1}, {0}),
    "lost_response": ({**POSTED, "times": 2}, {0, 4}),
    "connection_reset": ({**POSTED, "times": 2}, {0, 4}),
    "cut_body": ({**POSTED, "times": 2}, {0, 4}),
    "batch_cut": ({"parts": 1, "times": 2}, {0, 4}),
    "wrong_content_type": ({**POSTED, "times": 2}, {0, 4}),
    "booked_then_500": ({**POSTED, "times": 2}, {0, 4}),
    "update_task_failure": ({**POSTED, "skip": 2, "times": 2}, {0}),
    "http_error": ({**POSTED, "status": 500, "skip": 1, "times": 2}, {0, 4}),
    "no_free_process": ({"times": 2, "retry_after": 1}, {0, 5}),
    "throttle": ({"times": 2, "retry_after": 1}, {0, 5}),
    "maintenance_window": ({"times": 3}, {0, 5}),
    "csrf_expiry": ({"every": 2, "times": 3}, {0}),
    "session_loss": ({"every": 2, "times": 3}, {0}),
    "logon_page": ({"method": "POST", "times": 1}, {0, 4}),
    "password_changed": ({"times": 1}, {2, 5}),
    "lock_held": ({"skip": 1, "times": 2}, {3}),
    "number_range_exhausted": ({"skip": 1, "times": 2}, {3}),
    "posting_period_closed": ({"skip": 1, "times": 2}, {3}),
    "changeset_failure": ({"skip": 1, "times": 2}, {3}),
    "short_dump": ({**POSTED, "skip": 1, "times": 2}, {0, 4}),
    "rfc_error": ({**POSTED, "skip": 1, "times": 2}, {0, 4}),
    "stale_metadata": ({"times": 1}, {0}),
}
NEVER_MET = {"stale_metadata"}
"""What a sync does not ask for; doctor does."""


def finish(commands):
    """Look up, mend, put back in line and send, until all three sides agree; the last sync's word."""
    told, give_up = None, time.monotonic() + LONGEST_TO_FINISH
    while time.monotonic() < give_up:
        commands.run("resolve", "--wait")
        commands.run("retry")
        code, told = sync(commands)
        if commands.run("reconcile", "--repair", "--json").exit_code == 0 and code == 0:
            return told
    raise AssertionError(told)


def sync(commands):
    return commands.sync("--batch-size", "3")


@pytest.fixture
def commands(commands_of, billing_of, empty_sap, monkeypatch):
    """Waits are short, since what comes of each answer is looked at here, and not the pace."""
    monkeypatch.setattr(assembly, "Target", partial(Target, read_timeout=2000))
    for wait, milliseconds in {"PATIENCE": 2000, "LONGEST": 500, "LOOK_AGAIN": 500}.items():
        monkeypatch.setattr(retry, wait, milliseconds)
    return partial(commands_of, billing_of(INVOICES), empty_sap)


def assert_all_there_once(commands):
    told = finish(commands)["totals"]
    expected = commands.billing.ask("/_mock/truth")["sources"]["postman"]
    assert (told["delivered"], told["sums"]) == (expected["delivered"], expected["sums"])
    compared = json.loads(commands.run("reconcile", "--json").stdout)
    assert compared["sides"]["sap"] == compared["sides"]["source"] == compared["sides"]["ledger"]
    exchanges = commands.sap.ask("/_mock/journal?method=POST")
    assert [one["id"] for one in exchanges if DUPLICATE in one["response"]["body"]["text"]] == []


def test_every_fault_has_its_row():
    assert sorted(ROWS) == sorted(FAULTS)


@pytest.mark.parametrize("fault", ROWS)
def test_a_sync_under_a_fault_ends_with_every_invoice_in_sap_once(commands, empty_sap, fault):
    plan, codes = ROWS[fault]
    plan_id = empty_sap.ask("/_mock/faults", {"fault": fault, **plan})["id"]
    running = commands(6 if fault == "late_response" else 1)
    code, told = sync(running)
    assert code in codes, told
    if fault in NEVER_MET:
        running.run("doctor")
    assert empty_sap.ask(f"/_mock/faults/{plan_id}")["fired"] > 0
    assert_all_there_once(running)


AT_RANDOM = {"entity_set": "Invoices", "probability": 0.15, "times": 2}  # the log-on is left alone, else little is sent
BRIEF = {
    # what would only make the test slow
    "latency": {"milliseconds": 20},
    "late_response": {"milliseconds": 2100, "commits": "first", "times": 1},
    "slow_drip": {"bytes_per_second": 20_000},
    "no_free_process": {"retry_after": 1},
}


@pytest.mark.parametrize("seed", range(20))
def test_all_faults_together_at_random_lose_and_double_nothing(commands, empty_sap, seed):
    for number, fault in enumerate(sorted(FAULTS)):
        plan = {"fault": fault, **AT_RANDOM, "seed": seed * 100 + number, **BRIEF.get(fault, {})}
        empty_sap.ask("/_mock/faults", plan)
    running, fired = commands(1), []
    for _ in range(ROUNDS):
        code, _ = sync(running)
        assert code in {0, 2, 3, 4, 5}
        running.run("retry")
        fired = [score["plan"]["fault"] for score in empty_sap.ask("/_mock/faults") if score["fired"]]
        if len(fired) >= ENOUGH:
            break
    requests.delete(f"{empty_sap.url}/_mock/faults", timeout=30)
    assert len(fired) >= ENOUGH // 2
    assert_all_there_once(running)
