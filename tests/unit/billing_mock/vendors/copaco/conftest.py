"""Somebody with a key, at an address that is on the list."""

import json
from decimal import Decimal

import pytest
from lxml import etree

ALL = "startDate=2019-01-01&endDate=2027-12-31"


class Caller:
    def __init__(self, client):
        self.client = client
        self.headers = {"X-Api-Key": "copaco-billing-mock"}

    def ask(self, kind="invoices", query=ALL, version="v3", **headers):
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(f"/copaco/{version}/{kind}?{query}", headers=self.headers | told)

    def json(self, kind="invoices", query=ALL, version="v3"):
        answer = self.ask(kind, query, version, Accept="application/json")
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data, parse_float=Decimal)["Invoices"]

    def xml(self, kind="invoices", query=ALL, version="v3"):
        answer = self.ask(kind, query, version)
        assert answer.status_code == 200, answer.text
        return etree.fromstring(answer.data)

    def truth(self):
        return self.client.get("/_mock/truth").json["sources"]["copaco"]


@pytest.fixture
def copaco_of(client_of):
    return lambda **choices: Caller(client_of(vendors=("copaco",), **choices))


@pytest.fixture
def copaco(copaco_of):
    return copaco_of(invoices=120)
