"""Somebody logged on at BILL."""

import json
from decimal import Decimal

import pytest

DEV_KEY = "01BILLINGMOCKDEVKEY1"
LOGIN = {
    "username": "taylor.lee@example.com",
    "password": "bill-mock-password",
    "organizationId": "00801BILLINGMOCK0001",
    "devKey": DEV_KEY,
}
BASE = "/bill/connect/v3"


class Caller:
    """Calls BILL with developer key and session; bodies are read without binary floats."""

    def __init__(self, client):
        self.client = client
        self.headers = {"devKey": DEV_KEY}

    def log_on(self, **changes):
        answer = self.client.post(f"{BASE}/login", json=LOGIN | changes)
        if answer.status_code == 200:
            self.headers["sessionId"] = answer.json["sessionId"]
        return answer

    def ask(self, method, path, **sent):
        return self.client.open(BASE + path, method=method, headers=self.headers, **sent)

    def expected(self):
        return self.client.get("/_mock/truth").json["sources"]["bill"]

    def read(self, path, **query):
        answer = self.ask("GET", path, query_string=query)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data, parse_float=Decimal)

    def walk(self, path, **query):
        """Every record of a list, page by page."""
        found, page = [], {}
        while True:
            told = self.read(path, **query, **page)
            found += told["results"]
            if "nextPage" not in told:
                return found
            page = {"page": told["nextPage"]}


@pytest.fixture
def bill_of(client_of):
    def start(**choices):
        caller = Caller(client_of(vendors=("bill",), **choices))
        assert caller.log_on().status_code == 200
        return caller

    return start


@pytest.fixture
def bill(bill_of):
    return bill_of(invoices=250)
