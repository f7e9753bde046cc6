"""The lines of a document: its items, or the document itself where it has none. Pure."""

import json
from itertools import zip_longest
from typing import Any

from pipeline.sap.form import Form


def count(form: Form, payload: bytes) -> int:
    """How many lines a document has."""
    return len(_lines(form, json.loads(payload)))


def differences(form: Form, sent: bytes, now: bytes) -> list[str]:
    """What of the lines that were sent the source would have otherwise by now, each with its number."""
    before, after = json.loads(sent), json.loads(now)
    found = _compared("header", _header(form, before), _header(form, after)) if form.items else []
    for number, (ours, theirs) in enumerate(zip_longest(_lines(form, before), _lines(form, after)), start=1):
        found += _compared(f"line {number}", ours or {}, theirs or {})
    return found


def _lines(form: Form, document: dict[str, Any]) -> list[dict[str, Any]]:
    return list(document.get(form.items, [])) if form.items else [document]


def _header(form: Form, document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != form.items}


def _compared(where: str, sent: dict[str, Any], now: dict[str, Any]) -> list[str]:
    names = dict.fromkeys([*sent, *now])
    return [
        f"{where}, {name}: sent '{sent.get(name, '')}', the source gives '{now.get(name, '')}'"
        for name in names
        if sent.get(name) != now.get(name)
    ]
