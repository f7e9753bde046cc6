"""What BILL's lists hold: which records answer a query, in which order.

A list is made once for each order and filter and kept until something changes. Where it is asked for from a time on, in
the order of that time, the place is looked up in the list of all times, so that reading it page by page costs no more
than reading it once.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from billing_mock.books import Books
from billing_mock.documents import Document
from billing_mock.vendors.bill import presenter
from billing_mock.vendors.bill.paging import TIMES, Condition, Query, conditions, ordered
from billing_mock.written import Record, Written

FROM = {"gte": bisect_left, "gt": bisect_right}
"""Operator → where in an ordered list that begins which it lets through."""


@dataclass(frozen=True, kw_only=True)
class Collection:
    """One list: where its generated records stand, the members to search by, the whole record."""

    name: str
    prefix: str
    searchable: frozenset[str]
    has: Callable[[Document], bool] | None
    head: Callable[[Document], Record]
    show: Callable[[Document], Record]


_ALWAYS = frozenset({"id", "archived", "createdTime", "updatedTime"})

CUSTOMERS = "customers"
COLLECTIONS = {
    # a search by invoiceNumber is not documented, but without it nobody could tell whether a lost POST had arrived
    "invoices": Collection(
        name="invoices",
        prefix=presenter.INVOICE,
        searchable=_ALWAYS | {"customerId", "invoiceNumber", "invoiceDate", "dueDate"},
        has=None,
        head=presenter.invoice_head,
        show=presenter.invoice,
    ),
    "credit-memos": Collection(
        name="credit-memos",
        prefix=presenter.CREDIT_MEMO,
        searchable=_ALWAYS | {"customerId"},
        has=presenter.has_credit_memo,
        head=presenter.credit_memo_head,
        show=presenter.credit_memo,
    ),
    "receivable-payments": Collection(
        name="receivable-payments",
        prefix=presenter.PAYMENT,
        searchable=_ALWAYS - {"archived"} | {"customerId"},
        has=presenter.has_payment,
        head=presenter.payment_head,
        show=presenter.payment,
    ),
}
_CUSTOMERS_BY_ID = {str(record["id"]): record for record in map(presenter.customer, (*presenter.CUSTOMER_LIST, None))}
_LISTS_KEPT = 8


class Lists:
    """What each list holds now; a generated record is known by its position, a written one by a number below zero."""

    def __init__(self, books: Books, written: Written, *, archived_too: bool = True) -> None:
        self._books = books
        self._archived_too = archived_too
        self._written = written
        self._lock = threading.Lock()
        self._kept: dict[tuple[int, str, tuple[Condition, ...], str], array[int]] = {}

    def keys(self, name: str, asked: Query) -> array[int]:
        """Every record that is asked for, in the order asked for; QueryError."""
        tests = self._tests(name, asked)
        begin = _begin(tests, asked.sort)
        listed = self._listed(name, tuple(test for test in tests if test is not begin), asked.sort)
        if begin is None:
            return listed
        place = FROM[begin.op](listed, begin.value, key=lambda key: self._text(name, key, begin.field))
        return listed[place:]

    def show(self, name: str, key: int) -> Record:
        """The whole record."""
        return self._told(name, key, whole=True)

    def find(self, name: str, id_: str) -> Record | None:
        """The whole record with this id; None if there is none."""
        if id_ in self._written.created(name):
            return self._written.over(name, id_, {})
        if name == CUSTOMERS:
            known = _CUSTOMERS_BY_ID.get(id_)
            return self._written.over(name, id_, known) if known else None
        collection = COLLECTIONS[name]
        document = self._books.find(id_.removeprefix(collection.prefix)) if id_.startswith(collection.prefix) else None
        if document is None or (collection.has and not collection.has(document)):
            return None
        return self._written.over(name, id_, collection.show(document))

    def _tests(self, name: str, asked: Query) -> list[Condition]:
        tests = conditions(asked.filters, _searchable(name))
        if (
            not self._archived_too
            and "archived" in _searchable(name)
            and all(test.field != "archived" for test in tests)
        ):
            tests.append(Condition(field="archived", op="eq", value="false"))
        return tests

    def _listed(self, name: str, tests: tuple[Condition, ...], sort: str) -> array[int]:
        kept_as = self._books.revision, name, tests, sort
        with self._lock:
            if kept_as not in self._kept:
                keys = self._made(name, tests, sort)
                for outdated in list(self._kept)[: 1 - _LISTS_KEPT]:
                    del self._kept[outdated]
                self._kept[kept_as] = keys
            return self._kept[kept_as]

    def _made(self, name: str, tests: tuple[Condition, ...], sort: str) -> array[int]:
        if not tests and not sort:
            return array("q", self._all(name))
        heads = ((self._told(name, key, whole=False), key) for key in self._all(name))
        found = (row for row in heads if all(test.holds(row[0]) for test in tests))
        return array("q", ordered(found, sort, _searchable(name)))

    def _text(self, name: str, key: int, field: str) -> str:
        return str(self._told(name, key, whole=False).get(field) or "")

    def _all(self, name: str) -> Iterable[int]:
        if name == CUSTOMERS:
            yield from range(len(_CUSTOMERS_BY_ID))
        else:
            has = COLLECTIONS[name].has
            positions = self._books.positions()
            yield from (key for key in positions if has is None or has(self._books.document(key)))
        yield from range(-1, -1 - len(self._written.created(name)), -1)

    def _told(self, name: str, key: int, *, whole: bool) -> Record:
        if key < 0:
            created = self._written.created(name)
            return self._written.over(name, created[-1 - key], {}) if -key <= len(created) else {}  # reset meanwhile
        if name == CUSTOMERS:
            record = list(_CUSTOMERS_BY_ID.values())[key]
        else:
            collection = COLLECTIONS[name]
            record = (collection.show if whole else collection.head)(self._books.document(key))
        return self._written.over(name, str(record.get("id")), record)


def _searchable(name: str) -> frozenset[str]:
    return COLLECTIONS[name].searchable if name in COLLECTIONS else _ALWAYS | {"name"}


def _begin(tests: Iterable[Condition], sort: str) -> Condition | None:
    """The condition that only says where in the order of its own time the list begins; None without such one."""
    field, _, direction = sort.partition(",")[0].partition(":")
    if field not in TIMES or direction == "desc":
        return None
    return next((test for test in tests if test.field == field and test.op in FROM), None)
