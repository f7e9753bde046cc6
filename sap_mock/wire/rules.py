"""What is bound to differ between two answers to the same request, rule by rule; each can be switched off by its name.

A rule takes away one thing only and leaves a placeholder where it stood, so what it does not understand still shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

from sap_mock.wire.exchange import Response
from sap_mock.wire.lengths import as_placeholders

_CONNECTION = ("server", "date", "connection", "keep-alive", "transfer-encoding", "content-encoding", "via", "vary")
_COOKIE = re.compile(r"([^=;]+)=[^;]*")
_SESSION_COOKIE = re.compile(r"SAP_SESSIONID_[A-Z0-9]{3}_[0-9]{3}")
_BOUNDARY = re.compile(r'boundary="?([^\s";]+?)([01]?)"?(?=[\s;]|$)', re.IGNORECASE)
_USUAL_BOUNDARY = re.compile(r"[0-9A-F]{32}[01]|\{boundary\}[01]")
_TICKS = re.compile(r"(?<=Date\()(-?[0-9]+)(?=[+-]?[0-9]*\))")
_WRITTEN = re.compile(r"\b([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?Z?")
_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Rule:
    """``apply`` takes a response and the origin (``http://host:port``) that it speaks of itself by."""

    name: str
    meaning: str
    apply: Callable[[Response, str], Response]


def _everywhere(response: Response, change: Callable[[str], str]) -> Response:
    """The response with ``change`` made to every header value and to the body."""
    body = change(response.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return replace(response, fields=tuple((name, change(value)) for name, value in response.fields), body=body)


def _in_fields(response: Response, names: Iterable[str], change: Callable[[str], str]) -> Response:
    wanted = set(names)
    fields = ((name, change(value) if name.lower() in wanted else value) for name, value in response.fields)
    return replace(response, fields=tuple(fields))


def _length(response: Response, _origin: str) -> Response:
    """An answer without a body that is not cut answers HEAD, and states the length of what GET would bring."""
    stated = response.field("content-length")
    if stated == str(len(response.body)) or not (response.body or response.cut):
        response = response.without(["content-length"])
    return replace(response, body=as_placeholders(response.body))


def _connection(response: Response, _origin: str) -> Response:
    return response.without(_CONNECTION)


def _host(response: Response, origin: str) -> Response:
    host = re.escape(origin.partition("://")[2])
    pattern = re.compile(rf"https?://{host}(?![0-9A-Za-z.-])", re.IGNORECASE)
    return _everywhere(response, lambda text: pattern.sub("http://{host}", text))


def _cookie(response: Response, _origin: str) -> Response:
    def masked(value: str) -> str:
        return _SESSION_COOKIE.sub("SAP_SESSIONID_{sid}_{client}", _COOKIE.sub(r"\1={cookie}", value, count=1))

    return _in_fields(response, ["set-cookie"], masked)


def _token(response: Response, _origin: str) -> Response:
    return _in_fields(response, ["x-csrf-token"], lambda value: value if value.lower() == "required" else "{token}")


def _boundary(response: Response, _origin: str) -> Response:
    text = f"{response.field('content-type') or ''}\n{response.body.decode('utf-8', 'replace')}"
    for drawn, digit in dict.fromkeys(_BOUNDARY.findall(text)):
        pattern = re.compile(rf'(--|boundary="?){re.escape(drawn + digit)}(?![0-9A-Za-z])', re.IGNORECASE)
        name = "boundary" if _USUAL_BOUNDARY.fullmatch(drawn + digit) else "other-boundary"
        response = _everywhere(response, partial(pattern.sub, rf"\1{{{name}}}{digit}"))
    return response


def _moment(response: Response, _origin: str) -> Response:
    """Points in time within a day of the answer's own Date; a whole day is data and stays."""
    try:
        answered = parsedate_to_datetime(response.field("date") or "").timestamp()
    except ValueError:
        return response

    def near(seconds: float, text: str) -> str:
        return "{moment}" if seconds % _A_DAY and abs(seconds - answered) < _A_DAY else text

    def written(match: re.Match[str]) -> str:
        try:
            return near(datetime.fromisoformat(match[1]).replace(tzinfo=UTC).timestamp(), match[0])
        except ValueError:
            return match[0]

    def change(text: str) -> str:
        return _WRITTEN.sub(written, _TICKS.sub(lambda match: near(int(match[1]) / 1000, match[0]), text))

    return replace(_everywhere(response, change), fields=response.fields)


def _texts(*patterns: tuple[str, str]) -> Callable[[Response, str], Response]:
    compiled = [(re.compile(pattern), placeholder) for pattern, placeholder in patterns]

    def change(text: str) -> str:
        for pattern, placeholder in compiled:
            text = pattern.sub(placeholder, text)
        return text

    return lambda response, _origin: _everywhere(response, change)


def _values(placeholder: str, *names: str) -> Callable[[Response, str], Response]:
    return lambda response, _origin: _in_fields(response, names, lambda _value: placeholder)


def _etag(response: Response, origin: str) -> Response:
    response = _values("{etag}", "etag")(response, origin)
    return _texts((r'("etag":)"(?:[^"\\]|\\.)*"', r'\1"{etag}"'), (r'(\betag=)"[^"]*"', r'\1"{etag}"'))(
        response, origin
    )


RULES: tuple[Rule, ...] = (
    Rule("length", "a Content-Length that is true, of the answer and inside a batch", _length),
    Rule("moment", "points in time within a day of the answer's own Date, but not whole days", _moment),
    Rule("connection", "what belongs to the connection: Date, Server, Connection, Transfer-Encoding …", _connection),
    Rule("host", "the origin that the answering system calls itself", _host),
    Rule("cookie", "the values of cookies, and SID and client in the session cookie's name", _cookie),
    Rule("token", "the x-csrf-token, unless it is Required", _token),
    Rule(
        "transaction",
        "transaction ids and timestamps of error documents",
        _texts(
            (r'("transactionid":"|<transactionid>)[0-9A-F]{32,40}', r"\1{transaction}"),
            (r'("timestamp":"|<timestamp>)[0-9]{14}(?:\.[0-9]+)?', r"\1{moment}"),
        ),
    ),
    Rule("boundary", "the 32 digits of a boundary without the last one; others become {other-boundary}", _boundary),
    Rule(
        "measured",
        "times that a server took: sap-perf-fesrec, sap-statistics",
        _values("{measured}", "sap-perf-fesrec", "sap-statistics"),
    ),
    Rule("etag", "entity tags", _etag),
    Rule(
        "metadata-date",
        "when the service's metadata were changed last",
        lambda response, origin: _texts((r"(sap-metadata-last-modified: )[^\r\n]+", r"\1{date}"))(
            _values("{date}", "last-modified", "sap-metadata-last-modified")(response, origin), origin
        ),
    ),
)
"""In the order in which they are applied: lengths are counted before anything changes."""

LAYOUT = "layout"
NAMES = (*(rule.name for rule in RULES), LAYOUT)


def normalised(response: Response, origin: str, without: Iterable[str] = ()) -> Response:
    """The response after every rule that is not among ``without``."""
    off = set(without)
    for rule in RULES:
        if rule.name not in off:
            response = rule.apply(response, origin)
    return response
