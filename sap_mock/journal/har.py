"""Exchanges as an HTTP Archive, which every browser's developer tools open (HAR 1.2, W3C draft and Odvarko's pages).

An entry shows what the caller got: an answer that never left has status 0, as browsers write it, and its comment says
what was decided; of one that was cut the whole is shown, and said. Fields that begin with an underscore are ours, as
the format allows, but for ``_resourceType``, which is Chromium's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qsl

from sap_mock.journal.case import UNANSWERED, reason, target

_UNKNOWN = -1


def archive(documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The archive of exchanges as ``/_mock/journal`` shows them."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "sap-mock", "version": version("billing-to-sap")},
            "entries": [_entry(document) for document in documents],
        }
    }


def _entry(document: Mapping[str, Any]) -> dict[str, Any]:
    milliseconds = document["milliseconds"]
    return {
        "startedDateTime": document["started"],
        "time": milliseconds,
        "request": _request(document["request"]),
        "response": _response(document),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": _comment(document),
        "_resourceType": "fetch",  # without it, Chromium guesses from the MIME type: JSON would be a script
        "_transaction_id": document["transaction_id"],
        "_transmission": document["transmission"],
        "_faults": document["faults"],
        "_operations": document["operations"],
    }


def _request(asked: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(asked["headers"])
    request = {
        "method": asked["method"],
        "url": asked["origin"] + target(asked),
        "httpVersion": "HTTP/1.1",
        "cookies": _cookies(fields.get("cookie", "")),
        "headers": _fields(asked["headers"]),
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(asked["query"], keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": asked["body"]["bytes"],
    }
    if asked["body"]["bytes"]:
        request["postData"] = {
            "mimeType": fields.get("content-type", "application/octet-stream"),
            "text": asked["body"]["text"],
            "comment": _kept(asked["body"]),
        }
        if "encoding" in asked["body"]:
            request["postData"]["encoding"] = asked["body"]["encoding"]
    return request


def _response(document: Mapping[str, Any]) -> dict[str, Any]:
    given = document["response"]
    answered = document["transmission"] not in UNANSWERED
    body = given["body"] if answered else {"bytes": 0, "text": ""}
    fields = given["headers"] if answered else []
    content = {
        "size": body["bytes"],
        "mimeType": dict(fields).get("content-type", "x-unknown"),
        "text": body["text"],
        "comment": "the caller got only a part of it" if document["transmission"] == "cut" else _kept(body),
    }
    if "encoding" in body:
        content["encoding"] = body["encoding"]
    return {
        "status": given["status"] if answered else 0,
        "statusText": reason(given["status"]) if answered else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [one for name, value in fields if name == "set-cookie" for one in _cookies(value.partition(";")[0])],
        "headers": _fields(fields),
        "content": content,
        "redirectURL": dict(fields).get("location", "") if 300 <= given["status"] < 400 else "",
        "headersSize": _UNKNOWN,
        "bodySize": body["bytes"],
    }


def _comment(document: Mapping[str, Any]) -> str:
    struck = ", ".join(f"{strike['fault']} (plan {strike['id']})" for strike in document["faults"])
    decided = f"decided: {document['response']['status']}; sent: {document['transmission']}"
    return f"{decided}; struck by {struck}" if struck else decided


def _kept(body: Mapping[str, Any]) -> str:
    return "only the beginning was kept" if body.get("truncated") else ""


def _fields(fields: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in fields]


def _cookies(text: str) -> list[dict[str, str]]:
    pairs = (pair.strip().partition("=") for pair in text.split(";") if pair.strip())
    return [{"name": name, "value": value} for name, _, value in pairs]
