"""The way from billing to SAP through queue and worker, and what breaks in its middle: nothing lost, nothing doubled."""

import subprocess

import pytest

STAYING = ("sap-mock", "sap-database", "ledger-database", "rabbitmq", "worker")


def in_the_middle(stack):
    """SAP has some and not yet all."""
    stack.slow(3000)
    stack.enqueue()
    stack.until(lambda: stack.in_sap() > 0)
    assert stack.in_sap() < stack.expected()


def test_what_arrives_through_the_containers_is_what_billing_says_and_arrives_once(stack):
    stack.enqueue()
    stack.until(stack.settled)
    stack.as_told()
    stack.enqueue()
    stack.until(stack.settled)
    stack.as_told()


def test_volumes_keep_what_is_known_when_every_container_is_made_anew(stack):
    stack.enqueue()
    stack.until(stack.settled)
    stack.compose("down --timeout 2")
    stack.up()
    stack.as_told()


@pytest.mark.parametrize("service", STAYING)
def test_whoever_is_killed_in_the_middle_of_the_delivery_nothing_is_lost_and_nothing_doubled(stack, service):
    in_the_middle(stack)
    stack.compose(f"kill {service}")
    stack.compose(f"start {service}")
    stack.up()
    stack.fast()
    stack.until(stack.settled)
    stack.as_told()


def test_all_may_be_restarted_one_after_the_other_in_the_middle_of_the_delivery(stack):
    in_the_middle(stack)
    for service in STAYING:
        stack.compose(f"restart --timeout 5 {service}")
    stack.up()
    stack.fast()
    stack.until(stack.settled)
    stack.as_told()


def test_when_billing_is_restarted_in_the_middle_of_the_reading_the_next_reading_brings_the_rest(stack):
    stack.slow_billing(1)
    reading = stack.begin("enqueue --all")
    stack.until(lambda: stack.pages_read() > 2)
    stack.compose("restart --timeout 2 billing-mock")
    stack.up()
    for command in ("wait", "rm"):
        subprocess.run(["docker", command, reading], capture_output=True, check=True, timeout=120)
    stack.enqueue()
    stack.until(stack.settled)
    stack.as_told()
