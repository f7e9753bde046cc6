"""BILL's dialect over a real socket: settings lead to the truth, and only three requests run at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import requests

pytestmark = pytest.mark.processes


@pytest.fixture
def bill(billing_mock):
    running = billing_mock("--port", "0", "--invoices", "150", "--vendor", "bill")
    settings = requests.get(f"{running.url}/_mock/settings", timeout=5).json()
    log_on = {
        "username": settings["B2S_BILL_USERNAME"],
        "password": settings["B2S_BILL_PASSWORD"],
        "organizationId": settings["B2S_BILL_ORGANIZATION_ID"],
        "devKey": settings["B2S_BILL_DEV_KEY"],
    }
    base = f"{settings['B2S_BILL_URL']}/v3"
    session = requests.post(f"{base}/login", json=log_on, timeout=5).json()["sessionId"]
    return running.url, base, {"sessionId": session, "devKey": log_on["devKey"]}


def test_what_the_settings_say_leads_to_what_the_truth_says(bill):
    url, base, headers = bill

    def listed(name):
        page = {}
        while page is not None:
            answer = requests.get(f"{base}/{name}", params={"max": 100, **page}, headers=headers, timeout=10)
            told = answer.json(parse_float=Decimal, parse_int=Decimal)
            yield from told["results"]
            page = {"page": told["nextPage"]} if "nextPage" in told else None

    currencies = {customer["id"]: customer.get("invoiceCurrency") for customer in listed("customers")}
    sums, count = Counter(), 0
    for name, member, sign in (("invoices", "totalAmount", 1), ("credit-memos", "amount", -1)):
        for record in listed(name):
            sums[currencies[record["customerId"]]] += sign * record[member]
            count += 1
    truth = requests.get(f"{url}/_mock/truth", timeout=5).json()["sources"]["bill"]
    assert count > 150
    assert (truth["delivered"], truth["held"], truth["quarantined"]) == (count, 0, 0)
    assert {currency: Decimal(total) for currency, total in truth["sums"].items()} == sums


def test_the_fourth_request_at_once_is_refused(bill):
    url, base, headers = bill
    requests.post(f"{url}/_mock/faults", json={"fault": "slow", "seconds": 1, "times": 3}, timeout=5)
    with ThreadPoolExecutor(5) as callers:
        ask = lambda _: requests.get(f"{base}/invoices", headers=headers, timeout=10)  # noqa: E731  # one line, used twice
        answers = list(callers.map(ask, range(5)))
        assert Counter(answer.status_code for answer in answers) == {200: 3, 429: 2}
        assert {answer.json()[0]["code"] for answer in answers if answer.status_code == 429} == {"BDC_1322"}
    assert ask(0).status_code == 200
