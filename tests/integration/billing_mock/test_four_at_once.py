"""All four systems from one process: one data set, and settings and truth for each."""

from collections import Counter
from decimal import Decimal

import pytest
import requests
from lxml import etree

pytestmark = pytest.mark.processes

DECIMALS = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3}


@pytest.fixture
def served(billing_mock):
    def start(*arguments):
        vendors = [word for name in ("postman", "bill", "fynn", "copaco") for word in ("--vendor", name)]
        running = billing_mock("--port", "0", "--invoices", "200", *vendors, *arguments)
        settings = requests.get(f"{running.url}/_mock/settings", timeout=5).json()
        return running.url, settings

    return start


def truth(url, name):
    return requests.get(f"{url}/_mock/truth", timeout=10).json()["sources"][name]


def test_settings_and_truth_name_every_system_and_postman_s_share_is_what_it_was(served):
    url, settings = served()
    assert {name.split("_")[1] for name in settings} == {"POSTMAN", "BILL", "FYNN", "COPACO"}
    assert requests.get(f"{url}/_mock/health", timeout=5).json()["vendors"] == ["postman", "bill", "fynn", "copaco"]
    postman, bill = truth(url, "postman"), truth(url, "bill")
    assert (postman["delivered"], bill["delivered"] > 200) == (200, True)
    assert all(Decimal(total) <= Decimal(postman["sums"][code]) for code, total in bill["sums"].items())  # less credits


def test_fynn_s_pages_lead_to_the_truth(served):
    url, settings = served("--today", "2026-11-24", "--fynn-chart", "skr04")
    listed, page, last = [], 0, 1
    while page < last:
        page += 1
        answer = requests.get(
            f"{settings['B2S_FYNN_URL']}/accounting/postings",
            params={"page": page, "limit": 100},
            headers={"Authorization": f"Bearer {settings['B2S_FYNN_TOKEN']}"},
            timeout=10,
        ).json()
        listed += answer["data"]
        last = answer["meta"]["pagination"]["lastPage"]
    sums = Counter()
    for record in listed[1:]:  # the first is the documentation's example
        if record["committed"] and record["debit"]["date"] < "2026-11-24T23:00:00Z":
            money = record["debit"]["amount"]
            sums[money["currencyCode"]] += Decimal(money["amount"]).scaleb(-DECIMALS[money["currencyCode"]])
    told = truth(url, "fynn")
    assert (told["quarantined"], told["delivered"] + told["held"]) == (1, len(listed) - 1)
    assert {currency: Decimal(total) for currency, total in told["sums"].items()} == sums
    assert "4400" in {record["credit"]["account"]["number"].removeprefix("40.") for record in listed}


def test_copaco_s_stream_leads_to_the_truth(served):
    url, settings = served()
    answer = requests.get(
        f"{settings['B2S_COPACO_URL']}/invoices",
        params={"startDate": "2019-01-01", "endDate": "2027-12-31"},
        headers={"X-Api-Key": settings["B2S_COPACO_API_KEY"]},
        timeout=10,
    )
    assert answer.headers["Transfer-Encoding"] == "chunked"
    sums = Counter()
    for invoice in etree.fromstring(answer.content).iter("Invoice"):
        sums[invoice.findtext("Header/Currency")] += Decimal(invoice.findtext("Totals/TotalIncludingVAT"))
    told = truth(url, "copaco")
    assert told["delivered"] == answer.text.count("<Invoice>")
    assert {currency: Decimal(total) for currency, total in told["sums"].items()} == sums


def test_without_an_entry_on_the_list_a_valid_key_opens_nothing(served):
    _, settings = served("--copaco-allow-nobody")
    period = {"startDate": "2024-01-01", "endDate": "2024-01-31"}
    headers = {"X-Api-Key": settings["B2S_COPACO_API_KEY"], "X-Forwarded-For": "127.0.0.1"}
    answer = requests.get(f"{settings['B2S_COPACO_URL']}/invoices", params=period, headers=headers, timeout=10)
    assert answer.status_code == 403
