"""Fynn's accounting postings: GET /accounting/postings, page by page, with a bearer token.

There is no filter by date and no order is promised, so every run reads everything and the ledger tells what is new. A
page is a place in a list that may move while it is read: a posting that comes in front repeats one and hides another.
So a walk counts what it saw against `totalItems` at its beginning and at its end, and walks again where they differ.
The size of a page is `limit` (at most 100; 0 is legal and never asked for). Source: Fynn's API reference, get-postings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.clock import Clock
from pipeline.model.record import NotJson, canonical, digest, read_json
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.network import Network
from pipeline.sources.distinct import Distinct
from pipeline.sources.http import DIRECT, NoReply, Reply, SourceClient
from pipeline.sources.page import START, Page
from pipeline.sources.refusals import Vendor

NAME = "fynn"
PATH = "/accounting/postings"
STREAM = "postings"
LIMIT = 100
WALKS = 4
MEANINGS = {
    400: "the request is refused",
    401: "the token is not accepted or has expired; check B2S_FYNN_TOKEN",
    403: "this is forbidden; the token needs the permission accounting:accounts:read",
    404: "there is no such address; check B2S_FYNN_URL",
    422: "the request is refused",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """What `meta.pagination` says of a page."""

    total: int
    last: int


@dataclass(kw_only=True)
class Walk:
    """One way through all pages: what was counted at its beginning, and what it saw."""

    total: int | None = None
    seen: Distinct = field(default_factory=Distinct)
    is_whole: bool = False


class Fynn:
    """The postings of one tenant."""

    name = NAME
    is_incremental = False

    def __init__(self, *, base_url: str, token: str, clock: Clock, network: Network = DIRECT) -> None:
        self._clock = clock
        self._vendor = Vendor(name=NAME, setting="B2S_FYNN_URL", meanings=MEANINGS, secrets=(token,))
        self._client = SourceClient(base_url, {"Authorization": f"Bearer {token}"}, clock, network=network)

    def pages(self, since: Mapping[str, str] = START) -> Iterator[Page]:
        """Every posting at least once, however the list moves. Raises Misconfigured or Unavailable."""
        seen = Distinct()
        walk = Walk()
        for _ in range(WALKS):
            walk = Walk()
            yield from self._walk(walk)
            if walk.is_whole:
                return
            seen.update(walk.seen)
        if seen.count() < (walk.total or 0):
            raise Unavailable(
                f"fynn counts {walk.total} postings but shows only {seen.count()}; what was read is kept. Repeat later"
            )

    def check(self) -> str:
        """Ask for the first page and say how much there is. Raises Misconfigured or Unavailable."""
        _, place = self._page(1)
        return f"{place.total} postings"

    def _walk(self, walk: Walk) -> Iterator[Page]:
        number = 0
        is_last = False
        while not is_last:
            number += 1
            records, place = self._page(number)
            if walk.total is None:
                walk.total = place.total
            for record in records:
                walk.seen.add(_name(record))
            is_last = number >= place.last or not records
            walk.is_whole = is_last and walk.total == place.total == walk.seen.count()
            walk.total = place.total
            yield Page(stream=STREAM, records=tuple(records), next=None if is_last else str(number + 1))

    def _page(self, number: int) -> tuple[list[Any], Place]:
        reply = self._client.get(PATH, {"page": str(number), "limit": str(LIMIT)})
        if number > 1 and isinstance(reply, Reply) and reply.status == 404:
            return [], Place(total=-1, last=0)  # the list has become shorter: walk again
        body = self._read(reply)
        records = body.get("data") if isinstance(body, dict) else None
        place = _place(body)
        if not isinstance(records, list) or place is None:
            raise Misconfigured(
                "fynn: the postings come without 'data' and 'meta.pagination'. Is B2S_FYNN_URL Fynn's API?"
            )
        return records, place

    def _read(self, reply: Reply | NoReply) -> Any:
        if isinstance(reply, NoReply):
            raise self._vendor.silence(reply, self._client.base_url)
        if reply.status != 200:
            raise self._vendor.stop(reply, error_text(reply.body), self._clock.now())
        return reply.json


def _place(body: Any) -> Place | None:
    meta = body.get("meta") if isinstance(body, dict) else None
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    if not isinstance(pagination, dict):
        return None
    total, last = pagination.get("totalItems"), pagination.get("lastPage")
    if not isinstance(total, int) or not isinstance(last, int):
        return None
    return Place(total=total, last=last)


def _name(record: Any) -> str:
    """What tells a posting from any other: its id, or its content where it has none."""
    id_ = record.get("id") if isinstance(record, dict) else None
    return id_ if isinstance(id_, str) and id_ else digest(canonical(record).encode())


def error_text(body: bytes) -> str:
    """What Fynn says: every violation, or the detail, or the title."""
    try:
        document = read_json(body)
    except NotJson:
        return ""
    if not isinstance(document, dict):
        return ""
    violations = document.get("violations")
    told = [
        f"{one.get('propertyPath')}: {one.get('message')}"
        for one in (violations if isinstance(violations, list) else [])
        if isinstance(one, dict)
    ]
    if told:
        return "; ".join(told)
    return next((text for name in ("detail", "title") if isinstance(text := document.get(name), str) and text), "")
