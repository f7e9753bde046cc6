"""BILL's error body: an array, each entry with the members that BILL publishes."""

import json
import re

import pytest

from billing_mock.options import ErrorShape
from billing_mock.vendors.bill import errors


def body(response):
    return json.loads(response.get_data())


@pytest.mark.parametrize(
    ("refusal", "status", "code", "message"),
    [
        (errors.WRONG_PASSWORD, 401, "BDC_1101", "User name and/or password do not match our records."),
        (errors.WRONG_DEV_KEY, 401, "BDC_1102", "Developer key is invalid."),
        (errors.NO_SESSION, 401, "BDC_1109", "Session is invalid.  Please log in."),  # two blanks, as BILL has it
        (errors.UNKNOWN_PATH, 404, "BDC_1121", "API not supported."),
        (errors.hourly(20_000), 429, "BDC_1144", "Max number of allowed requests per hour reached: 20000."),
        (errors.TOO_MANY_AT_ONCE, 429, "BDC_1322", "Max number of concurrent requests per organization reached."),
    ],
)
def test_each_refusal_is_an_array_of_one_with_its_code(refusal, status, code, message):
    response = errors.answer(refusal)
    [entry] = body(response)
    assert (response.status_code, entry["code"], entry["message"]) == (status, code, message)
    assert (entry["severity"], entry["category"]) == ("ERROR", "DOWNSTREAM")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", entry["timestamp"])


def test_a_status_that_is_not_published_can_be_chosen():
    assert errors.answer(errors.TOO_MANY_AT_ONCE, 422).status_code == 422


def test_what_was_sent_wrongly_is_told_all_together_and_without_code():
    response = errors.invalid(["name: missing", "email: missing"])
    assert response.status_code == 400
    assert [(entry["message"], entry["category"], "code" in entry) for entry in body(response)] == [
        ("name: missing", "REQUEST", False),
        ("email: missing", "REQUEST", False),
    ]


@pytest.mark.parametrize(("month", "code", "waits"), [(False, "BDC_1322", True), (True, "BDC_1144", False)])
def test_an_hour_that_is_used_up_tells_no_time_to_wait(month, code, waits):
    response = errors.throttled(retry_after=2, month=month, shape=ErrorShape.PROBLEM)
    assert (body(response)[0]["code"], "Retry-After" in response.headers) == (code, waits)


def test_a_server_error_comes_as_array_envelope_or_page():
    assert body(errors.server_error(500, ErrorShape.PROBLEM))[0]["code"] == "BDC_1001"
    assert body(errors.server_error(502, ErrorShape.ENVELOPE)) == {"message": "An error occurred"}
    assert errors.server_error(503, ErrorShape.STATUSLESS).content_type == "text/html"


def test_a_failure_may_hide_behind_200():
    response = errors.false_success()
    assert (response.status_code, body(response)["response_status"]) == (200, 1)
