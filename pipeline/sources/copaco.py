"""Copaco Cloud's Billing API (Commerce Platform): the reseller's purchase invoices, as XML by periods of days.

GET {address with version}/invoices?startDate=&endDate=, both days included; the day is the one on which an invoice was
generated. There are no pages: a period is streamed and read element by element, so that a gigabyte needs no memory. The
consolidated call is not used: its own documentation warns of lost, doubled and mismatched lines. Periods share their
boundary days, and a later run begins a month before the last one ended; what comes twice is the same invoice by its
InvoiceID. A mark belongs to the address. Besides the key, the caller's address must be on the list of the API. Names of
header and parameters are not published. Source: the knowledge base of Copaco Cloud, pages on access, invoices and
versions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import islice
from typing import Any

from pipeline.clock import Clock
from pipeline.model.record import NotJson, read_json
from pipeline.model.stops import Misconfigured
from pipeline.network import Network
from pipeline.sources import xml_stream
from pipeline.sources.http import DIRECT, TRIES, Body, BrokenOff, NoReply, Reply, SourceClient
from pipeline.sources.page import START, Page
from pipeline.sources.paging import begun_again
from pipeline.sources.refusals import Vendor

NAME = "copaco"
NAMES = ("X-Api-Key", "startDate", "endDate")
RECORDS = 500
PERIOD = timedelta(days=366)
AHEAD = timedelta(days=366)
"""Documents may bear a later day than today's; they are read, but no mark goes beyond tomorrow."""
OVERLAP = timedelta(days=31)
LISTS = {"Customers": "Customer", "Subscriptions": "Subscription", "PriceLines": "PriceLine"}
LEFT_OUT = frozenset({"Sender", "Receiver"})
"""Names, addresses and bank accounts of people and companies, of which nothing is needed."""
MEANINGS = {
    400: "the period is refused; check B2S_COPACO_SINCE and B2S_COPACO_URL",
    401: "the API key is not accepted or has expired; check B2S_COPACO_API_KEY, and that this machine's address is on "
    "the API's allowlist",
    403: "access is refused; this machine's address must be on the allowlist of the Billing API (portal, your APIs), "
    "without which even a valid key is of no use; if it is, check B2S_COPACO_API_KEY",
    404: "there is no such address; B2S_COPACO_URL ends with the API's version",
    410: "this version of the API is no more; set B2S_COPACO_URL to a newer one",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(kw_only=True, eq=False)
class Copaco:
    """The purchase invoices since a day.

    `names` are the key's header and the parameters of the first and of the last day.
    """

    name = NAME
    is_incremental = True
    base_url: str
    api_key: str = field(repr=False)
    since: date
    clock: Clock
    names: tuple[str, str, str] = NAMES
    network: Network = DIRECT

    def __post_init__(self) -> None:
        header, *self._days = self.names
        self._stream = f"invoices of {self.base_url}"
        self._vendor = Vendor(name=NAME, setting="B2S_COPACO_URL", meanings=MEANINGS, secrets=(self.api_key,))
        headers = {header: self.api_key, "Accept": "application/xml"}
        self._client = SourceClient(self.base_url, headers, self.clock, network=self.network)

    def pages(self, since: Mapping[str, str] = START) -> Iterator[Page]:
        """Every invoice generated since the mark less the overlap. Raises Misconfigured or Unavailable."""
        mark = since.get(self._stream)
        begin = max(self.since, date.fromisoformat(mark) - OVERLAP) if mark else self.since
        for start, end in periods(begin, self._tomorrow() + AHEAD):
            yield from self._period(start, end, mark)
            mark = self._mark(end)

    def check(self) -> str:
        """Ask for today's invoices. Raises Misconfigured or Unavailable."""
        today = self._tomorrow() - timedelta(days=1)
        for _ in self._period(today, today, None):
            pass
        return f"the API answers for {today.isoformat()}"

    def _mark(self, end: date) -> str:
        return min(end, self._tomorrow()).isoformat()

    def _tomorrow(self) -> date:
        """One day ahead of UTC, wherever the vendor's day begins."""
        return (_EPOCH + timedelta(milliseconds=self.clock.now(), days=1)).date()

    def _period(self, start: date, end: date, mark: str | None) -> Iterator[Page]:
        """The invoices of a period; one that broke off is read again from its beginning."""
        what = f"copaco: the invoices of {start} to {end}"
        broken = (xml_stream.BadXml, BrokenOff)
        return begun_again(lambda: self._pages(start, end, mark), self.clock, broken, tries=TRIES, what=what)

    def _pages(self, start: date, end: date, mark: str | None) -> Iterator[Page]:
        days = (start.isoformat(), end.isoformat())
        body = self._open(dict(zip(self._days, days, strict=True)))
        try:
            found = xml_stream.elements(
                body.read, root="InvoiceResponse", item="Invoice", lists=LISTS, leave_out=LEFT_OUT
            )
            while records := tuple(islice(found, RECORDS)):
                yield Page(stream=self._stream, records=records, mark=mark)
        except xml_stream.OtherDocument as error:
            raise Misconfigured(
                f"copaco: {self.base_url} gives no list of invoices: {error}. Is B2S_COPACO_URL the Billing API?"
            ) from None
        finally:
            body.close()
        yield Page(stream=self._stream, records=(), mark=self._mark(end))

    def _open(self, query: Mapping[str, str]) -> Body:
        reply = self._client.open("/invoices", query)
        if isinstance(reply, NoReply):
            raise self._vendor.silence(reply, self._client.base_url)
        if isinstance(reply, Reply):
            raise self._vendor.stop(reply, error_text(reply.body), self.clock.now())
        return reply


def periods(begin: date, end: date) -> Iterator[tuple[date, date]]:
    """Periods from `begin` to `end`, both included; each begins on the day on which the one before it ended."""
    start = begin
    while start < end:
        stop = min(start + PERIOD, end)
        yield start, stop
        start = stop
    if begin >= end:
        yield end, end


def error_text(body: bytes) -> str:
    """What the API says: `Message`, as XML or as JSON."""
    said: Any = None
    try:
        document = read_json(body)
        said = document.get("Message") if isinstance(document, dict) else None
    except NotJson:
        try:
            found = xml_stream.elements(BytesIO(body).read, root="Error", item="Message", lists={}, leave_out=LEFT_OUT)
            said = next(found, None)
        except xml_stream.BadXml:
            pass
    return said if isinstance(said, str) else ""
