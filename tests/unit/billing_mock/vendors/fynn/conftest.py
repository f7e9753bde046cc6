"""Somebody who may read Fynn's postings."""

import json

import pytest

POSTINGS = "/fynn/accounting/postings"


class Caller:
    def __init__(self, client):
        self.client = client
        self.headers = {"Authorization": "Bearer fynn-billing-mock"}

    def ask(self, query=""):
        return self.client.get(f"{POSTINGS}{query}", headers=self.headers)

    def read(self, query=""):
        answer = self.ask(query)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data)

    def walk(self, query="limit=100"):
        found, page, last = [], 0, 1
        while page < last:
            page += 1
            told = self.read(f"?page={page}&{query}")
            found += told["data"]
            last = told["meta"]["pagination"]["lastPage"]
        return found

    def truth(self):
        return self.client.get("/_mock/truth").json["sources"]["fynn"]


@pytest.fixture
def fynn_of(client_of):
    return lambda **choices: Caller(client_of(vendors=("fynn",), **choices))


@pytest.fixture
def fynn(fynn_of):
    return fynn_of(invoices=60)
