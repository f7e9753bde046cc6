"""/_mock: what should arrive, and how a test changes it."""

import json
from collections import defaultdict
from decimal import Decimal

import pytest

from billing_mock.app import create_app
from billing_mock.options import Options

KEY = {"x-api-key": "PMAK-billing-mock"}
INVOICES = "/postman/accounts/123456/invoices?status=PAID"
SEED = "inv_7UDSYBJPGQU93N7M"


def listed(client):
    return json.loads(client.get(INVOICES, headers=KEY).data, parse_float=Decimal)["data"]


def test_health_tells_what_runs_here(client_of):
    body = client_of(invoices=5, seed=3, bad_records=1).get("/_mock/health").json
    vendors = ["postman", "bill", "copaco", "fynn"]
    assert body == {"status": "ok", "vendors": vendors, "invoices": 5, "seed": 3, "bad_records": 1}


def test_all_four_vendors_answer_unless_some_are_named(client_of):
    def told(client, page):
        body = client.get(f"/_mock/{page}").json
        return {name.split("_")[1].lower() for name in body} if page == "settings" else set(body["sources"])

    for page in ("settings", "truth"):
        assert told(client_of(invoices=5), page) == {"postman", "bill", "copaco", "fynn"}
        assert told(client_of(invoices=5, vendors=("fynn", "bill")), page) == {"fynn", "bill"}


def test_settings_point_at_the_address_that_was_asked(client):
    body = client.get("/_mock/settings", base_url="http://billing:8100").json
    assert {name: value for name, value in body.items() if name.endswith("_URL")} == {
        "B2S_POSTMAN_URL": "http://billing:8100/postman",
        "B2S_BILL_URL": "http://billing:8100/bill/connect",
        "B2S_COPACO_URL": "http://billing:8100/copaco/v3",
        "B2S_FYNN_URL": "http://billing:8100/fynn",
    }


def test_the_truth_is_the_sum_of_what_is_listed(client_of):
    client = client_of(invoices=1000)
    sums = defaultdict(Decimal)
    for element in listed(client):
        sums[element["totalAmount"]["currency"]] += element["totalAmount"]["value"]
    truth = client.get("/_mock/truth").json["sources"]["postman"]
    assert (truth["delivered"], truth["held"], truth["quarantined"]) == (1000, 0, 0)
    assert {currency: Decimal(total) for currency, total in truth["sums"].items()} == sums
    assert {len(total.partition(".")[2]) for total in truth["sums"].values()} == {0, 2, 3}


def test_an_only_invoice_sums_up_to_its_total_with_the_currency_s_decimals(client_of):
    truth = client_of(invoices=1, vendors=("postman",)).get("/_mock/truth").json
    assert truth == {"sources": {"postman": {"delivered": 1, "held": 0, "quarantined": 0, "sums": {"USD": "440.00"}}}}


def test_bad_records_are_listed_and_counted_as_quarantined(client_of):
    client = client_of(invoices=7, bad_records=5)
    truth = client.get("/_mock/truth").json["sources"]["postman"]
    assert (truth["delivered"], truth["quarantined"], len(listed(client))) == (7, 5, 12)


@pytest.mark.parametrize("total", ["0.10", 440.1, 12, "0"])
def test_a_changed_total_is_listed_and_true(client_of, total):
    client = client_of(invoices=1)
    answer = client.post("/_mock/mutate", json={"source": "postman", "id": SEED, "totalAmount": total})
    assert answer.status_code == 200
    assert listed(client)[0]["totalAmount"]["value"] == Decimal(str(total))
    assert answer.json["sources"]["postman"]["sums"] == {"USD": f"{Decimal(str(total)):.2f}"}


def test_a_removed_invoice_is_neither_listed_nor_expected_until_reset(client_of):
    client = client_of(invoices=1)
    truth = client.post("/_mock/mutate", json={"source": "postman", "remove": SEED}).json["sources"]["postman"]
    assert (truth["delivered"], truth["sums"], listed(client)) == (0, {}, [])
    assert client.post("/_mock/reset").json["sources"]["postman"]["delivered"] == 1
    assert len(listed(client)) == 1


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ("{", 400, "not JSON"),
        ("[]", 400, "JSON object"),
        ('{"source": "postman"}', 400, 'or \\"remove\\"'),
        ('{"source": "postman", "id": "inv_7UDSYBJPGQU93N7M"}', 400, 'or \\"remove\\"'),
        ('{"source": "postman", "totalAmount": 1}', 400, 'or \\"remove\\"'),
        ('{"source": "postman", "remove": "inv_7UDSYBJPGQU93N7M", "totalAmount": 1}', 400, 'or \\"remove\\"'),
        ('{"source": "acme", "remove": "x"}', 400, "there is: postman, bill, copaco, fynn"),
        ('{"source": "postman", "remove": "inv_x"}', 404, "No invoice"),
        ('{"source": "postman", "id": "inv_7UDSYBJPGQU93N7M", "totalAmount": 1.234}', 400, "2 decimals"),
        ('{"source": "postman", "id": "inv_7UDSYBJPGQU93N7M", "totalAmount": "x"}', 400, "Not a valid number"),
        ('{"source": "postman", "remove": "x", "why": 1}', 400, "Unknown field"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_with_a_reason(client, body, status, told):
    answer = client.post("/_mock/mutate", data=body)
    assert answer.status_code == status
    assert told in answer.text


def test_reset_gives_every_caller_a_fresh_window(client_of):
    client = client_of(invoices=1, postman_rate_limit=1)
    assert [client.get("/postman/accounts", headers=KEY).status_code for _ in range(2)] == [200, 429]
    client.post("/_mock/reset")
    assert client.get("/postman/accounts", headers=KEY).status_code == 200


def test_one_that_is_prepared_makes_no_more_for_a_first_page_than_what_stands_on_it(drawn):
    client = create_app(Options(invoices=3000), prepared=True).test_client()
    drawn.clear()
    told = client.get("/fynn/accounting/postings?limit=10", headers={"Authorization": "Bearer fynn-billing-mock"}).json
    assert told["meta"]["pagination"]["totalItems"] > 3000
    assert 0 < len(set(drawn)) <= 10


@pytest.mark.parametrize(
    ("headers", "let_through"),
    [
        ({}, True),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "https://evil.example.com", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "https://evil.example.com"}, False),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
    ],
)
@pytest.mark.parametrize("address", ["reset", "mutate", "faults"])
def test_scripts_may_change_the_stand_in_and_pages_of_other_sites_may_not(client, address, headers, let_through):
    assert (client.post(f"/_mock/{address}", data="{}", headers=headers).status_code != 403) is let_through
