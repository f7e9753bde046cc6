"""BILL v3: accounts-receivable invoices, by session.

One log-on a run (POST /v3/login; 200 an hour are allowed), then `devKey` and `sessionId` with every call. A session
ends after 35 idle minutes, perhaps in the middle of a walk: page tokens may not survive a new log-on, so the walk
begins again at its mark. Requests go one after the other, below BILL's limit of three at a time for a key and
organization.

Lists are followed by `nextPage`; an empty page that has one is not the end. Read in the order of updatedTime, from the
last run's mark on, with an overlap; `gte` gives the boundary twice on purpose. Whether a plain list shows archived
invoices is not documented, so both kinds are asked for. An invoice has no currency: it is its customer's, looked up
once per customer. Sources: BILL's v3 collection and guides (log-on, lists, limits, error codes).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from pipeline.clock import Clock
from pipeline.model.record import NotJson, read_json
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.sources.http import NoReply, Reply, SourceClient, is_busy
from pipeline.sources.page import START, Page
from pipeline.sources.paging import follow
from pipeline.sources.refusals import Vendor

NAME = "bill"
CUSTOMER = "$customer"
MOST = "100"
OVERLAP = timedelta(minutes=5)
EXPIRED = "BDC_1109"
LIMITS = frozenset({"BDC_1144", "BDC_1322"})
SYSTEM = frozenset({"BDC_1001", "BDC_1002"})
KINDS = {"invoices": "false", "archived invoices": "true"}
MEANINGS = {
    400: "the request is refused; check B2S_BILL_ORGANIZATION_ID and the other B2S_BILL settings",
    401: "the log-on is refused; check B2S_BILL_USERNAME, B2S_BILL_PASSWORD and B2S_BILL_DEV_KEY",
    403: "this is forbidden; check the user's permissions at BILL",
    404: "there is no such address; check B2S_BILL_URL, which ends before /v3",
}
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z", re.ASCII)


class SessionEnded(Exception):
    """BILL no longer knows our session."""


class Bill:
    """The invoices of one organisation."""

    name = NAME
    is_incremental = True

    def __init__(self, *, base_url: str, logon: Mapping[str, str], clock: Clock) -> None:
        """`logon` is what POST /v3/login takes: username, password, organizationId, devKey."""
        self._logon = logon
        self._clock = clock
        secrets = (logon["password"], logon["devKey"])
        self._vendor = Vendor(name=NAME, setting="B2S_BILL_URL", meanings=MEANINGS, secrets=secrets)
        self._client = SourceClient(base_url, {"devKey": logon["devKey"]}, clock, busy=_is_busy)
        self._logged_on = False
        self._customers: dict[str, Any] = {}

    def pages(self, since: Mapping[str, str] = START) -> Iterator[Page]:
        """Every invoice that changed since the marks, archived or not. Raises Misconfigured or Unavailable."""
        for kind, archived in KINDS.items():
            yield from self._stream(kind, archived, since.get(kind))

    def check(self) -> str:
        """Log on and say to which organisation. Raises Misconfigured or Unavailable."""
        self._log_on()
        return f"organization {self._logon['organizationId']}"

    def _stream(self, kind: str, archived: str, mark: str | None) -> Iterator[Page]:
        for _ in range(2):
            try:
                yield from self._walk(kind, archived, mark)
            except SessionEnded:
                self._log_on()
            else:
                return
        raise Unavailable("bill ends every session in the middle of the list. Repeat later")

    def _walk(self, kind: str, archived: str, mark: str | None) -> Iterator[Page]:
        newest = mark

        def fetch(cursor: str | None) -> Page:
            nonlocal newest
            body = self._json("/v3/invoices", _query(archived, mark, cursor))
            results = body.get("results") if isinstance(body, dict) else None
            if not isinstance(results, list):
                raise Misconfigured("bill: the invoices come without a list 'results'. Is B2S_BILL_URL BILL's API?")
            newest = max([newest or "", *_instants(results)]) or None
            after = body.get("nextPage") or None
            if after is not None and not isinstance(after, str):
                raise Unavailable("bill gives a page token that is no text. Repeat later")
            return Page(
                stream=kind,
                records=tuple(self._with_customer(record) for record in results),
                next=after,
                mark=mark if after else newest,
            )

        return follow(fetch)

    def _with_customer(self, record: Any) -> Any:
        """The record with its customer's currency beside it: nothing else of the customer is kept."""
        customer_id = record.get("customerId") if isinstance(record, dict) else None
        if not isinstance(customer_id, str) or not customer_id:
            return record
        if customer_id not in self._customers:
            self._customers[customer_id] = self._customer(customer_id)
        return {**record, CUSTOMER: self._customers[customer_id]}

    def _customer(self, customer_id: str) -> Any:
        customer = self._json(f"/v3/customers/{quote(customer_id, safe='')}", missing_ok=True)
        if not isinstance(customer, dict):
            return None
        return {"id": customer_id, "invoiceCurrency": customer.get("invoiceCurrency")}

    def _log_on(self) -> None:
        self._logged_on = False
        reply = self._client.log_on("/v3/login", self._logon)
        body = self._read(reply)
        session = body.get("sessionId") if isinstance(body, dict) else None
        if not isinstance(session, str) or not session:
            raise Misconfigured("bill: the log-on gives no sessionId. Is B2S_BILL_URL BILL's API?")
        self._client.wear({"sessionId": session})
        self._logged_on = True

    def _json(self, path: str, query: Mapping[str, str] | None = None, *, missing_ok: bool = False) -> Any:
        if not self._logged_on:
            self._log_on()
        reply = self._client.get(path, query)
        if isinstance(reply, Reply) and _is_expired(reply):
            raise SessionEnded
        if missing_ok and isinstance(reply, Reply) and reply.status == 404:
            return None
        return self._read(reply)

    def _read(self, reply: Reply | NoReply) -> Any:
        if isinstance(reply, NoReply):
            raise self._vendor.silence(reply, self._client.base_url)
        errors = errors_of(reply.body)
        said = "; ".join(f"{text} ({code})" if code else text for code, text in errors)
        if any(code in SYSTEM for code, _ in errors):
            raise Unavailable(
                f"bill is not available ({reply.status}: {self._vendor.without_secrets(said)}). Repeat later"
            )
        if _is_busy(reply) and reply.status < 500:
            raise self._vendor.throttled(reply, said, self._clock.now())
        if reply.status != 200 or errors:
            raise self._vendor.stop(reply, said, self._clock.now())
        try:
            return read_json(reply.body)
        except NotJson as error:
            raise Unavailable(f"bill: an answer is {error}. Repeat later") from error


def _query(archived: str, mark: str | None, cursor: str | None) -> dict[str, str]:
    filters = f"archived:eq:{archived}"
    if mark:
        filters = f'updatedTime:gte:"{_overlapped(mark)}",{filters}'
    query = {"max": MOST, "sort": "updatedTime:asc", "filters": filters}
    return {**query, "page": cursor} if cursor else query


def _overlapped(mark: str) -> str:
    """A little before the mark: what was being written when we read may carry an earlier time."""
    moment = datetime.fromisoformat(mark) - OVERLAP
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instants(records: list[Any]) -> list[str]:
    """When the records were last changed, as far as they say so in the form that compares as text."""
    times = (record.get("updatedTime") for record in records if isinstance(record, dict))
    return [time for time in times if isinstance(time, str) and _INSTANT.fullmatch(time)]


def _is_expired(reply: Reply) -> bool:
    return reply.status == 401 or any(code == EXPIRED for code, _ in errors_of(reply.body))


def _is_busy(reply: Reply) -> bool:
    """By BILL's code as well as by status: limits come as 429 or 422, its own failures even as 200."""
    return is_busy(reply) or any(code in LIMITS | SYSTEM for code, _ in errors_of(reply.body))


def errors_of(body: bytes) -> list[tuple[str, str]]:
    """Code and text of every error, out of any of BILL's shapes.

    An array of `{code, message}`, the gateway's `{"message": ...}`, and version 2's `{"response_status": 1, ...}`,
    which comes with a 200. Anything else says nothing.
    """
    if len(body) > 100_000:  # no error is that long, and a page of invoices need not be read twice
        return []
    try:
        document = read_json(body)
    except NotJson:
        return []
    if isinstance(document, list):
        found = [one for one in document if isinstance(one, dict)]
        return [(_said(one, "code"), _said(one, "message")) for one in found if "message" in one or "code" in one]
    if not isinstance(document, dict):
        return []
    if document.get("response_status") == 1:
        data = document.get("response_data")
        inner = data if isinstance(data, dict) else {}
        return [(_said(inner, "error_code"), _said(inner, "error_message") or _said(document, "response_message"))]
    if set(document) == {"message"}:
        return [("", _said(document, "message"))]
    return []


def _said(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
