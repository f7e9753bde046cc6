"""The last exchanges of a gateway as a failure report shows them: short, secrets masked, what went wrong marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import requests

from sap_mock.testing.gateway import SapGateway

_LAST = 8
_LONGEST = 700


def told(gateway: SapGateway) -> str:
    """The last exchanges, newest last; one sentence where there are none or the gateway cannot be asked."""
    try:
        exchanges = gateway.exchanges(limit=_LAST)
        idle = gateway.faults.never_fired()
    except (requests.RequestException, ValueError) as error:
        return f"The gateway cannot be asked: {error}"
    lines = [line for exchange in exchanges for line in _lines(exchange)] or ["Nothing was asked of it."]
    return "\n".join([*lines, *([f"Fault plans that never fired: {', '.join(idle)}"] if idle else [])])


def _lines(exchange: Mapping[str, Any]) -> Iterator[str]:
    asked, given = exchange["request"], exchange["response"]
    query = f"?{asked['query']}" if asked["query"] else ""
    yield f"{asked['method']} {asked['path']}{query}  ->  {given['status']}{_struck(exchange)}"
    for sign, message in ((">", asked), ("<", given)):
        text = message["body"]["text"].strip()
        if text:
            shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … ({message['body']['bytes']} bytes)"
            yield from (f"    {sign} {line}" for line in shown.splitlines())


def _struck(exchange: Mapping[str, Any]) -> str:
    faults = [strike["fault"] for strike in exchange["faults"]]
    sent = [] if exchange["transmission"] == "whole" else [f"sent: {exchange['transmission']}"]
    told = [*(["struck by " + ", ".join(faults)] if faults else []), *sent]
    return f"  ({'; '.join(told)})" if told else ""
