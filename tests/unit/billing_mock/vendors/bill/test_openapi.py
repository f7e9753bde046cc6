"""BILL's OpenAPI document: it names every address, and what is really answered is what it says."""

import json

import pytest
from jsonschema import Draft4Validator

INVOICE, CUSTOMER = "00e7UDSYBJPGQU93N7M", "0cu01USD000000000001"


@pytest.fixture
def told(bill):
    return bill.client.get("/bill/openapi.json").json


def test_the_openapi_document_imports_as_connect_api_and_names_every_address(bill, told):
    assert told["info"]["title"] == "Connect API"
    assert told["paths"]["/v3/login"]["post"]["summary"] == "API login"
    assert told["servers"] == [{"url": "http://localhost/bill/connect"}]
    rules = {
        (method.lower(), rule.rule.removeprefix("/bill/connect"))
        for rule in bill.client.application.url_map.iter_rules()
        if rule.rule.startswith("/bill/connect")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    def shape(path):
        return "/".join("{}" if part[:1] in {"{", "<"} else part for part in path.split("/"))

    described = {(method, shape(path)) for path, methods in told["paths"].items() for method in methods}
    assert described == {(method, shape(path)) for method, path in rules}
    headers = [one["name"] for one in told["paths"]["/v3/invoices"]["get"]["parameters"] if one["in"] == "header"]
    assert headers == ["sessionId", "devKey"]


def operations(told):
    return [
        (method, path, operation) for path, methods in told["paths"].items() for method, operation in methods.items()
    ]


def test_every_name_of_an_operation_is_there_once(told):
    names = [operation["operationId"] for _, _, operation in operations(told)]
    assert len(names) == len(set(names))


def closed(schema):
    """The schema with no place for a member that it does not name."""
    if isinstance(schema, dict):
        inner = {name: closed(value) for name, value in schema.items()}
        return {**inner, "additionalProperties": False} if schema.get("type") == "object" else inner
    return [closed(one) for one in schema] if isinstance(schema, list) else schema


def test_every_operation_answers_its_own_sample_as_the_document_says(bill, told):
    memo, paid = (bill.read(f"/{name}", max=1)["results"][0]["id"] for name in ("credit-memos", "receivable-payments"))
    ids = {"{customerId}": CUSTOMER, "{invoiceId}": INVOICE, "{creditMemoId}": memo, "{receivablePaymentId}": paid}
    due = bill.ask("PATCH", f"/invoices/{INVOICE}", json={"invoiceLineItems": [{"price": 999, "quantity": 1}]}).json
    assert due["dueAmount"] >= 50
    document = closed(told)
    asked = operations(told)
    assert len(asked) > 25
    for method, path, operation in asked:
        if operation["summary"] in {"API login", "API logout"}:
            continue
        for name, id_ in ids.items():
            path = path.replace(name, id_)  # noqa: PLW2901  # the template, filled in
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        sample = json.loads(json.dumps(body).replace("00e01XXXXXXXXXXXXXXX", INVOICE))
        answer = bill.ask(method.upper(), path.removeprefix("/v3"), **({} if body is None else {"json": sample}))
        expected = operation["responses"].get(str(answer.status_code))
        assert expected, (operation["summary"], answer.text)
        if "content" not in expected:
            assert answer.data == b""
            continue
        schema = expected["content"]["application/json"]["schema"]
        Draft4Validator({**document, **closed(schema)}).validate(answer.json)


REFUSED = [
    ("GET", "/v3/invoices?max=0"),
    ("GET", "/v3/invoices/00e1"),
    ("GET", "/v3/nowhere"),
    ("POST", "/v3/invoices"),
]


@pytest.mark.parametrize(("method", "path"), REFUSED)
def test_what_is_refused_is_refused_as_the_document_says(bill, told, method, path):
    schema = told["paths"]["/v3/invoices"]["get"]["responses"]["default"]["content"]["application/json"]["schema"]
    answer = bill.ask(method, path.removeprefix("/v3"))
    assert answer.status_code >= 400
    Draft4Validator({**closed(told), **closed(schema)}).validate(answer.json)


def test_the_answer_to_a_log_on_is_as_the_document_says(bill, told):
    schema = told["paths"]["/v3/login"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft4Validator({**closed(told), **schema}).validate(bill.log_on().json)
