"""The Commerce Platform's addresses: key and address, versions, formats, periods, and what the consolidated call does."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from billing_mock.vendors.copaco.routes import caller_address, listed_address

HOME = {"REMOTE_ADDR": "127.0.0.1"}


def lines(told):
    return [
        line
        for customer in told["Customers"]
        for subscription in customer["Subscriptions"]
        for line in subscription["PriceLines"]
    ]


@pytest.mark.parametrize(
    ("key", "status"),
    [(None, 401), ("", 401), ("wrong", 401), ("copaco-billing-mock-expired", 401), ("copaco-billing-mock", 200)],
)
def test_only_a_valid_key_opens(copaco, key, status):
    copaco.headers = {} if key is None else {"X-Api-Key": key}
    assert copaco.ask().status_code == status


def test_the_key_s_header_can_have_another_name(copaco_of):
    caller = copaco_of(invoices=1, copaco_key_header="Ocp-Key")
    assert caller.ask().status_code == 401
    assert caller.ask(Ocp_Key="copaco-billing-mock").status_code == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "allow", "proxies", "status"),
    [
        ("127.0.0.1", None, ("127.0.0.1",), (), 200),
        ("10.1.2.3", None, ("127.0.0.1",), (), 403),
        ("10.1.2.3", None, ("10.0.0.0/8",), (), 200),
        ("127.0.0.1", None, (), (), 403),  # no entry, no access, whatever the key
        ("10.1.2.3", "127.0.0.1", ("127.0.0.1",), (), 403),  # anybody can write that
        ("10.1.2.3", "192.0.2.7", ("192.0.2.7",), ("10.0.0.0/8",), 200),
        ("10.1.2.3", "192.0.2.7, 192.0.2.9", ("192.0.2.7",), ("10.0.0.0/8",), 403),  # the proxy saw the last one
        ("10.1.2.3", "192.0.2.7, 10.9.9.9", ("192.0.2.7",), ("10.0.0.0/8",), 200),
        ("::ffff:127.0.0.1", None, ("127.0.0.1",), (), 200),
        ("::1", None, ("::1",), (), 200),
        ("nonsense", None, ("0.0.0.0/0", "::/0"), (), 403),
    ],
)
def test_only_an_address_on_the_list_is_answered(copaco_of, peer, forwarded, allow, proxies, status):
    caller = copaco_of(invoices=1, copaco_allow=allow, copaco_trusted_proxies=proxies)
    headers = caller.headers | ({"X-Forwarded-For": forwarded} if forwarded else {})
    path = "/copaco/v3/invoices?startDate=2020-01-01&endDate=2020-01-02"
    answer = caller.client.get(path, headers=headers, environ_overrides={"REMOTE_ADDR": peer})
    assert answer.status_code == status


def test_a_refused_address_looks_like_a_refused_key(copaco_of):
    caller = copaco_of(invoices=1, copaco_allow=())
    wrong_address = caller.ask()
    caller.headers = {}
    assert (
        wrong_address.data
        == caller.ask().data
        == (b'<?xml version="1.0" encoding="utf-8"?><Error><Message>Access denied.</Message></Error>')
    )


def test_a_chain_of_proxies_ends_with_the_first_that_nobody_vouches_for():
    assert caller_address("10.0.0.1", "1.1.1.1, 2.2.2.2, 10.0.0.2", ("10.0.0.0/8",)) == "2.2.2.2"
    assert caller_address("10.0.0.1", "10.0.0.3, 10.0.0.2", ("10.0.0.0/8",)) == "10.0.0.3"
    assert caller_address("10.0.0.1", "", ("10.0.0.0/8",)) == "10.0.0.1"
    assert not listed_address("", ("0.0.0.0/0",))


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/xml"),
        ("*/*", "application/xml"),
        ("application/xml", "application/xml"),
        ("application/json", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("application/json, application/xml;q=0.5", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/json;q=0.1, application/xml", "application/xml"),
        ("application/json;q=0", "application/xml"),
        ("text/html", "application/xml"),
    ],
)
def test_xml_is_told_unless_json_is_asked_for(copaco, accept, kind):
    headers = {"Accept": accept} if accept else {}
    for query, status in (("startDate=2024-01-01&endDate=2024-01-31", 200), ("", 400)):
        answer = copaco.ask(query=query, **headers)
        assert (answer.status_code, answer.content_type) == (status, f"{kind}; charset=utf-8")


@pytest.mark.parametrize("kind", ["invoices", "customerinvoices", "consolidatedinvoices"])
def test_both_formats_tell_the_same_invoices(copaco, kind):
    told, root = copaco.json(kind), copaco.xml(kind)
    assert root.tag == "InvoiceResponse"
    assert set(root.nsmap) == {"xsd", "xsi"}
    assert [one["Header"]["InvoiceID"] for one in told] == root.xpath("Invoice/Header/InvoiceID/text()")
    written = [Decimal(text) for text in root.xpath("Invoice/Totals/TotalIncludingVAT/text()")]
    assert [one["Totals"]["TotalIncludingVAT"] for one in told] == written
    assert sum(len(lines(one)) for one in told) == len(root.xpath("//PriceLine"))
    assert root.xpath("//AccountID[not(node())]")  # empty values are self-closing elements
    assert len(root.xpath("Invoice/Receiver/Street")) == len(told)


def test_a_decimal_comma_can_be_expected_of_a_dutch_system(copaco_of):
    root = copaco_of(invoices=30, copaco_decimal_comma=True).xml()
    assert all("." not in text for text in root.xpath("//UnitPrice/text()"))
    assert any("," in text for text in root.xpath("//UnitPrice/text()"))


@pytest.mark.parametrize(
    ("version", "status", "state"),
    [("v1", 410, "end-of-life"), ("v2", 200, "deprecated"), ("v3", 200, None), ("v4", 200, None), ("v9", 404, None)],
)
def test_a_version_lives_and_ends(copaco, version, status, state):
    answer = copaco.ask(version=version)
    assert (answer.status_code, answer.headers.get("X-Api-Version-Status")) == (status, state)


def test_an_ended_version_may_go_on_answering_with_a_warning(copaco_of):
    answer = copaco_of(invoices=1, copaco_end_of_life="answers").ask(version="v1")
    assert (answer.status_code, answer.headers["Deprecation"]) == (200, "true")


def test_the_version_to_come_has_more_members_in_another_order(copaco):
    [old, *_], [new, *_] = copaco.json(), copaco.json(version="v4")
    assert set(new) - set(old) == {"VendorDetails"}
    assert list(new)[1:] == list(reversed(old))


def test_both_days_of_the_period_are_included(copaco):
    day = "startDate=2023-10-12&endDate=20231012"
    assert "COP-7UDSYBJPGQU93N7M" in [one["Header"]["InvoiceID"] for one in copaco.json(query=day)]
    assert copaco.json(query="startDate=2018-01-01&endDate=2018-12-31") == []
    assert copaco.xml(query="startDate=2018-01-01&endDate=2018-12-31").xpath("Invoice") == []


@pytest.mark.parametrize(
    "query", ["", "startDate=2024-01-01", "startDate=x&endDate=y", "startDate=2024-01-02&endDate=2024-01-01"]
)
def test_a_period_that_cannot_be_read_is_400(copaco, query):
    answer = copaco.ask(query=query, Accept="application/json")
    assert answer.status_code == 400
    assert "Date" in json.loads(answer.data)["Message"]


def test_other_addresses_are_404(copaco):
    assert copaco.ask("customerspecifications").status_code == 404
    assert copaco.client.get("/copaco/", headers=copaco.headers).status_code == 404


def test_the_truth_is_what_the_purchase_invoices_lead_to(copaco_of):
    copaco = copaco_of(invoices=300)
    sums = Counter()
    for told in copaco.json():
        sums[told["Header"]["Currency"]] += told["Totals"]["TotalIncludingVAT"]
    truth = copaco.truth()
    assert (truth["delivered"], truth["held"], truth["quarantined"]) == (len(copaco.json()), 0, 0)
    assert truth["delivered"] > 300
    assert {currency: Decimal(total) for currency, total in truth["sums"].items()} == sums


def test_bad_records_are_told_among_the_good_ones_in_both_formats(copaco_of):
    copaco = copaco_of(invoices=0, bad_records=10)
    assert [type(one) for one in copaco.json()].count(str) == 1
    assert len(copaco.xml().xpath("Invoice")) == 10
    assert copaco.truth()["quarantined"] == 10


@pytest.mark.parametrize(
    ("fault", "change"),
    [("lost_lines", -1), ("doubled_lines", 1), ("mismatched_lines", 0)],
)
def test_the_consolidated_call_loses_doubles_and_mismatches_lines_when_told_to(copaco, fault, change):
    good = copaco.json("consolidatedinvoices")
    copaco.client.post("/_mock/faults", json={"fault": fault})
    assert copaco.json() == copaco.json()  # other calls are not touched, and use nothing up
    bad = copaco.json("consolidatedinvoices")
    assert [len(lines(one)) - len(lines(other)) for one, other in zip(bad, good, strict=True)] == [change] * len(good)
    assert all(one != other for one, other in zip(bad, good, strict=True))
    assert [one["Totals"] for one in bad] == [one["Totals"] for one in good]
    assert copaco.json("consolidatedinvoices") == good


def test_a_changed_and_a_removed_invoice(copaco):
    change = {"source": "copaco", "id": "COP-7UDSYBJPGQU93N7M", "totalAmount": "441.10"}
    copaco.client.post("/_mock/mutate", json=change)
    [first, *_] = copaco.json()
    assert (
        first["Totals"]["TotalIncludingVAT"] == Decimal("441.1") == sum(line["ExtendedPrice"] for line in lines(first))
    )
    before = copaco.truth()["delivered"]
    copaco.client.post("/_mock/mutate", json={"source": "copaco", "remove": "COP-7UDSYBJPGQU93N7M"})
    assert copaco.truth()["delivered"] == before - 1


def test_settings_have_the_version_in_the_address(copaco):
    told = copaco.client.get("/_mock/settings", base_url="http://billing:8100").json
    expected = {"B2S_COPACO_URL": "http://billing:8100/copaco/v3", "B2S_COPACO_API_KEY": "copaco-billing-mock"}
    assert told == expected


@pytest.mark.parametrize(
    ("plan", "status", "kind"),
    [
        ({"fault": "throttle"}, 429, "application/json"),
        ({"fault": "http_error", "status": 503}, 503, "application/xml"),
        ({"fault": "http_error", "shape": "envelope"}, 500, "application/json"),
        ({"fault": "http_error", "shape": "statusless"}, 500, "text/html"),
    ],
)
def test_faults_come_in_the_platform_s_words(copaco, plan, status, kind):
    copaco.client.post("/_mock/faults", json=plan)
    answer = copaco.ask()
    assert (answer.status_code, answer.content_type.partition(";")[0]) == (status, kind)


def test_names_and_statuses_that_are_not_published_follow_their_switches(copaco_of):
    caller = copaco_of(
        invoices=200, copaco_start_parameter="from", copaco_end_parameter="to", copaco_credit_type="CreditNote"
    )
    assert caller.ask().status_code == 400
    told = caller.json(query="from=2019-01-01&to=2027-12-31")
    assert {one["Header"]["Type"] for one in told} == {"Invoice", "CreditNote"}
    assert copaco_of(copaco_allow=(), copaco_address_status=401).ask().status_code == 401


def test_the_subscriptions_of_a_period_are_those_of_its_invoices_without_their_prices(copaco):
    told = copaco.ask("subscriptiondetails", Accept="application/json").json["Subscriptions"]
    billed = [
        (customer["CustomerNumber"], one["SubscriptionID"])
        for invoice in copaco.json()
        if invoice["Header"]["TypeIdentifier"] == "380"
        for customer in invoice["Customers"]
        for one in customer["Subscriptions"]
    ]
    assert [(one["CustomerNumber"], one["SubscriptionID"]) for one in told] == billed
    assert not {"PriceLines", "UnitPrice"} & {name for one in told for name in one}
    document = copaco.xml("subscriptiondetails")
    assert document.tag == "SubscriptionResponse"
    assert [one.findtext("SubscriptionID") for one in document] == [number for _, number in billed]


def test_the_status_for_a_key_that_is_not_accepted_can_be_another(copaco_of):
    caller = copaco_of(invoices=1, copaco_key_status=403)
    caller.headers = {"X-Api-Key": "wrong"}
    assert caller.ask().status_code == 403


def test_types_and_their_codes_can_be_other_ones(copaco_of):
    caller = copaco_of(invoices=120, copaco_invoice_type="Factuur", copaco_type_codes=False)
    headers = [invoice["Header"] for invoice in caller.json()]
    assert {(header["Type"], header["TypeIdentifier"]) for header in headers} == {("Factuur", None), ("Credit", None)}
