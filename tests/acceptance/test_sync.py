"""The way from billing to SAP through the containers, and what breaks in its middle: nothing lost, nothing doubled."""

import subprocess

import pytest

SOME_WAIT = (0, 3)  # the books have documents that must wait, and one that cannot be booked
IN_DOUBT_OR_DOWN = (4, 5)
BREAKS = {
    "SAP is restarted": ["restart --timeout 2 sap-mock"],
    "SAP is killed and comes back": ["kill sap-mock", "start sap-mock"],
    "billing is restarted": ["restart --timeout 2 billing-mock"],
    "SAP's database is restarted": ["restart --timeout 5 sap-database"],
    "SAP's database is killed and comes back": ["kill sap-database", "start sap-database"],
}


def test_what_arrives_through_the_containers_is_what_billing_says(stack):
    stack.pipeline("sync --all", codes=SOME_WAIT)
    stack.as_told()
    assert stack.pipeline("sync --all", codes=SOME_WAIT)["totals"]["sent"] == 0


def test_volumes_keep_what_is_known_when_every_container_is_made_anew(stack):
    stack.pipeline("sync --all", codes=SOME_WAIT)
    stack.compose("down --timeout 2")
    stack.compose("up --wait")
    stack.as_told()
    assert stack.pipeline("sync --all", codes=SOME_WAIT)["totals"]["sent"] == 0


def ended(container):
    asked = ["docker", "wait", container]
    return int(subprocess.run(asked, capture_output=True, text=True, check=True, timeout=120).stdout)


@pytest.mark.parametrize("breaks", BREAKS.values(), ids=BREAKS)
def test_whatever_breaks_in_the_middle_of_a_sync_nothing_is_lost_and_nothing_doubled(stack, breaks):
    stack.slow(500)
    syncing = stack.begin("sync --all")
    stack.until(lambda: stack.in_sap() > 20)
    for words in breaks:
        stack.compose(words)
    stack.compose("up --wait")
    stack.fast()
    assert ended(syncing) in (*SOME_WAIT, *IN_DOUBT_OR_DOWN)
    stack.until(stack.ends_well)
    stack.as_told()
