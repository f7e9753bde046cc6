"""The vendors that sources are held against: scripted servers, each speaking one vendor's dialect as it is documented."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import parse_qs, urlsplit

from pipeline.sources.bill import Bill
from pipeline.sources.copaco import Copaco
from pipeline.sources.fynn import Fynn
from pipeline.sources.postman import Postman

SECRET = "CANARY"


def ok(document):
    return (200, {}, json.dumps(document).encode())


@dataclass
class Script:
    """A healthy vendor; `trouble` replies are given first, to whatever is asked, `inside` ones once a list is asked for."""

    records: list
    size: int = 2
    trouble: list = field(default_factory=list)
    inside: list = field(default_factory=list)

    def __call__(self, heard):
        if self.trouble:
            return self.trouble.pop(0)
        path, query = heard.path.partition("?")[0], parse_qs(urlsplit(heard.path).query)
        return self.answer(heard, path, {name: values[0] for name, values in query.items()})

    def slice(self, start):
        return self.records[start : start + self.size], start + self.size < len(self.records)

    def interrupted(self):
        return self.inside.pop(0) if self.inside else None


class PostmanScript(Script):
    def answer(self, heard, path, query):
        if path == "/accounts":
            return ok({"id": 123456, "state": "PAID", "billingEmail": "taylor.lee@example.com"})
        assert (path, query) == ("/accounts/123456/invoices", {"status": "PAID"})
        if (reply := self.interrupted()) is not None:
            return reply
        return ok({"data": self.records})


class BillScript(Script):
    """Four lists, of which one holds the records; log-ons counted; sessions ended on demand; a token is a place in the list that was asked for when it was given."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.sessions = 0

    def answer(self, heard, path, query):
        if path == "/v3/login":
            assert heard.method == "POST"
            self.sessions += 1
            return ok({"sessionId": f"s{self.sessions}", "organizationId": "008", "trusted": False, "userId": "006"})
        assert heard.headers["devkey"] == f"key-{SECRET}"
        if heard.headers["sessionid"] != f"s{self.sessions}":
            return SESSION_ENDED
        if path.startswith("/v3/customers/"):
            return ok({"id": path.rpartition("/")[2], "email": "a@example.com", "invoiceCurrency": "USD"})
        assert path in {"/v3/invoices", "/v3/credit-memos"}
        if (reply := self.interrupted()) is not None:
            if reply == SESSION_ENDED:
                self.sessions += 1
            return reply
        if "archived:eq:true" in query["filters"] or path == "/v3/credit-memos":
            return ok({"results": []})
        place, _, filters = query.get("page", f"0 {query['filters']}").partition(" ")
        listed, start = self.since(filters), int(place)
        after = {"nextPage": f"{start + self.size} {filters}"} if start + self.size < len(listed) else {}
        return ok({"results": listed[start : start + self.size], **after})

    def since(self, filters):
        """What was changed at or after the time that is asked for; all where none is."""
        if not filters.startswith("updatedTime:gte:"):
            return self.records
        begin = filters.split('"')[1]
        return [one for one in self.records if isinstance(one, dict) and one.get("updatedTime", "") >= begin]


class FynnScript(Script):
    """One list, by pages of its own size whatever is asked for."""

    def answer(self, heard, path, query):
        assert (path, heard.headers["authorization"]) == ("/accounting/postings", f"Bearer token-{SECRET}")
        if (reply := self.interrupted()) is not None:
            return reply
        number = int(query["page"])
        data, _ = self.slice((number - 1) * self.size)
        counts = {"totalItems": len(self.records), "lastPage": -(-len(self.records) // self.size)}
        place = {"itemsPerPage": self.size, "currentPage": number, "pageTotalItems": len(data)}
        return ok({"data": data, "meta": {"pagination": {**counts, **place}}})


class CopacoScript(Script):
    """One period, streamed as XML."""

    def answer(self, heard, path, query):
        assert (path, heard.headers["x-api-key"]) == ("/invoices", f"key-{SECRET}")
        assert query["startDate"] <= query["endDate"]
        if (reply := self.interrupted()) is not None:
            return reply
        records = self.records if query["startDate"] == "2027-01-01" else []  # the first of two periods
        told = "".join(self.element("Invoice", record) for record in records)
        return (200, {"Content-Type": "application/xml"}, f"<InvoiceResponse>{told}</InvoiceResponse>".encode())

    def element(self, name, value):
        if isinstance(value, dict):
            return f"<{name}>" + "".join(self.element(*member) for member in value.items()) + f"</{name}>"
        return f"<{name}/>" if value is None else f"<{name}>{value}</{name}>"


SESSION_ENDED = (401, {}, b'[{"code":"BDC_1109","severity":"ERROR","message":"Session is invalid.  Please log in."}]')


@dataclass(frozen=True)
class Subject:
    """A source under contract: how it is built, a healthy vendor, its records as they are sent and as they are read."""

    build: Callable
    script: type
    sent: list
    read: list
    echo: Callable
    paged: bool = False


POSTMAN = [{"id": f"inv_{number}", "unknown": [1, 2]} for number in range(3)]
BILL = [
    {"id": f"00e{number}", "customerId": "0cu1", "updatedTime": f"2026-01-0{number + 1}T00:00:00.000Z"}
    for number in range(3)
]

FYNN = [{"id": f"f3b3-{number}", "debit": {"amount": {}}} for number in range(3)]

COPACO = [{"Header": {"InvoiceID": f"COP-{number}", "Type": None}} for number in range(3)]

SUBJECTS = {
    "postman": Subject(
        build=lambda url, clock: Postman(base_url=url, api_key=f"key-{SECRET}", account="", clock=clock),
        script=PostmanScript,
        sent=POSTMAN,
        read=POSTMAN,
        echo=lambda: {"error": {"message": f"bad key-{SECRET}"}},
    ),
    "bill": Subject(
        build=lambda url, clock: Bill(
            base_url=url,
            logon={
                "username": "u@example.com",
                "password": f"word-{SECRET}",
                "organizationId": "008",
                "devKey": f"key-{SECRET}",
            },
            clock=clock,
        ),
        script=BillScript,
        sent=BILL,
        read=[{**one, "$customer": {"id": "0cu1", "invoiceCurrency": "USD"}} for one in BILL],
        echo=lambda: [{"code": "BDC_1102", "message": f"bad key-{SECRET}"}],
        paged=True,
    ),
    "copaco": Subject(
        build=lambda url, clock: Copaco(base_url=url, api_key=f"key-{SECRET}", since=date(2027, 1, 1), clock=clock),
        script=CopacoScript,
        sent=COPACO,
        read=COPACO,
        echo=lambda: {"Message": f"bad key-{SECRET}"},
    ),
    "fynn": Subject(
        build=lambda url, clock: Fynn(base_url=url, token=f"token-{SECRET}", clock=clock),
        script=FynnScript,
        sent=FYNN,
        read=FYNN,
        echo=lambda: {"title": "An error occurred", "detail": f"bad token-{SECRET}"},
        paged=True,
    ),
}
