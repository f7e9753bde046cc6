"""Asking with patience: how every source is read. The vendor's module says what an answer means.

This one how long we wait for it. Only reads and log-ons go through here, so repeating one is harmless. Retry-After is
obeyed up to a bound; redirects are not followed, because one would carry the key to another host.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import requests
from urllib3.exceptions import HTTPError, ProtocolError

from pipeline.clock import Clock, Deadline
from pipeline.model.capped import TooMuch, read_capped
from pipeline.model.http_dates import retry_after
from pipeline.model.record import NotJson, read_json
from pipeline.model.stops import Misconfigured
from pipeline.network import Network

Answered = TypeVar("Answered", bound="Body | Reply | NoReply")
TRIES = 4
LONGEST_WAIT = 60_000
CONNECT_SECONDS = 5
READ_SECONDS = 30
DEADLINE = 120_000
DIRECT = Network()
STREAM_DEADLINE = 3_600_000
BODY_CAP = 64_000_000


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A whole answer of a source. Header names are in lower case; `json` is what a 200 that was not streamed holds."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    json: Any = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class NoReply:
    """Nothing came, or not all of it."""

    why: str


class BrokenOff(Exception):
    """A body that was being read did not come to its end."""


class Body:
    """An answer of 200 that is read bit by bit: as it comes, never later than a deadline, of any size."""

    def __init__(self, response: requests.Response, deadline: Deadline) -> None:
        self._response = response
        self._deadline = deadline

    def read(self, size: int) -> bytes:
        """Some bytes, none at the end. Raises BrokenOff."""
        if self._deadline.passed:
            raise BrokenOff("it did not end in time")
        try:
            part: bytes = self._response.raw.read1(size, decode_content=True)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise BrokenOff("it broke off") from error
        return part

    def close(self) -> None:
        """Give the connection back."""
        self._response.close()


def is_busy(reply: Reply) -> bool:
    """Whether the same question may be answered a little later: 429 and 5xx."""
    return reply.status == 429 or reply.status >= 500


class SourceClient:
    """A session with one source; it sends the given headers with every request and shows them to nobody."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        clock: Clock,
        *,
        busy: Callable[[Reply], bool] = is_busy,
        network: Network = DIRECT,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._clock = clock
        self._busy = busy
        self._network = network
        self._session = network.session(0)
        self._session.headers.update({"Accept": "application/json", **headers})

    def wear(self, headers: Mapping[str, str]) -> None:
        """Send these headers, too, from now on."""
        self._session.headers.update(headers)

    def get(
        self, path: str, query: Mapping[str, str] | None = None, *, final: frozenset[str] = frozenset()
    ) -> Reply | NoReply:
        """GET JSON until there is an answer worth reading. Raises Misconfigured where no request gets through.

        After 429 and 5xx, and after no answer or half of one, it waits and asks again. An answer that contains one of
        the `final` words is not asked for again: a monthly quota does not come back in a minute.
        """
        return self._ask(lambda: self._once("GET", path, params=dict(query or {})), final)

    def log_on(self, path: str, body: Mapping[str, Any], *, final: frozenset[str] = frozenset()) -> Reply | NoReply:
        """POST a JSON body that changes nothing but who we are."""
        return self._ask(lambda: self._once("POST", path, json=dict(body)), final)

    def open(
        self, path: str, query: Mapping[str, str], *, final: frozenset[str] = frozenset()
    ) -> Body | Reply | NoReply:
        """GET what is too large for memory: a body to read from, or an answer other than 200, or none."""
        return self._ask(lambda: self._open_once(path, query), final)

    def _ask(self, once: Callable[[], Answered], final: frozenset[str]) -> Answered:
        for attempt in range(1, TRIES + 1):
            reply = once()
            wait = self._wait(reply, attempt, final)
            if wait is None or attempt == TRIES:
                break
            self._clock.sleep(wait)
        return reply

    def _wait(self, reply: Body | Reply | NoReply, attempt: int, final: frozenset[str]) -> int | None:
        if isinstance(reply, Body):
            return None
        backoff = (250 << attempt) + self._clock.chance(250)
        if isinstance(reply, NoReply):
            return backoff
        if not self._busy(reply):
            return None
        if any(word.encode() in reply.body for word in final):
            return None
        asked = retry_after(reply.headers.get("retry-after"), self._clock.now())
        wait = backoff if asked is None else asked
        return wait if wait <= LONGEST_WAIT else None

    def _once(self, method: str, path: str, **content: Any) -> Reply | NoReply:
        deadline = Deadline(self._clock, DEADLINE)
        try:
            with self._send(method, path, **content) as response:
                return _with_json(_whole(response, deadline))
        except (NotJson, TooMuch, UnicodeError, requests.RequestException, HTTPError, OSError) as error:
            return self._no_reply(error)

    def _open_once(self, path: str, query: Mapping[str, str]) -> Body | Reply | NoReply:
        try:
            response = self._send("GET", path, params=dict(query))
            if response.status_code == 200:
                return Body(response, Deadline(self._clock, STREAM_DEADLINE))
            with response:
                return _whole(response, Deadline(self._clock, DEADLINE))
        except (TooMuch, UnicodeError, requests.RequestException, HTTPError, OSError) as error:
            return self._no_reply(error)

    def _send(self, method: str, path: str, **content: Any) -> requests.Response:
        response = self._session.request(
            method,
            self.base_url + path,
            **content,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        )
        if response.status_code == requests.codes.proxy_authentication_required:
            response.close()
            raise Misconfigured(self._network.refused_log_on(self.base_url))
        return response

    def _no_reply(self, error: Exception) -> NoReply:
        if stop := self._network.hindrance(error, self.base_url):
            raise stop from None
        at_proxy = self._network.at_proxy(error)
        return NoReply(why=at_proxy) if at_proxy else _no_reply(error)


def _whole(response: requests.Response, deadline: Deadline) -> Reply:
    body = read_capped(lambda size: response.raw.read1(size, decode_content=True), cap=BODY_CAP, deadline=deadline)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(status=response.status_code, headers=headers, body=body)


def _with_json(reply: Reply) -> Reply:
    """A 200 with what it holds. Raises NotJson: half a body may come framed as a whole one."""
    return replace(reply, json=read_json(reply.body)) if reply.status == 200 else reply


def _no_reply(error: Exception) -> NoReply:
    match error:
        case TooMuch():
            return NoReply(why=str(error))
        case NotJson():
            return NoReply(why=f"its answer is {error}, or was cut off")
        case UnicodeError() | requests.exceptions.InvalidHeader():
            return NoReply(why="it gave a text that no request can carry")
        case requests.exceptions.SSLError():
            return NoReply(why="no trusted TLS connection")
        case requests.exceptions.Timeout():
            return NoReply(why="no answer in time")
        case requests.ConnectionError(args=(ProtocolError(), *_)):
            return NoReply(why="the connection was closed before an answer came")
        case requests.ConnectionError():
            return NoReply(why="no connection")
    return NoReply(why="the answer broke off")
