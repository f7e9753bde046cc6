"""Plays cases against a server: logs on, carries cookies and tokens, says what was assigned anew, compares.

A request is sent as it lies in the case. Only what is masked in it (``***``) is filled in: the log-on, the session's
cookies, the x-csrf-token. A request that shows no token is sent without one.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import LocationParseError, ProtocolError
from urllib3.util import parse_url

from sap_mock.replay.assigned import Assigned
from sap_mock.wire.comparison import Difference, Heard, differences
from sap_mock.wire.exchange import Case, Exchange, Request, Response
from sap_mock.wire.lengths import kept_true
from sap_mock.wire.secrets import MASK

_TIMEOUT = 60
_NOT_LOGGED_ON = 401
_SERVICE = re.compile(r"/sap/opu/odata/(?:[^/?;]+/)?[^/?]+/")
_FILLED_BY_HTTP = ("host", "content-length", "transfer-encoding", "connection", "expect")
DEFAULT_HOST = "sap.example.com"


class TargetUnreachable(Exception):
    """The server cannot be asked; the message says which and why."""


class LogonNeeded(Exception):
    """A case is masked where it logs on, and the player knows no user."""


class LogonRefused(Exception):
    """The server does not let the player's user in where the case was let in; the message says which server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One exchange of a case, what was heard this time, and how the two differ."""

    exchange: Exchange
    response: Response | None
    differences: tuple[Difference, ...]


class Player:
    """One conversation with one server.

    ``target`` goes up to the port; ``without`` names rules that are off; ``keeps_host`` calls the target by the host
    name that stands in the case, as a reverse proxy may.
    """

    def __init__(
        self,
        target: str,
        user: tuple[str, str] | None,
        *,
        session: requests.Session | None = None,
        without: Collection[str] = (),
        keeps_host: bool = False,
    ) -> None:
        self.target = target.rstrip("/")
        self._user = user
        self._without = without
        self._keeps_host = keeps_host
        self._session = session or requests.Session()
        self._session.trust_env = False
        self._assigned = Assigned()
        self._token = ""

    def play(self, case: Case) -> list[Played]:
        """Play the exchanges of a case in their order.

        Raises :class:`TargetUnreachable`, :class:`LogonNeeded`, :class:`LogonRefused`.
        """
        return [self._played(exchange) for exchange in case.exchanges]

    def _played(self, exchange: Exchange) -> Played:
        host = exchange.request.field("host") or DEFAULT_HOST
        called = f"http://{host}" if self._keeps_host else self.target
        heard = self._ask(self._assigned.said_anew(_addressed(exchange.request, host, called)))
        expected = exchange.response
        if expected is None or expected.status != _NOT_LOGGED_ON:
            self._check_admitted(exchange.request, heard)
        if expected is not None and heard is not None:
            self._assigned.learn(exchange.request, expected, heard)
            expected = self._assigned.said_anew(expected)
        found = differences(
            Heard(response=expected, origin=f"http://{host}"),
            Heard(response=heard, origin=called),
            self._without,
        )
        return Played(exchange=exchange, response=heard, differences=tuple(found))

    def _ask(self, request: Request) -> Response | None:
        prepared = requests.Request(request.method, self.target, data=request.body or None).prepare()
        prepared.url = self.target + request.target
        fields = request.without(_FILLED_BY_HTTP if not self._keeps_host else _FILLED_BY_HTTP[1:]).fields
        prepared.headers.update({name: self._filled(name.lower(), value, request) for name, value in fields})
        answer = self._send(prepared)
        if answer is not None and answer.field("x-csrf-token") not in (None, "Required"):
            self._token = answer.field("x-csrf-token") or ""
        return answer

    def _filled(self, name: str, value: str, request: Request) -> str:
        """The value of a header field with what is masked in it put in."""
        if MASK not in value:
            return value
        if name == "authorization":
            return self._logon()
        if name == "cookie":
            if not self._session.cookies:
                self._fetch_token(request)
            return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._session.cookies)
        if name == "x-csrf-token":
            if not self._token:
                self._fetch_token(request)
            return self._token
        return value

    def _fetch_token(self, request: Request) -> None:
        service = _SERVICE.match(request.target)
        fields = (("X-CSRF-Token", "Fetch"), ("Authorization", MASK))
        fetching = Request(method="GET", target=service[0] if service else request.target, fields=fields)
        self._check_admitted(fetching, self._ask(fetching))

    def _check_admitted(self, request: Request, heard: Response | None) -> None:
        """A user that is refused once is not tried again: each try counts towards locking it."""
        filled = MASK in (request.field("authorization") or "")
        if filled and heard is not None and heard.status == _NOT_LOGGED_ON:
            raise LogonRefused(f"{self.target} refuses the log-on ({heard.status})")

    def _logon(self) -> str:
        if self._user is None:
            raise LogonNeeded
        user, password = self._user
        return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"

    def _send(self, prepared: requests.PreparedRequest) -> Response | None:
        try:
            answer = self._session.send(prepared, stream=True, allow_redirects=False, timeout=_TIMEOUT)
        except requests.ReadTimeout:
            return None
        except requests.ConnectionError as error:
            if error.args and isinstance(error.args[0], ProtocolError):
                return None
            raise TargetUnreachable(f"{self.target} cannot be reached: {error}") from error
        with answer:
            body, cut = _body(answer)
            fields = tuple((name, value) for name, value in answer.raw.headers.items())
            heard = Response(status=answer.status_code, reason=answer.reason, fields=fields, body=body, cut=cut)
            return heard.without_connection()


def origin(url: str) -> str:
    """``scheme://host[:port]`` of a target; raises ``ValueError`` naming what is wrong with it."""
    parts = urlsplit(url) if _is_address(url) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no address such as https://sap.example.com:44300")
    if parts.path not in ("", "/") or parts.query:
        raise ValueError(f"{url!r}: give the address up to the port; the paths stand in the cases")
    return f"{parts.scheme}://{parts.netloc}"


def _is_address(url: str) -> bool:
    """Whether the library that asks can read it."""
    try:
        return bool(parse_url(url).host)
    except LocationParseError:
        return False


def _addressed(request: Request, host: str, target: str) -> Request:
    """The request with its own server's absolute addresses made those of the target."""
    pattern = re.compile(rb"https?://" + re.escape(host.encode()) + rb"(?![0-9A-Za-z.-])", re.IGNORECASE)
    return replace(request, body=kept_true(request.body, lambda body: pattern.sub(target.encode(), body)))


def _body(answer: requests.Response) -> tuple[bytes, bool]:
    """What came of the body, and whether it ended too early."""
    chunks: list[bytes] = []
    try:
        chunks.extend(answer.iter_content(65536))
    except (requests.exceptions.ChunkedEncodingError, requests.ConnectionError):
        return b"".join(chunks), True
    return b"".join(chunks), False
