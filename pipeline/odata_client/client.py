"""One HTTP session with SAP, for one thread: cookies, CSRF token, timeouts, caps.

It never repeats a request that may have arrived. Only a failed connect is retried, since nothing has left by then. A
pooled connection that was idle for 15 seconds is dropped: ICM closes idle ones after 30 to 60, and a POST into a
closing connection has an unknown fate. Redirects are not followed, because one could carry the credentials
elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import requests
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.exceptions import SSLError as TlsError
from urllib3.util.retry import Retry

from pipeline.clock import Clock, Deadline
from pipeline.model.capped import TooMuch, read_capped
from pipeline.network import Network, chain
from pipeline.odata_client import csrf
from pipeline.odata_client.answer import Answer, NoAnswer
from pipeline.odata_client.target import Target

_JSON = {"Accept": "application/json"}
_NEVER_LEFT = (NewConnectionError, ConnectTimeoutError)


class Client:
    """Talks to one service. Not for sharing between threads: session and token belong together.

    `in_flight` is entered for as long as a request is: it may wait, or raise Misconfigured or Unavailable. Each request
    raises Misconfigured where a setting keeps it from leaving: an untrusted certificate, a proxy's log-on.
    """

    def __init__(
        self, target: Target, clock: Clock, *, in_flight: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self.target = target
        self._clock = clock
        self._in_flight = in_flight
        self._token: str | None = None
        self._last_used = clock.monotonic()
        retry = Retry(total=None, connect=2, read=0, status=0, other=0, redirect=0, backoff_factor=0.1)
        self._session = target.network.session(retry, pool_connections=1, pool_maxsize=1)
        self._session.auth = HTTPBasicAuth(target.user.encode(), target.password.encode())
        if target.sap_client:
            self._session.headers["sap-client"] = target.sap_client

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def get(self, path: str, *, accept: str = "application/json") -> Answer | NoAnswer:
        """GET a path below the service root."""
        return self._exchange("GET", path, headers={"Accept": accept})

    def post(
        self,
        path: str,
        body: bytes,
        *,
        content_type: str,
        accept: str = "application/json",
        fields: Sequence[tuple[str, str]] = (),
    ) -> Answer | NoAnswer:
        """POST with the token, and with more header fields where given.

        A refused token is renewed once: ICF refuses before the service runs, so a repeat is safe, unless it would
        leave so late that it took effect when nobody expects it any more. Raises Misconfigured or Unavailable when no
        token can be had; nothing was posted then.
        """
        headers = {"Content-Type": content_type, "Accept": accept, **dict(fields)}
        self.token()
        since = Deadline(self._clock, self.target.renew_within)
        answer = self._posted(path, body, headers)
        if self._token is None and self.token() and not since.passed:
            answer = self._posted(path, body, headers)
        return answer

    def _posted(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer | NoAnswer:
        """POST once; a token that is refused is forgotten."""
        answer = self._exchange("POST", path, body=body, headers={**headers, csrf.HEADER: self.token()})
        if isinstance(answer, Answer) and answer.demands_token:
            self._token = None
        return answer

    def token(self) -> str:
        """This session's CSRF token, fetched if there is none. Raises Misconfigured or Unavailable."""
        if self._token is None:
            self._token = self._fetch_token()
        return self._token

    def _fetch_token(self) -> str:
        answer: Answer | NoAnswer = NoAnswer(why="not asked")
        for method in csrf.METHODS:
            answer = self._exchange(method, "", headers={**_JSON, csrf.HEADER: csrf.FETCH})
            if token := csrf.token_in(answer):
                return token
            if isinstance(answer, NoAnswer) or answer.status == 401:  # asked again, it would count towards a lock
                break
        raise csrf.failed_fetch(answer, root=self.target.root)

    def _exchange(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer | NoAnswer:
        with self._in_flight():
            return self._send(method, path, headers=headers, body=body)

    def _send(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None) -> Answer | NoAnswer:
        self._drop_idle_connections()
        deadline = Deadline(self._clock, self.target.deadline)
        try:
            with self._session.request(
                method,
                self.target.root + path,
                data=body,
                headers=dict(headers),
                timeout=(self.target.connect_timeout / 1000, self.target.read_timeout / 1000),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = read_capped(
                    lambda size: response.raw.read1(size, decode_content=True),
                    cap=self.target.body_cap,
                    deadline=deadline,
                )
                names = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status_code, headers=names, body=content)
        except (requests.RequestException, HTTPError, TooMuch, OSError) as error:
            if stop := self.target.network.hindrance(error, self.target.base_url):
                raise stop from None
            return no_answer(error, self.target.network)
        finally:
            self._last_used = self._clock.monotonic()

    def _drop_idle_connections(self) -> None:
        if self._clock.monotonic() - self._last_used >= self.target.idle:
            self._session.close()


def no_answer(error: Exception, network: Network) -> NoAnswer:
    """Why a request got no whole answer, without addresses, credentials or query strings in the text."""
    links = chain(error)
    if any(isinstance(link, TooMuch) for link in links):
        return NoAnswer(why=str(error))
    if isinstance(error, requests.exceptions.SSLError) or any(isinstance(link, TlsError) for link in links):
        return NoAnswer(why="no trusted TLS connection")
    if at_proxy := network.at_proxy(error):
        return NoAnswer(why=at_proxy, never_left=True)
    if any(isinstance(link, _NEVER_LEFT) for link in links):
        return NoAnswer(why="no connection", never_left=True)
    if isinstance(error, requests.exceptions.Timeout):
        return NoAnswer(why="no answer in time")
    return NoAnswer(why=f"the connection broke ({type(links[-1]).__name__})")
