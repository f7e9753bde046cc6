"""How BILL's lists are asked for: `max`, `page`, `sort` and `filters`, and the opaque tokens that lead on and back.

Source: BILL's page on searching lists. The end is the absence of nextPage. A token is a place in the list as it stands
when it is used: what moves in between is met twice or not at all, unless one sorts by updatedTime.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

MOST = 100

TIMES = frozenset({"createdTime", "updatedTime"})
DATES = frozenset({"dueDate", "invoiceDate"})
BOOLEANS = frozenset({"archived"})

ORDER: dict[str, Callable[[str, str], bool]] = {
    "gt": lambda told, asked: told > asked,
    "gte": lambda told, asked: told >= asked,
    "lt": lambda told, asked: told < asked,
    "lte": lambda told, asked: told <= asked,
}
EQUAL: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda told, asked: told == asked,
    "ne": lambda told, asked: told != asked,
}
TEXT: dict[str, Callable[[str, str], bool]] = {
    "in": lambda told, asked: told in asked.split(","),
    "nin": lambda told, asked: told not in asked.split(","),
    "sw": lambda told, asked: told.startswith(asked),
}
"""Operator → what it means; times and days are compared in one spelling, in which text and time have the same order."""

_TOKEN = {"o": int, "s": str, "f": str, "h": str}
"""What is in a token: offset, sort, filters, and a digest of the session, which would be no secret in an address."""

_CONDITION = re.compile(r'(?P<field>\w+):(?P<op>[a-z]+):(?P<value>"[^"]*"|[^",]*)(?:,|$)')


class QueryError(Exception):
    """A query that cannot be answered; the message is for BILL's error body."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of `filters`."""

    field: str
    op: str
    value: str

    def holds(self, record: Mapping[str, object]) -> bool:
        """Whether this record is asked for."""
        told = record.get(self.field)
        text = ("true" if told else "false") if isinstance(told, bool) else str(told or "")
        return _operators(self.field)[self.op](text, self.value)


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a list was asked for."""

    most: int
    offset: int
    sort: str
    filters: str

    def token(self, offset: int, holder: str) -> str:
        """The opaque place `offset` of this list."""
        told = {"o": offset, "s": self.sort, "f": self.filters, "h": _digest(holder)}
        return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def query(arguments: Mapping[str, str], *, most: int, holder: str | None) -> Query:
    """Read `max`, `page`, `sort`, `filters`; `most` is the default of max.

    A token leads on in its own list: with another sort or filter it is refused. With a `holder`, it is refused to
    everybody else. QueryError for what BILL would not understand.
    """
    asked = arguments.get("max", str(most))
    if not asked.isascii() or not asked.isdigit() or not 1 <= int(asked[:9]) <= MOST:
        raise QueryError(f"max: must be between 1 and {MOST}")
    sort, filters, offset = arguments.get("sort"), arguments.get("filters"), 0
    if token := arguments.get("page"):
        place = _place(token)
        if holder is not None and place["h"] != _digest(holder):
            raise QueryError("page: token has expired")
        if sort not in {None, place["s"]} or filters not in {None, place["f"]}:
            raise QueryError("page: token belongs to another list")
        sort, filters, offset = place["s"], place["f"], place["o"]
    return Query(most=int(asked), offset=offset, sort=sort or "", filters=filters or "")


def _place(token: str) -> dict[str, Any]:
    try:
        told = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError as wrong:
        raise QueryError("page: token is invalid") from wrong
    if not isinstance(told, dict) or {name: type(value) for name, value in told.items()} != _TOKEN or told["o"] < 0:
        raise QueryError("page: token is invalid")
    return told


def _digest(holder: str) -> str:
    return hashlib.blake2b(holder.encode(), digest_size=8).hexdigest()


def conditions(filters: str, filterable: frozenset[str]) -> list[Condition]:
    """All conditions of `filters`, which must all hold; QueryError for a field, operator or value that is unknown."""
    found, place = [], 0
    while place < len(filters):
        match = _CONDITION.match(filters, place)
        if not match:
            raise QueryError(f"filters: cannot be read at {filters[place : place + 40]}")
        field, op, value = match["field"], match["op"], match["value"].strip('"')
        if field not in filterable:
            raise QueryError(f"filters: field {field} is not supported")
        if op not in _operators(field):
            raise QueryError(f"filters: operator {op} is not supported for {field}")
        found.append(Condition(field=field, op=op, value=_spelt(field, value)))
        place = match.end()
    return found


@dataclass(frozen=True, kw_only=True)
class Term:
    """One term of `sort`."""

    field: str
    is_descending: bool


def terms(sort: str, sortable: frozenset[str]) -> list[Term]:
    """The terms of `sort`, `field:asc` or `field:desc` joined by commas; QueryError."""
    found = []
    for field, _, direction in (term.partition(":") for term in sort.split(",") if term):
        if field not in sortable or direction not in {"asc", "desc", ""}:
            raise QueryError(f"sort: {field}:{direction} is not supported")
        found.append(Term(field=field, is_descending=direction == "desc"))
    return found


def ordered(rows: Iterable[tuple[Mapping[str, object], int]], by: Sequence[Term]) -> list[int]:
    """The rows' keys in the order of the terms."""
    listed = [([str(record.get(term.field) or "") for term in by], key) for record, key in rows]
    for place, term in reversed(list(enumerate(by))):
        listed.sort(key=lambda row: row[0][place], reverse=term.is_descending)
    return [key for _, key in listed]


def links(asked: Query, holder: str, *, has_more: bool) -> dict[str, object]:
    """The members nextPage and prevPage, each only where there is one."""
    told: dict[str, object] = {}
    if has_more:
        told["nextPage"] = asked.token(asked.offset + asked.most, holder)
    if asked.offset > 0:
        told["prevPage"] = asked.token(max(0, asked.offset - asked.most), holder)
    return told


def _operators(field: str) -> Mapping[str, Callable[[str, str], bool]]:
    if field in BOOLEANS:
        return EQUAL
    return EQUAL | ORDER if field in TIMES | DATES else EQUAL | TEXT


def _spelt(field: str, value: str) -> str:
    """The value in the spelling in which it is compared; QueryError for a time without zone but with fractions."""
    if field in BOOLEANS and value not in {"true", "false"}:
        raise QueryError(f"filters: {value} is not a boolean")
    if field not in TIMES | DATES:
        return value
    try:
        if field in DATES:
            return date.fromisoformat(value).isoformat()
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None and moment.microsecond:
            raise QueryError(f"filters: {value} is not a date or time")
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as wrong:
        raise QueryError(f"filters: {value} is not a date or time") from wrong
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
