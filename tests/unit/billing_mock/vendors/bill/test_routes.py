"""BILL's addresses: log-on, what must hold before any other call, and what may be written."""

import json
from decimal import Decimal

import pytest

EXAMPLE = {  # the body of BILL's published collection
    "customer": {"id": "0cu01USD000000000001"},
    "invoiceLineItems": [
        {"quantity": 2, "description": "Item 1", "price": 14.99},
        {"quantity": 1, "description": "Item 2", "price": 50},
    ],
    "invoiceNumber": "202502",
    "dueDate": "2025-12-31",
    "processingOptions": {"sendEmail": False},
}


def code(answer):
    return json.loads(answer.data)[0].get("code")


def test_a_log_on_gives_a_session_and_says_for_whom(bill):
    answer = bill.log_on()
    assert set(answer.json) == {"sessionId", "organizationId", "userId", "trusted"}
    assert answer.json["sessionId"]
    told = bill.read("/login/session")
    assert told["organizationId"] == "00801BILLINGMOCK0001"
    assert set(told) == {"organizationId", "userId", "mfaStatus", "mfaBypass"}


@pytest.mark.parametrize(
    ("changes", "status", "refusal"),
    [
        ({"password": "wrong"}, 401, "BDC_1101"),
        ({"username": "wrong"}, 401, "BDC_1101"),
        ({"organizationId": "00802"}, 401, "BDC_1101"),
        ({"devKey": "wrong"}, 401, "BDC_1102"),
        ({"password": None}, 400, None),
    ],
)
def test_a_log_on_with_something_wrong_is_refused_with_an_array(bill, changes, status, refusal):
    answer = bill.log_on(**changes)
    assert (answer.status_code, code(answer)) == (status, refusal)


def test_statuses_that_are_not_published_follow_their_switches(bill_of):
    bill = bill_of(bill_login_status=400, bill_limit_status=422, bill_requests_per_hour=1)
    assert bill.log_on(password="wrong").status_code == 400
    assert bill.ask("GET", "/customers").status_code == 200
    answer = bill.ask("GET", "/customers")
    assert (answer.status_code, code(answer)) == (422, "BDC_1144")


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({}, "BDC_1102"),
        ({"devKey": "wrong"}, "BDC_1102"),
        ({"devKey": "01BILLINGMOCKDEVKEY1"}, "BDC_1109"),
        ({"devKey": "01BILLINGMOCKDEVKEY1", "sessionId": "undefined"}, "BDC_1109"),
    ],
)
def test_no_call_is_answered_without_developer_key_and_session(client_of, headers, refusal):
    client = client_of(vendors=("bill",))
    for method, path in [("GET", "invoices"), ("POST", "customers"), ("GET", "login/session"), ("GET", "nowhere")]:
        answer = client.open(f"/bill/connect/v3/{path}", method=method, headers=headers)
        assert (answer.status_code, code(answer)) == (401, refusal)


def test_after_logging_out_or_lying_idle_the_session_is_gone(bill_of):
    bill = bill_of()
    out = bill.ask("POST", "/logout")
    assert (out.status_code, out.data) == (200, b"")
    assert code(bill.ask("GET", "/customers")) == "BDC_1109"
    idle = bill_of(bill_session_seconds=1e-9)
    assert code(idle.ask("GET", "/customers")) == "BDC_1109"


def test_a_session_that_ends_in_the_middle_of_a_walk_leaves_the_token_alive_or_not(bill_of):
    for survives, status in [(True, 200), (False, 400)]:
        bill = bill_of(invoices=50, bill_tokens_survive_login=survives)
        token = bill.read("/invoices")["nextPage"]
        bill.client.post("/_mock/faults", json={"fault": "session_expiry"})
        assert code(bill.ask("GET", f"/invoices?page={token}")) == "BDC_1109"
        bill.log_on()
        assert bill.ask("GET", f"/invoices?page={token}").status_code == status


def test_two_hundred_log_ons_an_hour_and_twenty_thousand_requests(bill_of):
    bill = bill_of(bill_logins_per_hour=2)
    bill.log_on()
    answer = bill.log_on()
    assert (answer.status_code, code(answer)) == (429, "BDC_1144")
    assert json.loads(answer.data)[0]["message"].endswith(": 2.")


@pytest.mark.parametrize("path", ["/nowhere", "/v3/customers", "/invoices/00e/email"])
def test_an_address_that_is_not_offered_is_bdc_1121(bill, path):
    answer = bill.ask("GET", path)
    assert (answer.status_code, code(answer)) == (404, "BDC_1121")


@pytest.mark.parametrize("name", ["customers", "invoices", "credit-memos", "receivable-payments"])
def test_what_is_listed_can_be_read_and_what_is_not_there_is_404(bill, name):
    for record in bill.walk(f"/{name}", max=100)[:5]:
        assert bill.read(f"/{name}/{record['id']}") == record
    answer = bill.ask("GET", f"/{name}/00e0000000000")
    assert (answer.status_code, code(answer)) == (404, None)


def test_a_page_has_twenty_records_unless_asked_otherwise(bill, bill_of):
    assert len(bill.read("/invoices")["results"]) == 20
    assert len(bill.read("/invoices", max=100)["results"]) == 100
    assert len(bill_of(bill_page_default=100, invoices=150).read("/invoices")["results"]) == 100
    assert bill.ask("GET", "/invoices?max=101").status_code == 400


def test_bill_s_own_example_makes_an_invoice_over_79_98(bill):
    expected = bill.expected()["delivered"]
    answer = bill.ask("POST", "/invoices", json=EXAMPLE)
    told = json.loads(answer.data, parse_float=Decimal)
    assert answer.status_code == 201
    assert told["totalAmount"] == told["dueAmount"] == Decimal("79.98")
    assert (told["invoiceNumber"], told["dueDate"], told["status"]) == ("202502", "2025-12-31", "OPEN")
    assert (told["customerId"], "customer" in told) == ("0cu01USD000000000001", False)
    assert bill.read(f"/invoices/{told['id']}") == told
    assert bill.walk("/invoices", max=100)[-1] == told
    assert bill.expected()["delivered"] == expected + 1


def test_nothing_is_idempotent_but_what_was_written_can_be_searched_for(bill):
    ids = {bill.ask("POST", "/invoices", json=EXAMPLE).json["id"] for _ in range(2)}
    assert len(ids) == 2
    found = bill.walk("/invoices", filters='invoiceNumber:eq:"202502",customerId:eq:"0cu01USD000000000001"')
    assert ids <= {record["id"] for record in found}


def test_everything_that_is_wrong_with_a_body_is_told_at_once(bill):
    lines = [{"price": "x"}, {"price": 1}, {"quantity": 1}, {"price": 1, "quantity": 1, "ratePercent": 1}]
    answer = bill.ask("POST", "/invoices", json={"dueDate": "soon", "invoiceLineItems": lines})
    assert answer.status_code == 400
    messages = [entry["message"].partition(":")[0] for entry in json.loads(answer.data)]
    assert sorted(messages) == [
        "customer",
        "dueDate",
        "invoiceLineItems.0.price",
        "invoiceLineItems.1.quantity",
        "invoiceLineItems.2.price",
        "invoiceLineItems.3.price",
    ]
    assert bill.ask("POST", "/invoices", data="{").status_code == 400
    unknown = bill.ask("POST", "/invoices", json=EXAMPLE | {"customer": {"id": "0cu0"}})
    assert "0cu0 was not found" in unknown.text


def test_put_replaces_the_whole_and_patch_a_part(bill):
    id_ = bill.ask("POST", "/invoices", json=EXAMPLE | {"salesTaxPercentage": 8.25}).json["id"]
    assert bill.read(f"/invoices/{id_}")["salesTaxTotal"] == Decimal("6.6")
    patched = bill.ask("PATCH", f"/invoices/{id_}", json={"invoiceNumber": "A-1"}).json
    assert (patched["invoiceNumber"], patched["totalAmount"]) == ("A-1", 86.58)
    line = {"quantity": 3, "price": Decimal("0.333").__str__()}
    put = bill.ask("PUT", f"/invoices/{id_}", json=EXAMPLE | {"invoiceLineItems": [line]})
    told = json.loads(put.data, parse_float=Decimal)
    assert (told["totalAmount"], told["invoiceNumber"], "salesTaxTotal" in told) == (Decimal(1), "202502", False)
    assert (
        bill.ask("PATCH", f"/invoices/{id_}", json={"invoiceLineItems": [line | {"quantity": 6}]}).json["totalAmount"]
        == 2
    )
    assert bill.ask("PUT", "/invoices/00e1", json=EXAMPLE).status_code == 404
    assert bill.ask("PATCH", "/invoices/00e1", json={}).status_code == 404


def test_what_is_not_sent_is_what_bill_says_it_is(bill):
    lines = [{"price": 200, "quantity": 1}, {"ratePercent": -10}, {"price": 5, "quantity": 1}]
    new = {"name": "A new one", "email": "new@example.com"}
    made = bill.ask("POST", "/invoices", json={"customer": new, "invoiceLineItems": lines}).json
    assert (made["totalAmount"], made["invoiceDate"] == made["dueDate"], bool(made["invoiceNumber"])) == (
        185,
        True,
        True,
    )
    assert [line["amount"] for line in made["invoiceLineItems"]] == [200, -20, 5]
    assert bill.read(f"/customers/{made['customerId']}")["name"] == "A new one"
    refused = bill.ask("POST", "/invoices", json={"customer": {"name": "half"}, "invoiceLineItems": lines})
    assert "customer.id: Missing" in refused.text


def test_a_list_may_be_forbidden_to_the_user(bill_of):
    bill = bill_of(bill_forbid=("credit-memos",))
    for path in ("/credit-memos", "/credit-memos/ccr1"):
        answer = bill.ask("GET", path)
        assert (answer.status_code, code(answer)) == (403, "BDC_1105")
    assert bill.ask("GET", "/invoices").status_code == 200


def test_an_invoice_of_the_data_set_can_be_changed_too_and_reset_forgets_it(bill):
    id_ = "00e7UDSYBJPGQU93N7M"
    before = bill.read(f"/invoices/{id_}")
    lines = {"invoiceLineItems": [{"quantity": 1, "price": 1}]}
    after = bill.ask("PATCH", f"/invoices/{id_}", json=lines).json
    assert (after["totalAmount"], after["updatedTime"] > before["updatedTime"]) == (1, True)
    bill.client.post("/_mock/reset")
    bill.log_on()
    assert bill.read(f"/invoices/{id_}") == before


def test_archiving_is_the_only_void_and_repeating_it_changes_nothing(bill):
    id_ = "00e7UDSYBJPGQU93N7M"
    before = bill.read(f"/invoices/{id_}")
    once, twice = (bill.ask("POST", f"/invoices/{id_}/archive") for _ in range(2))
    assert once.status_code == twice.status_code == 200
    assert once.json == twice.json
    assert (once.json["archived"], once.json["recordStatus"]) == (True, "INACTIVE")
    assert once.json["status"] == before["status"]
    assert id_ in {record["id"] for record in bill.walk("/invoices", filters="archived:eq:true", max=100)}
    back = bill.ask("POST", f"/invoices/{id_}/restore").json
    assert (back["archived"], "recordStatus" in back) == (False, False)
    assert bill.ask("POST", "/invoices/00e1/archive").status_code == 404


def test_a_customer_needs_a_name_and_an_address_and_gets_a_currency(bill):
    answer = bill.ask(
        "POST", "/customers", json={"name": "Łódź Sp.", "email": "a@example.com", "invoiceCurrency": "JPY"}
    )
    assert answer.status_code == 201
    id_ = answer.json["id"]
    made = bill.ask("POST", "/invoices", json=EXAMPLE | {"customer": {"id": id_}})
    assert json.loads(made.data)["totalAmount"] == 80
    assert bill.ask("PATCH", f"/customers/{id_}", json={"name": "Łódź S.A."}).json["name"] == "Łódź S.A."
    assert bill.ask("PATCH", "/customers/0cu1", json={}).status_code == 404
    refused = bill.ask("POST", "/customers", json={"email": "nobody"})
    assert len(json.loads(refused.data)) == 2


def test_a_repeated_page_leads_to_itself_and_an_empty_one_on(bill):
    first = bill.read("/invoices")
    bill.client.post("/_mock/faults", json={"fault": "repeated_page"})
    again = bill.read("/invoices")
    assert bill.read("/invoices", page=again["nextPage"])["results"] == first["results"]
    bill.client.post("/_mock/faults", json={"fault": "empty_page"})
    empty = bill.read("/invoices", page=first["nextPage"])
    assert empty["results"] == []
    assert bill.read("/invoices", page=empty["nextPage"])["results"][0] not in first["results"]


def test_a_failure_can_be_told_with_200(bill):
    bill.client.post("/_mock/faults", json={"fault": "false_success"})
    assert bill.read("/invoices")["response_data"]["error_code"] == "BDC_1001"


def test_settings_tell_where_and_as_whom(bill):
    told = bill.client.get("/_mock/settings", base_url="http://billing:8100").json
    assert told == {
        "B2S_BILL_URL": "http://billing:8100/bill/connect",
        "B2S_BILL_USERNAME": "taylor.lee@example.com",
        "B2S_BILL_PASSWORD": "bill-mock-password",
        "B2S_BILL_ORGANIZATION_ID": "00801BILLINGMOCK0001",
        "B2S_BILL_DEV_KEY": "01BILLINGMOCKDEVKEY1",
    }


def test_a_changed_total_is_listed_with_a_new_time_and_a_removed_invoice_is_gone(bill):
    id_ = "00e7UDSYBJPGQU93N7M"
    before = bill.read(f"/invoices/{id_}")
    bill.client.post("/_mock/mutate", json={"source": "bill", "id": id_, "totalAmount": "441.10"})
    after = bill.read(f"/invoices/{id_}")
    assert after["totalAmount"] == Decimal("441.1") == sum(line["amount"] for line in after["invoiceLineItems"])
    assert after["updatedTime"] > before["updatedTime"]
    bill.client.post("/_mock/mutate", json={"source": "bill", "remove": id_})
    assert bill.ask("GET", f"/invoices/{id_}").status_code == 404


def test_a_link_is_made_only_when_asked_for_and_for_the_invoice_s_own_customer(bill):
    address = "/invoices/00e7UDSYBJPGQU93N7M/payment-link"
    asked = {"customerId": "0cu01USD000000000001", "email": "a@example.com"}
    assert list(bill.ask("POST", address, json=asked).json) == ["paymentLink"]
    assert bill.ask("POST", address, json=asked | {"customerId": "0cu01USD000000000002"}).status_code == 400
    assert bill.ask("POST", address, json={}).status_code == 400
    assert bill.ask("POST", "/invoices/00e1/payment-link", json=asked).status_code == 404
