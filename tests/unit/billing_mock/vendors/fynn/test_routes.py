"""Fynn's address: token and permission, pages and their traps, dimensions, what the truth says about it."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from billing_mock.dataset import CURRENCIES

from_today = {"today": date(2026, 11, 24)}


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("", 401),
        ("Bearer", 401),
        ("Bearer wrong", 401),
        ("Bearer fynn-billing-mock-expired", 401),
        ("Basic fynn-billing-mock", 401),
        ("Bearer fynn-billing-mock-without-permission", 403),
        ("bearer fynn-billing-mock", 200),
    ],
)
def test_only_a_token_with_the_permission_may_read(client_of, authorization, status):
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = client_of(vendors=("fynn",), invoices=1).get("/fynn/accounting/postings", headers=headers)
    assert answer.status_code == status
    if status != 200:
        assert json.loads(answer.data)["status"] == status
        assert answer.content_type.startswith("application/problem+json")


def test_a_page_has_thirty_records_and_tells_where_it_stands(fynn):
    told = fynn.read()
    total = told["meta"]["pagination"]["totalItems"]
    assert list(told) == ["data", "meta"]
    assert told["meta"]["pagination"] == {
        "totalItems": total,
        "itemsPerPage": 30,
        "currentPage": 1,
        "lastPage": -(-total // 30),
        "pageTotalItems": 30,
    }


def test_the_documentation_s_example_is_the_first_record_of_every_list(fynn, fynn_of):
    for caller in (fynn, fynn_of(invoices=0)):
        first = caller.read()["data"][0]
        assert (first["id"], first["debit"]["amount"]) == ("f3b3b3b3-3b3b-3b3b-3b3b-3b3b3b3b3b3b", {})


@pytest.mark.parametrize("limit", [7, 30, 100])
def test_a_walk_meets_every_posting_once(fynn, limit):
    ids = [record["id"] for record in fynn.walk(f"limit={limit}")]
    assert len(ids) == len(set(ids)) == fynn.read()["meta"]["pagination"]["totalItems"]


def test_items_per_page_is_another_name_for_limit(fynn):
    assert fynn.read("?itemsPerPage=5") == fynn.read("?limit=5")
    assert len(fynn.read("?limit=5&itemsPerPage=7")["data"]) == 5


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("?page=0", ["page"]),
        ("?page=-1", ["page"]),
        ("?page=one", ["page"]),
        ("?limit=101", ["limit"]),
        ("?limit=-1", ["limit"]),
        ("?limit=ten&page=x", ["page", "limit"]),
        ("?dimension[colour]=red", ["dimension[colour]"]),
    ],
)
def test_everything_that_breaks_the_rules_is_told_at_once(fynn, fynn_of, query, paths):
    answer = fynn.ask(query)
    assert answer.status_code == 400
    body = json.loads(answer.data)
    assert set(body) == {"title", "detail", "violations"}
    assert [one["propertyPath"] for one in body["violations"]] == paths
    assert {frozenset(one) for one in body["violations"]} == {frozenset({"propertyPath", "message", "code"})}
    assert fynn_of(fynn_violation_status=422).ask(query).status_code == 422


def test_no_records_can_be_asked_for_and_the_last_page_is_then_what_the_switch_says(fynn, fynn_of):
    told = fynn.read("?limit=0")
    assert (told["data"], told["meta"]["pagination"]["lastPage"]) == ([], 0)
    huge = fynn_of(invoices=60, fynn_last_page_of_none="huge").read("?limit=0")
    assert huge["meta"]["pagination"]["lastPage"] == huge["meta"]["pagination"]["totalItems"] > 0


def test_beyond_the_last_page_there_is_nothing_or_404(fynn, fynn_of):
    told = fynn.read("?page=9999")
    assert (told["data"], told["meta"]["pagination"]["pageTotalItems"]) == ([], 0)
    assert told["meta"]["pagination"]["currentPage"] == 9999
    assert fynn_of(fynn_beyond_last="not-found").ask("?page=9999").status_code == 404


def test_page_zero_can_be_the_first(fynn_of):
    told = fynn_of(invoices=60, fynn_page_zero="first").read("?page=0")
    assert told["meta"]["pagination"]["currentPage"] == 1


@pytest.mark.parametrize("query", ["dimension[costCentre1]=KOST2", "dimension%5BcostCentre1%5D=KOST2"])
def test_a_dimension_filters_with_its_brackets_raw_or_encoded(fynn, query):
    found = fynn.walk(f"limit=100&{query}")
    everything = fynn.walk()
    assert found == [one for one in everything if one["debit"]["dimensions"].get("costCentre1") == "KOST2"]
    assert 0 < len(found) < len(everything)


def test_two_dimensions_both_hold_and_an_empty_one_says_nothing(fynn):
    found = fynn.walk("limit=100&dimension[costCentre1]=KOST1&dimension[taxRate]=19&dimension[product]=")
    told = [one["debit"]["dimensions"] for one in found]
    assert {(one["costCentre1"], one["taxRate"]) for one in told} == {("KOST1", 19)}
    assert fynn.read("?dimension[invoiceNumber]=none")["data"] == []


def test_the_truth_is_what_the_list_leads_to(fynn_of):
    fynn = fynn_of(invoices=200, bad_records=10, **from_today)
    sums, held = Counter(), 0
    good = [one for one in fynn.walk() if _is_good(one)]
    for one in good:
        if not one["committed"] or one["debit"]["date"] > "2026-11-24T22:59:59Z":
            held += 1
            continue
        money = one["debit"]["amount"]
        sums[money["currencyCode"]] += Decimal(money["amount"]).scaleb(-CURRENCIES[money["currencyCode"]])
    truth = fynn.truth()
    assert (truth["delivered"], truth["held"], truth["quarantined"]) == (len(good) - held, held, 11)
    assert held > 50
    assert {currency: Decimal(total) for currency, total in truth["sums"].items()} == sums


def _is_good(one):
    if not isinstance(one, dict) or "id" not in one or len(one["id"]) > 36:
        return False
    money, day = one["debit"]["amount"], one["debit"]["date"]
    whole = isinstance(money.get("amount"), int) and money["amount"] < 10**20 and money.get("precision") != 4
    return whole and "currencyCode" in money and day[4] == "-" and not day.startswith("2023-02-30")


def test_the_day_decides_what_is_due(fynn_of):
    early = fynn_of(invoices=100, today=date(2020, 1, 1)).truth()
    late = fynn_of(invoices=100, today=date(2030, 1, 1)).truth()
    assert early["delivered"] < late["delivered"]
    assert early["delivered"] + early["held"] == late["delivered"] + late["held"]


def test_a_list_that_grows_between_two_pages_repeats_one_record_and_hides_another(fynn):
    before = fynn.truth()["delivered"] + fynn.truth()["held"]
    first = fynn.read("?limit=10")
    fynn.client.post("/_mock/faults", json={"fault": "grown_list", "records": 2})
    second = fynn.read("?limit=10&page=2")
    assert [one["id"] for one in second["data"]][:2] == [one["id"] for one in first["data"]][-2:]
    assert second["meta"]["pagination"]["totalItems"] == first["meta"]["pagination"]["totalItems"] + 2
    assert fynn.truth()["delivered"] + fynn.truth()["held"] == before + 2
    assert len({one["id"] for one in fynn.walk()}) == first["meta"]["pagination"]["totalItems"] + 2
    fynn.client.post("/_mock/reset")
    assert fynn.read("?limit=10") == first


def test_a_page_can_come_once_more(fynn):
    first = fynn.read("?limit=10")["data"]
    fynn.client.post("/_mock/faults", json={"fault": "repeated_page"})
    assert fynn.read("?limit=10&page=2")["data"] == first
    assert fynn.read("?limit=10&page=2")["data"] != first


def test_a_changed_total_changes_the_postings_and_none_of_their_ids(fynn):
    query = "limit=100&dimension[invoiceNumber]=RE-7UDSYBJPGQU93N7M"
    before = {one["id"]: one["debit"]["amount"]["amount"] for one in fynn.walk(query)}
    change = {"source": "fynn", "id": "RE-7UDSYBJPGQU93N7M", "totalAmount": "880"}
    fynn.client.post("/_mock/mutate", json=change)
    after = {one["id"]: one["debit"]["amount"]["amount"] for one in fynn.walk(query)}
    assert before.keys() == after.keys()
    assert before != after


def test_settings_and_other_addresses(fynn):
    told = fynn.client.get("/_mock/settings", base_url="http://billing:8100").json
    assert told == {"B2S_FYNN_URL": "http://billing:8100/fynn", "B2S_FYNN_TOKEN": "fynn-billing-mock"}
    assert fynn.client.get("/fynn/invoices", headers=fynn.headers).status_code == 404


@pytest.mark.parametrize(
    ("plan", "status", "kind"),
    [
        ({"fault": "throttle"}, 429, "application/problem+json"),
        ({"fault": "http_error", "status": 503}, 503, "application/problem+json"),
        ({"fault": "http_error", "shape": "envelope"}, 500, "text/html"),
        ({"fault": "http_error", "shape": "statusless"}, 500, "application/problem+json"),
    ],
)
def test_faults_come_in_fynn_s_words(fynn, plan, status, kind):
    fynn.client.post("/_mock/faults", json=plan)
    answer = fynn.ask()
    assert (answer.status_code, answer.content_type.partition(";")[0]) == (status, kind)
    if plan == {"fault": "http_error", "shape": "statusless"}:
        assert "status" not in json.loads(answer.data)
