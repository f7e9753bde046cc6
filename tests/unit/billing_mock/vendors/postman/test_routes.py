"""Postman's two addresses: who may ask, in which order refusals come, and the headers about limits."""

import json

import pytest

KEY = "PMAK-billing-mock"
NO_ROLE = "PMAK-billing-mock-without-role"
NO_TEAM = "PMAK-billing-mock-without-team"
ACCOUNT = "/postman/accounts"
INVOICES = "/postman/accounts/123456/invoices?status=PAID"
OTHERS = "/postman/accounts/999999/invoices?status=PAID"
NO_STATUS = "/postman/accounts/123456/invoices"
OPEN = "/postman/accounts/123456/invoices?status=OPEN"


def spec(key):
    return {"x-api-key": key} if key else {}


def blog(key):
    return {"Authorization": f"Bearer {key}"} if key else {}


def test_the_account_is_the_blog_s_example_and_one_object(client):
    answer = client.get(ACCOUNT, headers=spec(KEY))
    assert answer.status_code == 200
    assert answer.content_type == "application/json; charset=utf-8"
    assert answer.json == {
        "id": 123456,
        "teamId": 654321,
        "state": "PAID",
        "slots": {"total": 10, "unbilled": 0, "consumed": 2, "available": 8},
        "salesChannel": "SELF_SERVE",
        "billingEmail": "taylor.lee@example.com",
    }


def test_the_invoices_come_in_one_answer_under_data(client):
    answer = client.get(INVOICES, headers=spec(KEY))
    assert answer.status_code == 200
    assert list(answer.json) == ["data"]
    assert len(answer.json["data"]) == 50
    assert answer.json["data"][0]["id"] == "inv_7UDSYBJPGQU93N7M"


def test_an_account_without_invoices_lists_none(client_of):
    assert client_of(invoices=0).get(INVOICES, headers=spec(KEY)).json == {"data": []}


NO_KEY = (401, "unauthorized", "An API key must be provided in the request header or query string")
BAD_KEY = (401, "unauthorized", "A valid API key must be provided in the request header.")
FORBIDDEN = (403, "forbidden", "You are not authorized to perform this action")
BAD_STATUS = (400, "bad-request", "Please provide a valid status to fetch invoices")
TEAMLESS = (400, "bad-request", "You must be part of a team")
NOT_FOUND = (404, "not-found", "Requested resource not found")


@pytest.mark.parametrize(
    ("mode", "key", "address", "refusal"),
    [
        # the five errors of the blog, each as the specification has them …
        ("spec", None, ACCOUNT, NO_KEY),
        ("spec", "wrong", INVOICES, BAD_KEY),
        ("spec", KEY, OTHERS, FORBIDDEN),
        ("spec", NO_ROLE, INVOICES, FORBIDDEN),
        ("spec", KEY, NO_STATUS, BAD_STATUS),
        ("spec", KEY, OPEN, BAD_STATUS),
        ("spec", NO_TEAM, INVOICES, TEAMLESS),
        ("spec", NO_TEAM, ACCOUNT, TEAMLESS),
        # … and as the blog tells them: 403 for everything about log-on
        ("blog", None, ACCOUNT, FORBIDDEN),
        ("blog", "wrong", INVOICES, FORBIDDEN),
        ("blog", KEY, OTHERS, FORBIDDEN),
        ("blog", NO_ROLE, INVOICES, FORBIDDEN),
        ("blog", NO_ROLE, ACCOUNT, FORBIDDEN),
        ("blog", KEY, NO_STATUS, BAD_STATUS),
        ("blog", NO_TEAM, INVOICES, TEAMLESS),
        ("spec", KEY, "/postman/collections", NOT_FOUND),
    ],
)
def test_each_refusal_has_its_status_and_its_text(client_of, mode, key, address, refusal):
    answer = client_of(invoices=3, postman_auth=mode).get(address, headers={"spec": spec, "blog": blog}[mode](key))
    status, kind, detail = refusal
    body = json.loads(answer.data)
    assert (answer.status_code, body["status"], body["detail"]) == (status, status, detail)
    assert body["type"] == f"https://api.postman.com/problems/{kind}"
    expected = "application/problem+json" if status == 401 else "application/json"
    assert answer.content_type == f"{expected}; charset=utf-8"


@pytest.mark.parametrize(
    ("mode", "headers"), [("spec", blog(KEY)), ("blog", spec(KEY)), ("blog", {"Authorization": f"Basic {KEY}"})]
)
def test_a_key_in_the_other_mode_s_header_is_no_key(client_of, mode, headers):
    assert client_of(postman_auth=mode).get(ACCOUNT, headers=headers).status_code == {"spec": 401, "blog": 403}[mode]


def test_in_spec_mode_the_account_is_told_without_the_role(client):
    assert client.get(ACCOUNT, headers=spec(NO_ROLE)).status_code == 200


def test_the_older_envelope_is_used_where_it_is_documented_and_only_there(client_of):
    client = client_of(invoices=3, postman_errors="envelope")
    refused = client.get(ACCOUNT)
    assert refused.status_code == 401
    assert refused.json == {
        "error": {
            "name": "AuthenticationError",
            "message": "Invalid API Key. Every request requires a valid API Key to be sent.",
        }
    }
    assert client.get(NO_STATUS, headers=spec(KEY)).json["title"] == "Malformed request"


def test_every_answer_to_a_known_key_tells_the_limit(client_of):
    client = client_of(invoices=3, postman_rate_limit=5)
    client.get(ACCOUNT, headers=spec(KEY))
    for address, remaining in [(INVOICES, 3), (NO_STATUS, 2)]:
        headers = client.get(address, headers=spec(KEY)).headers
        assert headers["RateLimit"].startswith(f"limit=5, remaining={remaining}, reset=")
        assert headers["RateLimit-Policy"] == "5;w=60"
        assert headers["X-RateLimit-Limit"] == "5"
        assert headers["X-RateLimit-Remaining"] == str(remaining)
        assert int(headers["X-RateLimit-Reset"]) > 1_700_000_000
        assert headers["RateLimit-Limit-Month"] == "1000000"
    assert "RateLimit" not in client.get(ACCOUNT).headers


def test_over_the_limit_a_user_is_told_to_wait_and_another_is_not(client_of):
    client = client_of(invoices=3, postman_rate_limit=2)
    statuses = [client.get(ACCOUNT, headers=spec(KEY)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = client.get(ACCOUNT, headers=spec(KEY))
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RetryAfter"] == refused.headers["Retry-After"]
    assert json.loads(refused.data)["title"] == "Too Many Requests"
    assert client.get(ACCOUNT, headers=spec(NO_ROLE)).status_code == 200


def test_reading_is_all_that_postman_offers(client):
    assert client.post(ACCOUNT, headers=spec(KEY)).status_code == 405
