"""BILL v3's invoices and credit memos: one session a run, one request after the other, below BILL's limit of three.

Read in the order of updatedTime, from the last run's mark on, with an overlap. A page token is a place in a list that
moves: what is changed while we read goes to the end, everything behind it moves up, and the token would skip a record.
So a page leads on by its last time (`gte` gives the boundary twice on purpose), and by its token only where that time
has not moved or the times tell no order. What shares one time and fills more than a page is read until two readings saw
the same. The mark moves with each page as long as the times are in order; where tokens led through a list without
order, it stays, and the next run reads it again. An empty page that has a token is not the end. Whether a plain list
shows what is archived is not documented, so both kinds are asked for. Neither document has a currency: it is its
customer's, looked up once per customer. Sources: BILL's v3 collection and guides (log-on, lists, limits, error codes).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from pipeline.clock import Clock, readable
from pipeline.model.record import canonical, digest
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.network import Network
from pipeline.sources.bill_errors import HOURLY, SYSTEM, errors_of, is_busy, is_expired
from pipeline.sources.http import DIRECT, NoReply, Reply, SourceClient
from pipeline.sources.page import START, Page
from pipeline.sources.paging import follow
from pipeline.sources.refusals import Vendor

NAME = "bill"
CUSTOMER, KIND = "$customer", "$kind"
"""What we write into a record: its customer's currency, and which list it came from where that is not the invoices'."""
CREDIT_MEMO = "credit memo"
MOST = "100"
OVERLAP = timedelta(minutes=5)
READINGS = 5
STREAMS = {
    "invoices": ("invoices", "false"),
    "archived invoices": ("invoices", "true"),
    "credit memos": ("credit-memos", "false"),
    "archived credit memos": ("credit-memos", "true"),
}
"""Stream → BILL's list, and its filter on archived."""
KINDS = {"credit-memos": CREDIT_MEMO}
MEANINGS = {
    400: "the request is refused; check B2S_BILL_ORGANIZATION_ID and the other B2S_BILL settings",
    401: "the log-on is refused; check B2S_BILL_USERNAME, B2S_BILL_PASSWORD and B2S_BILL_DEV_KEY",
    403: "this is forbidden; check the user's permissions at BILL",
    404: "there is no such address; check B2S_BILL_URL, which ends before /v3",
}
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z", re.ASCII)


class SessionEnded(Exception):
    """BILL no longer knows our session."""


class _Ties:
    """The records from one time on: what of them was given, and who bears that time in this reading and the one before.

    Whoever is changed leaves them, what stands behind moves up, and the next token skips a record. The next reading
    lacks who left: two that saw the same ones have skipped nothing.
    """

    def __init__(self, time: str, given: list[Any]) -> None:
        self._time = time
        self._given = {_told(record) for record in given}
        self._seen: set[str] = set()
        self._before: set[str] | None = None
        self.reading = 1

    def fresh(self, records: list[Any]) -> list[Any]:
        """Those that were not given yet."""
        found = {_told(record): record for record in records}
        self._seen |= {told for told, record in found.items() if _instants([record]) == [self._time]}
        new = [record for told, record in found.items() if told not in self._given]
        self._given |= found.keys()
        return new

    def are_whole(self) -> bool:
        """Whether nothing can have been skipped in the reading that ends here, so that no other begins."""
        if self._seen == (self._before or set()):
            return True
        self._before, self._seen = self._seen, set()
        self.reading += 1
        if self.reading > READINGS:
            raise Unavailable("bill's list changes each time while it is read; what was read is kept. Repeat later")
        return False


class Bill:
    """The invoices and credit memos of one organisation."""

    name = NAME
    is_incremental = True

    def __init__(self, *, base_url: str, logon: Mapping[str, str], clock: Clock, network: Network = DIRECT) -> None:
        """`logon` is what POST /v3/login takes: username, password, organizationId, devKey."""
        self._logon = logon
        self._clock = clock
        secrets = (logon["password"], logon["devKey"])
        self._vendor = Vendor(name=NAME, setting="B2S_BILL_URL", meanings=MEANINGS, secrets=secrets)
        self._client = SourceClient(base_url, {"devKey": logon["devKey"]}, clock, busy=is_busy, network=network)
        self._logged_on = False
        self._customers: dict[str, Any] = {}

    def pages(self, since: Mapping[str, str] = START) -> Iterator[Page]:
        """Every document that changed since the marks, archived or not. Raises Misconfigured or Unavailable."""
        for stream in STREAMS:
            yield from self._stream(stream, since.get(self._named(stream)))

    def check(self) -> str:
        """Log on and say to which organisation. Raises Misconfigured or Unavailable."""
        self._log_on()
        return f"organization {self._logon['organizationId']}"

    def _stream(self, stream: str, mark: str | None) -> Iterator[Page]:
        """The list to its end, in as many sessions as it takes, while each comes further than those before it.

        Further is a later mark; behind the same mark, where a walk begins anew, it is more pages.
        """
        furthest = ("", -1)
        while True:
            begin, count = mark, 0
            try:
                for page in self._walk(stream, mark):
                    mark, count = page.mark, count + 1
                    yield page
            except SessionEnded:
                reached = (mark or "", count if mark == begin else 0)
                if reached <= furthest:
                    raise Unavailable("bill ends every session in the middle of the list. Repeat later") from None
                furthest = reached
                self._log_on()
            else:
                return

    def _walk(self, stream: str, mark: str | None) -> Iterator[Page]:
        """The list to its end. A cursor is a reading's number, the time it reads from, and the page token there."""
        path, archived = STREAMS[stream]
        first = f"1 {_overlapped(mark)} "
        newest, reached, ordered, ties = mark, mark, True, _Ties(_overlapped(mark), [])

        def fetch(cursor: str | None) -> Page:
            nonlocal newest, reached, ordered, ties
            _, begin, token = (cursor or first).split(" ", 2)
            results, after = self._list(path, _query(archived, begin, token))
            times = _instants(results)
            newest = max([newest or "", *times]) or None
            ordered = ordered and times == sorted(times) and (bool(times) or not results)
            fresh = ties.fresh(results) if ordered else results
            is_beyond = not after or (ordered and bool(times) and times[-1] > begin)
            if is_beyond and ordered and token and not ties.are_whole():
                after = f"{ties.reading} {begin} "
            elif not after:
                reached = newest if ordered or not token else reached
            elif is_beyond:
                ties = _Ties(times[-1], [record for record in results if _instants([record]) == times[-1:]])
                reached = max(reached or "", times[-1])
                after = f"1 {times[-1]} "
            else:
                after = f"{ties.reading} {begin} {after}"
            return Page(
                stream=self._named(stream),
                records=tuple(self._completed(record, KINDS.get(path)) for record in fresh),
                next=after,
                mark=self._not_later_than_now(reached),
            )

        return follow(fetch)

    def _named(self, stream: str) -> str:
        """As the ledger knows it: a mark is worth nothing for another organization."""
        return f"{stream} of organization {self._logon['organizationId']}"

    def _list(self, path: str, query: Mapping[str, str]) -> tuple[list[Any], str | None]:
        """The records of one page and the token that leads on."""
        body = self._json(f"/v3/{path}", query)
        results = body.get("results") if isinstance(body, dict) else None
        if not isinstance(results, list):
            raise Misconfigured(f"bill: the {path} come without a list 'results'. Is B2S_BILL_URL BILL's API?")
        after = body.get("nextPage") or None
        if after is not None and not isinstance(after, str):
            raise Unavailable("bill gives a page token that is no text. Repeat later")
        return results, after

    def _not_later_than_now(self, mark: str | None) -> str | None:
        """A mark in the future, as a clock that is ahead would give it, would skip all that changes until then."""
        now = _written(datetime.fromisoformat(readable(self._clock.now())))
        return mark and min(mark, now)

    def _completed(self, record: Any, kind: str | None) -> Any:
        """The record with its kind and its customer's currency beside it: nothing else of the customer is kept."""
        if not isinstance(record, dict):
            return record
        told = {**record, KIND: kind} if kind else record
        customer_id = record.get("customerId")
        if not isinstance(customer_id, str) or not customer_id:
            return told
        if customer_id not in self._customers:
            self._customers[customer_id] = self._customer(customer_id)
        return {**told, CUSTOMER: self._customers[customer_id]}

    def _customer(self, customer_id: str) -> Any:
        customer = self._json(f"/v3/customers/{quote(customer_id, safe='', errors='replace')}", missing_ok=True)
        if not isinstance(customer, dict):
            return None
        return {"id": customer_id, "invoiceCurrency": customer.get("invoiceCurrency")}

    def _log_on(self) -> None:
        self._logged_on = False
        reply = self._client.log_on("/v3/login", self._logon, final=frozenset({HOURLY}))
        body = self._read(reply)
        session = body.get("sessionId") if isinstance(body, dict) else None
        if not isinstance(session, str) or not session:
            raise Misconfigured("bill: the log-on gives no sessionId. Is B2S_BILL_URL BILL's API?")
        self._client.wear({"sessionId": session})
        self._logged_on = True

    def _json(self, path: str, query: Mapping[str, str] | None = None, *, missing_ok: bool = False) -> Any:
        if not self._logged_on:
            self._log_on()
        reply = self._client.get(path, query, final=frozenset({HOURLY}))
        if isinstance(reply, Reply) and is_expired(reply):
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
        if is_busy(reply) and reply.status < 500:
            raise self._vendor.throttled(reply, said, self._clock.now())
        if reply.status != 200 or errors:
            raise self._vendor.stop(reply, said, self._clock.now())
        return reply.json


def _query(archived: str, begin: str, token: str) -> dict[str, str]:
    filters = f"archived:eq:{archived}"
    if begin:
        filters = f'updatedTime:gte:"{begin}",{filters}'
    query = {"max": MOST, "sort": "updatedTime:asc", "filters": filters}
    return {**query, "page": token} if token else query


def _overlapped(mark: str | None) -> str:
    """A little before the mark: what was being written when we read may carry an earlier time."""
    return _written(datetime.fromisoformat(mark) - OVERLAP) if mark else ""


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _told(record: Any) -> str:
    return digest(canonical(record).encode())


def _instants(records: list[Any]) -> list[str]:
    """When the records were last changed, as far as they say so in the form that compares as text."""
    times = (record.get("updatedTime") for record in records if isinstance(record, dict))
    return [time for time in times if isinstance(time, str) and _INSTANT.fullmatch(time)]
