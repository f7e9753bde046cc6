"""Secrets and personal data taken out of exchanges, so that a case can be shown to others and still be played.

A secret becomes ``***``, which the player fills in. A person becomes ``PERSON1``, ``PERSON2`` …, a mail address
``person1@example.com`` …: the same value gets the same mask in one recording, wherever it stands from then on.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

from sap_mock.wire import secrets
from sap_mock.wire.exchange import Exchange, Fields, Message, Request
from sap_mock.wire.lengths import kept_true
from sap_mock.wire.secrets import MASK

M = TypeVar("M", bound=Message)
PERSONAL = (
    "CreatedBy", "CreatedByUser", "CreationUser", "ChangedBy", "ChangedByUser", "LastChangedBy", "LastChangedByUser",
    "UserName", "UserID", "FirstName", "LastName", "FullName", "PersonFullName", "Email", "EmailAddress", "PhoneNumber",
)  # fmt: skip
"""Properties that hold personal data by their usual names; a recording may name more."""
_USER = re.compile(r"(?i)\b(sap-user)=[^&;\s]+")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MASKED_MAIL = re.compile(r"person[0-9]+@example\.com")


class Masks:
    """The masks of one recording. ``personal`` names further properties, ``hosts`` what is called sap.example.com."""

    def __init__(self, personal: Iterable[str] = (), hosts: Iterable[str] = ()) -> None:
        names = "|".join(re.escape(name) for name in (*PERSONAL, *personal))
        self._personal = _holding(names)
        self._hosts = [(host, "sap.example.com") for host in hosts]
        self._known: dict[str, str] = {}

    def masked(self, exchange: Exchange) -> Exchange:
        """The exchange without secrets and persons."""
        self._learn(exchange)
        request = self._message(exchange.request)
        response = None if exchange.response is None else self._message(exchange.response)
        path, mark, options = request.target.partition("?")
        target = self._persons(f"{secrets.path(path)}{mark}{secrets.query(options)}")
        return Exchange(request=replace(request, target=target), response=response)

    def _learn(self, exchange: Exchange) -> None:
        """Give a mask to every person of the exchange, before any is put on."""
        user = _user(exchange.request)
        if user:
            self._mask(user)
        for message in (exchange.request, exchange.response):
            if message is None:
                continue
            text = message.body.decode("utf-8", "replace")
            if isinstance(message, Request):
                text += f"\n{message.target}"
            for match in self._personal.finditer(text):
                value = next((group for group in match.groups()[1:] if group), "")
                if value and not _MAIL.fullmatch(value):
                    self._mask(value)

    def _mask(self, value: str) -> None:
        if value not in self._known and not re.fullmatch(r"PERSON[0-9]+|\*\*\*", value):
            self._known[value] = f"PERSON{len(self._known) + 1}"

    def _message(self, message: M) -> M:
        fields = tuple((name, self._persons(secrets.header(name, value))) for name, value in message.fields)
        if not _is_text(message.body):
            return replace(message, fields=fields)
        body = kept_true(message.body, lambda octets: self._text(octets.decode()).encode())
        return _counted(replace(message, fields=fields, body=body), len(message.body))

    def _text(self, text: str) -> str:
        return self._persons(secrets.text(text))

    def _persons(self, text: str) -> str:
        text = _USER.sub(rf"\1={MASK}", text)
        text = _MAIL.sub(self._mail, text)
        for value, mask in sorted(self._known.items(), key=lambda pair: -len(pair[0])):
            for spelled in dict.fromkeys((value, quote(value), value.replace("'", "''"))):
                text = re.sub(rf"(?<![0-9A-Za-z]){re.escape(spelled)}(?![0-9A-Za-z])", mask, text)
        for host, name in self._hosts:
            text = re.sub(rf"(?<![0-9A-Za-z.-]){re.escape(host)}(?![0-9A-Za-z.-])", name, text, flags=re.IGNORECASE)
        return text

    def _mail(self, match: re.Match[str]) -> str:
        address = match[0].replace("%40", "@").lower()
        if _MASKED_MAIL.fullmatch(address):
            return match[0]
        number = self._known.setdefault(address, f"person{len(self._known) + 1}@example.com")
        return number.replace("@", "%40") if "%40" in match[0] else number


def _holding(names: str) -> re.Pattern[str]:
    """Where a property of these names holds a text: in JSON, in XML, in a filter or a key."""
    return re.compile(
        rf'"({names})"\s*:\s*"((?:[^"\\]|\\.)+)"'
        rf"|<(?:\w+:)?(?:{names})(?:\s[^>]*)?>([^<]+)<"
        rf"|\b(?:{names})(?:\s+|\+|%20)?(?:eq|ne|=|%3D)(?:\s+|\+|%20)?(?:'|%27)((?:[^'%]|''|%(?!27))+)(?:'|%27)"
    )


def _user(request: Request) -> str:
    """The user name of a Basic log-on; empty without one."""
    scheme, _, credentials = (request.field("authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials).decode("utf-8", "replace").partition(":")[0]
    except (ValueError, binascii.Error):
        return ""


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return b"\x00" not in body


def _counted(message: M, before: int) -> M:
    """The message with a Content-Length that counts its body, if it did so before."""

    def field(name: str, value: str) -> tuple[str, str]:
        return name, str(len(message.body)) if name.lower() == "content-length" and value == str(before) else value

    fields: Fields = tuple(field(name, value) for name, value in message.fields)
    return replace(message, fields=fields)
