"""Fault plans: who is hit, how often, and the score that is kept."""

import pytest

from billing_mock.faults import CHOICES, FAULTS, FaultPlans, Plan, PlanError


def strikes(plans, count, source="postman", path="/postman/accounts"):
    return [bool(plans.strike(source, path, "GET", {"x-run": "7"}.get)) for _ in range(count)]


def test_chance_repeats_itself_with_a_seed():
    first, again, other = (
        strikes(given(Plan(fault="slow", probability=0.5, seed=seed, times=None)), 100) for seed in (7, 7, 8)
    )
    assert first == again != other
    assert 25 < sum(first) < 75


def given(plan):
    plans = FaultPlans()
    plans.add(plan)
    return plans


@pytest.mark.parametrize(
    ("plan", "hits"),
    [
        (Plan(fault="slow"), [1, 0, 0, 0]),
        (Plan(fault="slow", times=2), [1, 1, 0, 0]),
        (Plan(fault="slow", skip=2), [0, 0, 1, 0]),
        (Plan(fault="slow", skip=1, times=2), [0, 1, 1, 0]),
        (Plan(fault="slow", times=None), [1, 1, 1, 1]),
        (Plan(fault="slow", source="postman"), [1, 0, 0, 0]),
        (Plan(fault="slow", source="bill"), [0, 0, 0, 0]),
        (Plan(fault="slow", path="/accounts"), [1, 0, 0, 0]),
        (Plan(fault="slow", path="/invoices"), [0, 0, 0, 0]),
        (Plan(fault="session_expiry"), [0, 0, 0, 0]),  # Postman has no session
        (Plan(fault="slow", method="get"), [1, 0, 0, 0]),
        (Plan(fault="slow", method="POST"), [0, 0, 0, 0]),
        (Plan(fault="slow", header="x-run: 7"), [1, 0, 0, 0]),
        (Plan(fault="slow", header="x-run: 8"), [0, 0, 0, 0]),
        (Plan(fault="slow", every=2, times=None), [1, 0, 1, 0]),
        (Plan(fault="slow", every=2, skip=1, times=1), [0, 1, 0, 0]),
        (Plan(fault="slow", probability=0.0, times=None), [0, 0, 0, 0]),
    ],
)
def test_a_plan_hits_whom_it_concerns_as_often_as_it_says(plan, hits):
    plans = FaultPlans()
    plans.add(plan)
    assert strikes(plans, 4) == [bool(hit) for hit in hits]


def test_the_score_tells_what_has_fired_and_what_is_left():
    plans = FaultPlans()
    plan_id = str(plans.add(Plan(fault="http_error", times=2, parameters={"status": 503}))["id"])
    expected = {"id": plan_id, "fault": "http_error", "source": None, "path": None, "status": 503, "shape": "problem"}
    expected |= {"skip": 0, "every": 1, "probability": 1.0}
    assert plans.score(plan_id) == expected | {"seen": 0, "fired": 0, "left": 2, "completed": False}
    strikes(plans, 5)
    assert plans.score(plan_id) == expected | {"seen": 5, "fired": 2, "left": 0, "completed": True}


def test_a_used_up_plan_makes_room_for_the_next():
    plans = FaultPlans()
    plans.add(Plan(fault="slow"))
    plans.add(Plan(fault="throttle"))
    found = [plans.strike("postman", "/") for _ in range(3)]
    assert [strike and strike.fault for strike in found] == ["slow", "throttle", None]


def test_a_lifted_plan_hits_nobody():
    plans = FaultPlans()
    plan_id = str(plans.add(Plan(fault="slow"))["id"])
    assert plans.remove(plan_id)
    assert not plans.remove(plan_id)
    assert strikes(plans, 1) == [False]
    assert plans.score(plan_id) is None


@pytest.mark.parametrize(
    ("fault", "parameters", "told"),
    [
        ("earthquake", {}, "throttle, http_error, half_page, slow"),
        ("slow", {"minutes": 1}, "it has: seconds"),
        ("session_expiry", {"seconds": 1}, "it has: none"),
        ("slow", {"seconds": "1"}, "a number from 0 to 60"),
        ("slow", {"seconds": True}, "a number from 0 to 60"),
        ("slow", {"seconds": 61}, "a number from 0 to 60"),
        ("http_error", {"status": 404}, "500, 502, 503, 504"),
        ("http_error", {"shape": "xml"}, "problem, envelope, statusless"),
        ("half_page", {"framing": "none"}, "length, chunked"),
        ("throttle", {"quota": "year"}, "minute, month"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused_with_what_is_allowed(fault, parameters, told):
    with pytest.raises(PlanError, match=told):
        FaultPlans().add(Plan(fault=fault, parameters=parameters))


def test_every_default_is_itself_allowed():
    for fault, defaults in FAULTS.items():
        FaultPlans().add(Plan(fault=fault, parameters=defaults))
    assert {name for defaults in FAULTS.values() for name in defaults} >= set(CHOICES)
