"""Faults as a client meets them, and their plans' addresses. What reaches the wire is in the integration tests."""

import json
import re

import pytest

from billing_mock.app.performing import AFTERWARDS, INSTEAD
from billing_mock.faults import FAULTS, REACH

KEY = {"x-api-key": "PMAK-billing-mock"}
ACCOUNT = "/postman/accounts"


def test_every_fault_has_exactly_one_performer():
    assert sorted([*INSTEAD, *AFTERWARDS, *REACH]) == sorted(FAULTS)


def test_a_plan_is_posted_scored_and_lifted(client):
    posted = client.post("/_mock/faults", json={"fault": "throttle", "times": 2, "retry_after": 3})
    assert posted.status_code == 201
    address = f"/_mock/faults/{posted.json['id']}"
    assert client.get(ACCOUNT, headers=KEY).status_code == 429
    assert client.get(address).json | {"fired": 1, "left": 1, "completed": False} == client.get(address).json
    assert client.get("/_mock/faults").json == [client.get(address).json]
    assert client.delete(address).status_code == 204
    assert client.get(ACCOUNT, headers=KEY).status_code == 200
    assert client.get(address).status_code == client.delete(address).status_code == 404


def test_a_throttled_caller_is_told_how_long_to_wait(client):
    client.post("/_mock/faults", json={"fault": "throttle", "retry_after": 3})
    answer = client.get(ACCOUNT, headers=KEY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert answer.json["error"]["name"] == "rateLimited"


def test_a_spent_month_tells_no_time_to_wait(client):
    client.post("/_mock/faults", json={"fault": "throttle", "quota": "month"})
    answer = client.get(ACCOUNT, headers=KEY)
    assert answer.status_code == 429
    assert "Retry-After" not in answer.headers
    assert answer.json["error"]["name"] == "serviceLimitExhausted"


@pytest.mark.parametrize(
    ("parameters", "status", "members"),
    [
        ({}, 500, {"type", "title", "detail", "status"}),
        ({"shape": "envelope"}, 500, {"error"}),
        ({"shape": "statusless"}, 500, {"type", "title", "detail"}),
        ({"status": 502}, 502, {"type", "title", "detail", "status"}),
        ({"status": 503, "shape": "envelope"}, 503, {"error"}),
    ],
)
def test_a_server_error_comes_in_each_documented_shape(client, parameters, status, members):
    client.post("/_mock/faults", json={"fault": "http_error", **parameters})
    answer = client.get(ACCOUNT, headers=KEY)
    assert answer.status_code == status
    assert set(json.loads(answer.data)) == members


def test_a_half_page_is_the_first_half(client):
    whole = client.get(ACCOUNT, headers=KEY).data
    client.post("/_mock/faults", json={"fault": "half_page", "framing": "chunked"})
    cut = client.get(ACCOUNT, headers=KEY)
    assert cut.status_code == 200
    assert cut.data == whole[: len(whole) // 2]
    assert "Content-Length" not in cut.headers


def test_a_slow_answer_is_still_the_right_one(client):
    client.post("/_mock/faults", json={"fault": "slow", "seconds": 0})
    assert client.get(ACCOUNT, headers=KEY).status_code == 200
    assert client.get("/_mock/faults").json[0]["completed"]


TIMESTAMP = re.compile(r'"timestamp":"[^"]*"')
VENDOR_ADDRESSES = [
    "/postman/accounts", "/fynn/accounting/postings", "/bill/connect/v3/invoices",
    "/copaco/v4/billing/invoices?startDate=2023-01-01&endDate=2023-12-31",
]  # fmt: skip


@pytest.mark.parametrize("address", VENDOR_ADDRESSES)
def test_refused_credentials_are_what_the_vendor_says_to_a_caller_without(client, address):
    credentials = {
        "x-api-key": "PMAK-billing-mock", "Authorization": "Bearer x", "devKey": "x", "sessionId": "x",
        "Ocp-Apim-Subscription-Key": "x",
    }  # fmt: skip
    without = client.get(address)
    client.post("/_mock/faults", json={"fault": "credentials_refused"})
    refused = client.get(address, headers=credentials)
    assert (refused.status_code, TIMESTAMP.sub("", refused.text)) == (
        without.status_code,
        TIMESTAMP.sub("", without.text),
    )
    assert refused.status_code >= 400
    assert client.get("/_mock/faults").json[0]["fired"] == 1


def test_maintenance_is_a_page_and_no_json(client):
    client.post("/_mock/faults", json={"fault": "maintenance", "retry_after": 9})
    answer = client.get(ACCOUNT, headers=KEY)
    assert (answer.status_code, answer.headers["Retry-After"], answer.mimetype) == (503, "9", "text/html")


def test_a_dripping_answer_is_still_the_right_one(client):
    whole = client.get(ACCOUNT, headers=KEY).data
    client.post("/_mock/faults", json={"fault": "slow_drip", "seconds": 0})
    assert client.get(ACCOUNT, headers=KEY).data == whole


def test_a_fault_never_strikes_the_mock_s_own_addresses(client):
    client.post("/_mock/faults", json={"fault": "http_error", "times": None})
    assert client.get("/_mock/health").status_code == 200
    assert client.get("/_mock/truth").status_code == 200


def test_all_plans_are_lifted_at_once(client):
    for _ in range(2):
        client.post("/_mock/faults", json={"fault": "slow"})
    assert client.delete("/_mock/faults").status_code == 204
    assert client.get("/_mock/faults").json == []


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ({"fault": "coffee"}, "There is no fault 'coffee'; there are: throttle, http_error, half_page, slow"),
        ({}, "fault: Missing data for required field."),
        ({"fault": "slow", "times": "2"}, "times: Not a valid integer"),
        ({"fault": "throttle", "times": 0, "skip": -1}, "times: Must be greater than or equal to 1.; skip: Must be"),
        ({"fault": "throttle", "seed": -1}, "seed: Must be greater than or equal to 0."),
        ({"fault": "throttle", "method": "FETCH"}, "method: Must be one of: GET, HEAD, POST"),
        ({"fault": "throttle", "header": "x-run"}, "header: It is name: value."),
        ({"fault": "slow", "source": "sap"}, "source: There is no source 'sap'; there is: postman, bill, copaco, fynn"),
        ({"fault": "throttle", "wait": 3}, "The fault 'throttle' has no parameter 'wait'; it has: retry_after, quota"),
        (["throttle"], "body: A JSON object is wanted."),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused_with_what_is_allowed(client, plan, told):
    refused = client.post("/_mock/faults", json=plan)
    assert (refused.status_code, refused.json["error"].startswith(told)) == (400, True), refused.json
