"""There are no pages: a period is asked for, both its days included, and everything generated in it is streamed.

Source: the Copaco Cloud knowledge base on access to the Billing API. The period is about the day on which an invoice
was generated, not about the service that it bills. The names of the parameters are not published.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from billing_mock.books import Books, Kept
from billing_mock.documents import Document
from billing_mock.vendors.copaco.presenter import Paper

CHUNK = 1 << 16
XML_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<{}Response xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)

NEVER = 0
"""The day of the credit of a document that has none."""

_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)


class PeriodError(Exception):
    """The period cannot be read; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """From `start` to `end`, both included."""

    start: date
    end: date


def period(arguments: Mapping[str, str], first: str = "startDate", last: str = "endDate") -> Period:
    """Read the two days, YYYY-MM-DD or YYYYMMDD, from the parameters `first` and `last`; PeriodError."""
    start, end = (_day(name, arguments.get(name, "")) for name in (first, last))
    if end < start:
        raise PeriodError(f"{last} is before {first}.")
    return Period(start=start, end=end)


def _day(name: str, text: str) -> date:
    match = _DAY.fullmatch(text)
    if match is None or text.count("-") == 1:
        raise PeriodError(f"{name} is missing or is not a date.")
    try:
        return date(*map(int, match.groups()))
    except ValueError as wrong:
        raise PeriodError(f"{name} is missing or is not a date.") from wrong


def streamed(told: Iterable[str], *, head: str, tail: str, between: str) -> Iterator[bytes]:
    """Head, the invoices, tail, in chunks of about 64 kB, so that no size needs memory."""
    waiting, size, separator = [head], len(head), ""
    for text in told:
        waiting += (separator, text)
        size += len(text)
        separator = between
        if size >= CHUNK:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield ("".join(waiting) + tail).encode()


@dataclass(frozen=True, kw_only=True)
class Papers:
    """All papers in the order of the books: on which day each was generated, and where they stand by that day."""

    keys: array[int]
    days: array[int]
    by_day: array[int]

    def of(self, asked: Period) -> Iterator[int]:
        """The keys of this period's papers, in the order of the books."""
        day_at = self.days.__getitem__
        first = bisect_left(self.by_day, asked.start.toordinal(), key=day_at)
        behind = bisect_right(self.by_day, asked.end.toordinal(), key=day_at)
        return map(self.keys.__getitem__, sorted(self.by_day[first:behind]))


class Calendar:
    """On which day each document and each credit was generated."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._columns = books.columns(("issued", "credited"), _days)
        self._papers = Kept[None, Papers](books, most=1)

    def papers(self, asked: Period, *, is_sold: bool) -> Iterator[Paper]:
        """Everything that was generated in this period, in the order of the books, each credit after its document."""
        for key in self._papers.get(None, self._listed).of(asked):
            yield Paper(document=self._books.document(key >> 1), credit=bool(key & 1), sold=is_sold)

    def _listed(self) -> Papers:
        columns = self._columns.now()
        issued, credited = columns["issued"], columns["credited"]
        keys, days = array("q"), array("i")
        for position in self._books.positions():
            keys.append(position << 1)
            days.append(issued[position])
            if credited[position] != NEVER:
                keys.append(position << 1 | 1)
                days.append(credited[position])
        by_day = array("i", sorted(range(len(days)), key=days.__getitem__))
        return Papers(keys=keys, days=days, by_day=by_day)


def _days(document: Document) -> tuple[int, int]:
    credit = document.credit
    return document.invoice.issued.toordinal(), credit.issued.toordinal() if credit else NEVER


Disturb = Callable[[list[dict[str, object]]], list[dict[str, object]]]
"""What goes wrong with the lines of one subscription in the consolidated call."""


def lost(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    """The first line is missing."""
    return lines[1:]


def doubled(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    """The first line is there twice."""
    return [*lines[:1], *lines]


def mismatched(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    """The first line has another one's sales price and hash."""
    return [{**line, "SalesPrice": line["PurchasePrice"], "InvoiceRowHash": "0" * 32} for line in lines[:1]] + lines[1:]


DISTURBANCES: dict[str, Disturb] = {"lost_lines": lost, "doubled_lines": doubled, "mismatched_lines": mismatched}
"""Fault → what it does to the first subscription of each invoice."""


def disturbed(told: object, disturb: Disturb) -> object:
    """The invoice with its first subscription disturbed."""
    if not isinstance(told, dict):
        return told
    first, *others = told["Customers"]
    subscription, *rest = first["Subscriptions"]
    changed = {**subscription, "PriceLines": disturb(subscription["PriceLines"])}
    return {**told, "Customers": [{**first, "Subscriptions": [changed, *rest]}, *others]}
