"""Whatever is asked or sent, a vendor answers in its own words and never with a crash of ours."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HEADERS = {
    "devKey": "01BILLINGMOCKDEVKEY1",
    "Authorization": "Bearer fynn-billing-mock",
    "X-Api-Key": "copaco-billing-mock",
}
LISTS = (
    "/bill/connect/v3/invoices",
    "/bill/connect/v3/customers",
    "/fynn/accounting/postings",
    "/copaco/v3/consolidatedinvoices",
    "/copaco/v4/customerinvoices",
)
NAMES = (
    "page", "limit", "itemsPerPage", "max", "sort", "filters", "startDate", "endDate", "dimension[taxRate]", "dimension[]",
)  # fmt: skip
VALUES = (
    "", "0", "-1", "1", "101", "9" * 30, "2024-02-29", "20240230", "0001-01-01", "9999-12-31", "a:b:c", "updatedTime:asc,,",
    "createdTime:gte:0001-01-01T00:00:00+23:59", "createdTime:lt:9999-12-31T23:59:59-23:00", "archived:eq:true,", 'id:in:""',
    "W10", "eyJvIjoxZTk5OTksInMiOiIiLCJmIjoiIiwiaCI6IiJ9", "eyJvIjoxLCJzIjoxLCJmIjpbXSwiaCI6IiJ9",
)  # fmt: skip
SENT = (
    "/login", "/invoices", "/customers", "/invoices/00e7UDSYBJPGQU93N7M", "/customers/0cu01USD000000000001", "/credit-memos",
    "/credit-memos/bulk", "/invoices/record-payment", "/invoices/00e7UDSYBJPGQU93N7M/email",
)  # fmt: skip
BODIES = (
    b'{"invoiceLineItems":[{"quantity":1,"price":1e-999999}]}', b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff", b'{"customer":1}', b'{"customer":{}}', b'{"name":null}',
    b'{"invoiceLineItems":null}', b'{"salesTaxPercentage":5}', b'{"invoiceCurrency":"CHF"}',
    b'{"customer":{"id":"0cu01XXX000000000001"},"invoiceNumber":"x","dueDate":"2025-01-01","invoiceLineItems":[{"quantity":1,"price":1}]}',
    b'{"customer":{"id":"0cu01USD000000000001"},"invoiceNumber":"x","dueDate":"2025-01-01","invoiceLineItems":[{"quantity":"NaN","price":1}]}',
    b'{"customer":{"id":"0cu01USD000000000001"},"invoiceNumber":"x","dueDate":"2025-01-01","invoiceLineItems":[{"quantity":1e99,"price":1e99}]}',
)  # fmt: skip


@pytest.fixture
def asked(client_of):
    client = client_of(invoices=12, bad_records=10, vendors=("bill", "fynn", "copaco"))
    log_on = {
        "username": "taylor.lee@example.com",
        "password": "bill-mock-password",
        "organizationId": "00801BILLINGMOCK0001",
        "devKey": HEADERS["devKey"],
    }
    session = client.post("/bill/connect/v3/login", json=log_on).json["sessionId"]

    def ask(method, path, **sent):
        answer = client.open(path, method=method, headers=HEADERS | {"sessionId": session}, **sent)
        assert answer.data is not None
        return answer.status_code

    return ask


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(LISTS),
    st.dictionaries(st.sampled_from(NAMES), st.one_of(st.sampled_from(VALUES), st.text(max_size=20)), max_size=3),
)
def test_any_query_is_answered(asked, path, query):
    assert asked("GET", path, query_string=query) in {200, 400}


def test_any_body_is_answered_and_leaves_a_truth(asked):
    for path in SENT:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for body in BODIES:
                assert asked(method, f"/bill/connect/v3{path}", data=body) < 500, (method, path, body)
    assert asked("GET", "/_mock/truth") == 200
    assert asked("GET", "/bill/connect/v3/invoices") == 200
