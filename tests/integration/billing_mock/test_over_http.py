"""Postman's dialect over a real socket: streaming, cut bodies, many threads at once."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import requests

pytestmark = pytest.mark.processes

INVOICES = "/postman/accounts/123456/invoices"
PAID = {"status": "PAID"}


@pytest.fixture
def running(billing_mock):
    return billing_mock("--port", "0", "--invoices", "2000")


@pytest.fixture
def session():
    with requests.Session() as session:
        session.headers["x-api-key"] = "PMAK-billing-mock"
        yield session


def test_what_the_settings_say_leads_to_what_the_truth_says(running):
    settings = requests.get(f"{running.url}/_mock/settings", timeout=5).json()
    truth = requests.get(f"{running.url}/_mock/truth", timeout=5).json()["sources"]["postman"]
    headers = {"x-api-key": settings["B2S_POSTMAN_API_KEY"]}
    account = requests.get(f"{settings['B2S_POSTMAN_URL']}/accounts", headers=headers, timeout=5).json()["id"]
    answer = requests.get(
        f"{settings['B2S_POSTMAN_URL']}/accounts/{account}/invoices", params=PAID, headers=headers, timeout=10
    )
    listed = answer.json(parse_float=Decimal, parse_int=Decimal)["data"]
    usd = sum(e["totalAmount"]["value"] for e in listed if e["totalAmount"]["currency"] == "USD")
    assert (len(listed), usd) == (truth["delivered"], Decimal(truth["sums"]["USD"]))
    assert answer.headers["Transfer-Encoding"] == "chunked"


def test_a_half_page_with_a_length_is_a_broken_transfer(running, session):
    requests.post(f"{running.url}/_mock/faults", json={"fault": "half_page"}, timeout=5)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        session.get(running.url + INVOICES, params=PAID, timeout=10)
    assert len(session.get(running.url + INVOICES, params=PAID, timeout=10).json()["data"]) == 2000


def test_a_half_page_in_chunks_looks_whole_and_is_no_json(running, session):
    requests.post(f"{running.url}/_mock/faults", json={"fault": "half_page", "framing": "chunked"}, timeout=5)
    answer = session.get(running.url + INVOICES, params=PAID, timeout=10)
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_lost_response_is_a_connection_that_closes_without_a_byte(running, session):
    requests.post(f"{running.url}/_mock/faults", json={"fault": "lost_response"}, timeout=5)
    with pytest.raises(requests.exceptions.ConnectionError, match="without response"):
        session.get(f"{running.url}/postman/accounts", timeout=10)
    assert session.get(f"{running.url}/postman/accounts", timeout=10).status_code == 200


def test_a_dripping_answer_outlasts_a_client_with_patience_for_a_piece_only(running, session):
    requests.post(f"{running.url}/_mock/faults", json={"fault": "slow_drip", "seconds": 60, "times": 1}, timeout=5)
    with pytest.raises(requests.exceptions.RequestException):
        session.get(f"{running.url}/postman/accounts", timeout=0.4).json()


def test_a_slow_answer_outlasts_an_impatient_client(running, session):
    requests.post(f"{running.url}/_mock/faults", json={"fault": "slow", "seconds": 2}, timeout=5)
    with pytest.raises(requests.exceptions.ReadTimeout):
        session.get(f"{running.url}/postman/accounts", timeout=0.2)


def test_many_callers_at_once_use_up_exactly_what_is_there(running):
    requests.post(f"{running.url}/_mock/faults", json={"fault": "http_error", "times": 7}, timeout=5)

    def ask(_):
        headers = {"x-api-key": "PMAK-billing-mock"}
        return requests.get(f"{running.url}/postman/accounts", headers=headers, timeout=10).status_code

    with ThreadPoolExecutor(8) as callers:
        statuses = list(callers.map(ask, range(40)))
    assert (statuses.count(500), statuses.count(200)) == (7, 33)
    [score] = requests.get(f"{running.url}/_mock/faults", timeout=5).json()
    assert (score["fired"], score["left"], score["completed"]) == (7, 0, True)
