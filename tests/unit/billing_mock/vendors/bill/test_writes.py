"""What may be written beside invoices: credit memos, payments received elsewhere, e-mails that nobody gets."""

import json
from decimal import Decimal

import pytest

CUSTOMER, YEN = "0cu01USD000000000001", "0cu01JPY000000000001"
MEMO = {  # the body of BILL's guide on credit memos
    "customerId": CUSTOMER,
    "creditDate": "2025-12-28",
    "creditMemoLineItems": [
        {"description": "a", "price": "14.99", "quantity": "2"},
        {"description": "b", "price": "50.00", "quantity": "1"},
        {"description": "10% discount", "ratePercent": -10},
    ],
    "referenceNumber": "202502-creditmemo",
}
INVOICE = {"customer": {"id": CUSTOMER}, "invoiceLineItems": [{"quantity": 1, "price": 80}]}


def code(answer):
    return json.loads(answer.data)[0].get("code")


def exact(answer):
    return json.loads(answer.data, parse_float=Decimal)


def test_the_guide_s_own_credit_memo_is_over_71_98_and_expected_below_zero(bill):
    before = bill.expected()
    answer = bill.ask("POST", "/credit-memos", json=MEMO)
    made = exact(answer)
    assert answer.status_code == 201
    assert (made["amount"], made["status"], made["usage"]) == (Decimal("71.98"), "NOT_APPLIED", [])
    assert made["id"].startswith("ccr")
    assert bill.read(f"/credit-memos/{made['id']}") == made
    after = bill.expected()
    assert after["delivered"] == before["delivered"] + 1
    assert Decimal(after["sums"]["USD"]) == Decimal(before["sums"]["USD"]) - Decimal("71.98")


def test_a_credit_memo_is_replaced_changed_archived_and_restored(bill):
    made = bill.ask("POST", "/credit-memos", json=MEMO | {"salesTaxPercentage": 10}).json
    address = f"/credit-memos/{made['id']}"
    assert (made["amount"], made["salesTaxTotal"]) == (79.18, 7.2)
    patched = bill.ask("PATCH", address, json={"description": "d", "creditDate": "2026-01-02"}).json
    assert (patched["description"], patched["creditDate"], patched["amount"]) == ("d", "2026-01-02", 79.18)
    line = {"price": 3, "quantity": 2}
    assert bill.ask("PATCH", address, json={"creditMemoLineItems": [line]}).json["amount"] == 6.6
    replaced = bill.ask("PUT", address, json=MEMO | {"customerId": YEN}).json
    assert (replaced["amount"], "salesTaxTotal" in replaced, "description" in replaced) == (72, False, False)
    assert replaced["createdTime"] == made["createdTime"]
    archived = bill.ask("POST", f"{address}/archive").json
    assert (archived["archived"], archived["recordStatus"], archived["status"]) == (True, "INACTIVE", "NOT_APPLIED")
    assert made["id"] in {one["id"] for one in bill.walk("/credit-memos", filters="archived:eq:true")}
    assert "recordStatus" not in bill.ask("POST", f"{address}/restore").json


@pytest.mark.parametrize(("method", "path"), [("PUT", ""), ("PATCH", ""), ("POST", "/archive"), ("POST", "/restore")])
def test_a_credit_memo_that_is_not_there_is_404(bill, method, path):
    assert bill.ask(method, f"/credit-memos/ccr1{path}", json=MEMO).status_code == 404


def test_up_to_fifty_credit_memos_are_created_at_once_or_none(bill):
    before = bill.expected()["delivered"]
    made = bill.ask("POST", "/credit-memos/bulk", json=[MEMO] * 50)
    assert (made.status_code, len({one["id"] for one in made.json})) == (201, 50)
    for wrong in ([MEMO] * 51, [], MEMO, [MEMO, {**MEMO, "customerId": "0cu1"}], [MEMO, {"customerId": CUSTOMER}]):
        assert bill.ask("POST", "/credit-memos/bulk", json=wrong).status_code == 400
    assert bill.expected()["delivered"] == before + 50
    refused = exact(bill.ask("POST", "/credit-memos/bulk", json=[MEMO, {"customerId": CUSTOMER}]))
    assert {entry["message"].partition(":")[0] for entry in refused} == {
        "1.referenceNumber",
        "1.creditDate",
        "1.creditMemoLineItems",
    }


def test_bill_s_own_example_records_a_payment_over_two_invoices_and_leaves_the_rest_unapplied(bill):
    one, other = (bill.ask("POST", "/invoices", json=INVOICE).json["id"] for _ in range(2))
    paid = {
        "amount": "100",
        "customerId": CUSTOMER,
        "invoices": [{"amount": "50", "id": one}, {"amount": "30", "id": other}],
        "paymentDate": "2024-12-20",
        "paymentType": "CREDIT_CARD",
        "description": "Accepted credit card payment in store",
    }
    answer = bill.ask("POST", "/invoices/record-payment", json=paid)
    assert answer.status_code == 200
    told = answer.json
    assert (told["id"][:3], told["amount"], told["unappliedAmount"]) == ("0rp", 100, 20)
    assert bill.read(f"/invoices/{one}")["status"] == "PARTIAL_PAYMENT"
    rest = bill.ask(
        "POST", "/invoices/record-payment", json=paid | {"amount": 30, "invoices": [{"id": one, "amount": 30}]}
    )
    assert rest.status_code == 200
    invoice = bill.read(f"/invoices/{one}")
    assert (invoice["status"], invoice["dueAmount"], invoice["totalAmount"]) == ("PAID_IN_FULL", 0, 80)
    assert [(part["id"], part["amount"]) for part in invoice["payments"]] == [(told["id"], 50), (rest.json["id"], 30)]
    record = bill.read(f"/receivable-payments/{told['id']}")
    assert (record["receivablesType"], record["unappliedAmount"], len(record["invoicePayments"])) == (
        "CREDIT_CARD",
        20,
        2,
    )
    listed = bill.walk("/receivable-payments", filters=f'customerId:eq:"{CUSTOMER}"', max=100)
    assert record in listed


def test_what_was_paid_stays_paid_when_the_lines_change(bill):
    id_ = bill.ask("POST", "/invoices", json=INVOICE).json["id"]
    paid = {"amount": 30, "invoices": [{"id": id_, "amount": 30}], "paymentDate": "2024-12-20", "paymentType": "ACH"}
    bill.ask("POST", "/invoices/record-payment", json=paid)
    changed = bill.ask("PATCH", f"/invoices/{id_}", json={"invoiceLineItems": [{"quantity": 1, "price": 90}]}).json
    assert (changed["totalAmount"], changed["dueAmount"]) == (90, 60)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"invoices": [{"id": "00e1", "amount": 1}]}, "invoices.0.id: 00e1 was not found"),
        ({"invoices": [{"id": "MINE", "amount": 81}]}, "invoices.0.amount: is more than is due"),
        (
            {"invoices": [{"id": "MINE", "amount": 50}, {"id": "MINE", "amount": 40}]},
            "invoices.1.amount: is more than is due",
        ),
        ({"invoices": [{"id": "MINE", "amount": 1}, {"id": "OTHERS", "amount": 1}]}, "must be of the same customer"),
        ({"customerId": YEN}, "must be of the same customer"),
        ({"amount": 5}, "amount: is less than the invoices' amounts"),
        ({"amount": -5}, "amount: Must be greater than 0"),
        ({"paymentType": "BARTER"}, "paymentType: Must be one of"),
        ({"invoices": []}, "invoices: Shorter than"),
        ({"paymentDate": None}, "paymentDate: Field may not be null"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_and_changes_nothing(bill, change, told):
    mine = bill.ask("POST", "/invoices", json=INVOICE).json["id"]
    others = bill.ask("POST", "/invoices", json=INVOICE | {"customer": {"id": YEN}}).json["id"]
    paid = {"amount": 100, "invoices": [{"id": mine, "amount": 10}], "paymentDate": "2024-12-20", "paymentType": "CASH"}
    body = json.loads(json.dumps({**paid, **change}).replace("MINE", mine).replace("OTHERS", others))
    answer = bill.ask("POST", "/invoices/record-payment", json=body)
    assert (answer.status_code, told in answer.text) == (400, True), answer.text
    assert bill.read(f"/invoices/{mine}")["status"] == "OPEN"


def test_an_invoice_is_sent_five_times_a_minute_at_most_and_stays_as_it_is(bill):
    address, before = "/invoices/00e7UDSYBJPGQU93N7M", bill.read("/invoices/00e7UDSYBJPGQU93N7M")
    body = {"recipient": {"to": ["a@example.com"]}, "replyTo": {"userId": "00601BILLINGMOCK0001"}}
    for _ in range(5):
        answer = bill.ask("POST", f"{address}/email", json=body)
        assert (answer.status_code, answer.data) == (200, b"")
    sixth = bill.ask("POST", f"{address}/email", json=body)
    assert (sixth.status_code, code(sixth)) == (429, "BDC_1144")
    assert bill.read(address) == before
    for wrong in ({}, {**body, "recipient": {"to": []}}, {**body, "recipient": {"to": ["nobody"]}}):
        assert bill.ask("POST", f"{address}/email", json=wrong).status_code == 400
    assert bill.ask("POST", "/invoices/00e1/email", json=body).status_code == 404
