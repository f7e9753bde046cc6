"""Postman's Billing API.

GET /accounts tells the account, GET /accounts/{id}/invoices?status=PAID its invoices, all in one answer, which is read
element by element so that any number needs no memory. Source: Postman API reference (billing, authentication, rate
limits) and Postman's blog article "Easily access your billing data". The reference authenticates by `x-api-key`, the
article by a bearer token; both headers are sent, to the configured host only.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

from pipeline.clock import Clock
from pipeline.model.http_dates import retry_after
from pipeline.model.record import NotJson, plain, read_json
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.network import Network
from pipeline.sources import json_stream
from pipeline.sources.http import DIRECT, TRIES, Body, BrokenOff, NoReply, Reply, SourceClient
from pipeline.sources.page import START, Page
from pipeline.sources.paging import begun_again

NAME = "postman"
QUOTA = "serviceLimitExhausted"
RECORDS = 500
_LONGEST_TEXT = 200


class Postman:
    """The invoices of the account that the API key belongs to, or of `account` where one is set."""

    name = NAME
    is_incremental = False

    def __init__(self, *, base_url: str, api_key: str, account: str, clock: Clock, network: Network = DIRECT) -> None:
        self._account = account
        self._api_key = api_key
        self._clock = clock
        keys = {"x-api-key": api_key, "Authorization": f"Bearer {api_key}"}
        self._client = SourceClient(base_url, keys, clock, network=network)

    def pages(self, since: Mapping[str, str] = START) -> Iterator[Page]:
        """All paid invoices. Raises Misconfigured or Unavailable, in one sentence."""
        return self._of(self._account or self._own_account())

    def _of(self, account: str) -> Iterator[Page]:
        broken = (json_stream.BadJson, BrokenOff)
        what = "postman: the invoices"
        return begun_again(lambda: self._invoices(account), self._clock, broken, tries=TRIES, what=what)

    def check(self) -> str:
        """Log on, ask for invoices and say which account answers. Raises Misconfigured or Unavailable."""
        account = self._account or self._own_account()
        next(self._of(account), None)
        return f"account {account}"

    def _own_account(self) -> str:
        account = self._json("/accounts")
        number = account.get("id") if isinstance(account, dict) else None
        if isinstance(number, bool) or not isinstance(number, int | str) or not str(number):
            raise Misconfigured("postman: /accounts shows no account id. Is B2S_POSTMAN_URL the Postman API?")
        return str(number)

    def _invoices(self, account: str) -> Iterator[Page]:
        path = f"/accounts/{quote(account, safe='', errors='replace')}/invoices"
        body = self._client.open(path, {"status": "PAID"}, final=frozenset({QUOTA}))
        if not isinstance(body, Body):
            raise self._stop(body)
        try:
            found = json_stream.elements(body.read, member="data")
            while records := tuple(islice(found, RECORDS)):
                yield Page(stream=f"postman account {account}", records=records)
        except json_stream.NoList:
            raise Misconfigured(
                "postman: the invoices come without a list 'data'. Is B2S_POSTMAN_URL the Postman API?"
            ) from None
        finally:
            body.close()

    def _json(self, path: str) -> Any:
        reply = self._client.get(path, final=frozenset({QUOTA}))
        if isinstance(reply, NoReply) or reply.status != 200:
            raise self._stop(reply)
        return reply.json

    def _stop(self, reply: Reply | NoReply) -> Misconfigured | Unavailable:
        if isinstance(reply, NoReply):
            return Unavailable(
                f"postman does not answer at {self._client.base_url}: {reply.why}. Check B2S_POSTMAN_URL, then repeat"
            )
        return stop_for(reply, self._clock.now(), secret=self._api_key)


def stop_for(reply: Reply, now: int, *, secret: str) -> Misconfigured | Unavailable:
    """What an answer other than 200 means, as the exception to raise; the secret is taken out of the vendor's words."""
    said = error_text(reply.body).replace(secret, "***")
    tail = f": {said}" if said else ""
    if reply.status in REFUSALS:
        return Misconfigured(f"postman: {REFUSALS[reply.status]} ({reply.status}{tail})")
    if reply.status == 429:
        return Unavailable(_too_many(reply, now))
    if reply.status >= 500:
        return Unavailable(f"postman is not available ({reply.status}{tail}). Repeat later")
    if 300 <= reply.status < 400:
        return Misconfigured(
            f"postman redirects ({reply.status}). Set B2S_POSTMAN_URL to the final address, with https"
        )
    return Misconfigured(f"postman answers {reply.status}{tail}. Check B2S_POSTMAN_URL")


REFUSALS = {
    400: "the request is refused; the key's user must belong to a team",
    401: "the API key is not accepted; check B2S_POSTMAN_API_KEY",
    403: "this is forbidden; check B2S_POSTMAN_API_KEY, its user's billing role, and B2S_POSTMAN_ACCOUNT_ID if set",
    404: "there is no such address; check B2S_POSTMAN_URL, and B2S_POSTMAN_ACCOUNT_ID if set",
}


def _too_many(reply: Reply, now: int) -> str:
    if QUOTA.encode() in reply.body:
        return "postman: the monthly quota of API calls is used up (429). Repeat when it is renewed, or buy more"
    wait = retry_after(reply.headers.get("retry-after"), now)
    when = f"in {-(-wait // 1000)} seconds" if wait else "in some minutes"
    return f"postman: too many requests (429). Repeat {when}"


def error_text(body: bytes) -> str:
    """What the vendor says, out of any of its three shapes: a problem document, one without status, `{"error".

    {...}}`.
    """
    try:
        document = read_json(body)
    except NotJson:
        return ""
    if not isinstance(document, dict):
        return ""
    error = document.get("error")
    candidates = [
        document.get("detail"),
        document.get("title"),
        error.get("message") if isinstance(error, dict) else error,
    ]
    texts = [candidate for candidate in candidates if isinstance(candidate, str) and candidate]
    return plain(" ".join(texts[0].split())[:_LONGEST_TEXT]) if texts else ""
