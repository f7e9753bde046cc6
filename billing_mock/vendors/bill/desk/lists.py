"""What BILL's lists hold: which records answer a query, in which order.

A list has an order, which is made once and kept until something changes, and is searched in that order only as far as
a page needs. When a record was made, when it was changed and whether it is archived stands in columns, so that neither
the order of a time nor the search asks the documents themselves. Where a list is asked for from a time on, in the
order of that time, the place is looked up.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from billing_mock.books import Books, Columns, Kept
from billing_mock.documents import Document
from billing_mock.vendors.bill import presenter
from billing_mock.vendors.bill.paging import TIMES, Condition, Query, Term, conditions, ordered, terms
from billing_mock.written import Record, Written

FROM = {"gte": bisect_left, "gt": bisect_right}
"""Operator → where in an ordered list that begins which it lets through."""


@dataclass(frozen=True, kw_only=True)
class Collection:
    """One list: where its generated records stand, the members to search by, the whole record."""

    name: str
    prefix: str
    searchable: frozenset[str]
    has: Callable[[Document], bool]
    times: Callable[[Document], presenter.Times]
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
        has=lambda _: True,
        times=presenter.invoice_times,
        head=presenter.invoice_head,
        show=presenter.invoice,
    ),
    "credit-memos": Collection(
        name="credit-memos",
        prefix=presenter.CREDIT_MEMO,
        searchable=_ALWAYS | {"customerId"},
        has=presenter.has_credit_memo,
        times=presenter.credit_memo_times,
        head=presenter.credit_memo_head,
        show=presenter.credit_memo,
    ),
    "receivable-payments": Collection(
        name="receivable-payments",
        prefix=presenter.PAYMENT,
        searchable=_ALWAYS - {"archived"} | {"customerId"},
        has=presenter.has_payment,
        times=presenter.payment_times,
        head=presenter.payment_head,
        show=presenter.payment,
    ),
}
_CUSTOMERS_BY_ID = {str(record["id"]): record for record in map(presenter.customer, (*presenter.CUSTOMER_LIST, None))}
_LISTS_KEPT = 8

ABSENT = -1
"""The times of a record that a document does not have."""

Read = Callable[[int], Mapping[str, object]]
"""From the key of a record to some of its members."""


def _numbers(document: Document) -> list[int]:
    """When each collection's record was created and changed, and whether the invoice is archived."""
    numbers: list[int] = []
    for collection in COLLECTIONS.values():
        has = collection.has(document)
        numbers += map(presenter.milliseconds, collection.times(document)) if has else (ABSENT, ABSENT)
    return [*numbers, int(document.cancelled)]


_COLUMNS = (*(f"{name} {time}" for name in COLLECTIONS for time in ("createdTime", "updatedTime")), "invoices archived")


class Found:
    """The records that answer a query, looked for only as far as somebody asked."""

    def __init__(self, search: Iterator[int]) -> None:
        self._search = search
        self._keys = array("q")
        self._lock = threading.Lock()

    def between(self, begin: int, end: int) -> array[int]:
        """The keys from the place `begin` to before the place `end`, as many as there are."""
        with self._lock:
            while len(self._keys) < end and (key := next(self._search, None)) is not None:
                self._keys.append(key)
            return self._keys[begin:end]


class Lists:
    """What each list holds now; a generated record is known by its position, a written one by a number below zero."""

    def __init__(self, books: Books, written: Written, *, archived_too: bool = True) -> None:
        self._books = books
        self._archived_too = archived_too
        self._written = written
        self._columns = Columns(books, _COLUMNS, _numbers)
        self._found = Kept[tuple[str, str, tuple[Condition, ...]], Found](books, most=_LISTS_KEPT)
        self._orders = Kept[tuple[str, str], "array[int]"](books, most=_LISTS_KEPT)
        self._rewritten = Kept[str, frozenset[int]](books, most=_LISTS_KEPT)

    def prepare(self) -> None:
        """Work out all times, so that no page waits for them."""
        self._columns.now()

    def page(self, name: str, asked: Query) -> tuple[array[int], bool]:
        """The records on the page that is asked for, and whether there are more behind it; QueryError."""
        tests = tuple(self._tests(name, asked))
        found = self._found.get((name, asked.sort, tests), lambda: Found(self._search(name, asked.sort, tests)))
        end = asked.offset + asked.most
        keys = found.between(asked.offset, end + 1)
        return keys[: asked.most], len(keys) > asked.most

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
        if document is None or not collection.has(document):
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

    def _search(self, name: str, sort: str, tests: tuple[Condition, ...]) -> Iterator[int]:
        """The records that pass all tests; where the list begins is looked up in its order, which is made at once."""
        order = self._orders.get((name, sort), lambda: array("q", self._ordered(name, terms(sort, _searchable(name)))))
        begin, place = _begin(tests, sort), 0
        if begin is not None:
            read = self._reader(name, {begin.field})
            place = FROM[begin.op](order, begin.value, key=lambda key: str(read(key).get(begin.field) or ""))
        rest = [test for test in tests if test is not begin]
        told = self._reader(name, {test.field for test in rest})
        behind = map(order.__getitem__, range(place, len(order)))
        return (key for key in behind if not rest or _passes(told(key), rest))

    def _ordered(self, name: str, by: list[Term]) -> Iterable[int]:
        if not by:
            return self._all(name)
        [first, *others] = by
        if first.field in TIMES and name in COLLECTIONS and not others:
            return sorted(self._all(name), key=self._moments(name, first.field), reverse=first.is_descending)
        return ordered(((self._told(name, key, whole=False), key) for key in self._all(name)), by)

    def _moments(self, name: str, field: str) -> Callable[[int], int]:
        """From the key of a record to its time, in milliseconds."""
        column, rewritten = self._columns.now()[f"{name} {field}"], self._rewritten_now(name)

        def moment(key: int) -> int:
            if key >= 0 and key not in rewritten:
                return column[key]
            told = self._told(name, key, whole=False).get(field)
            return presenter.milliseconds(datetime.fromisoformat(str(told))) if told else ABSENT

        return moment

    def _reader(self, name: str, fields: set[str]) -> Read:
        """How these members of a record are read: from the columns if they stand there, from the record otherwise."""
        record: Read = partial(self._told, name, whole=False)
        if name not in COLLECTIONS or not fields <= TIMES | {"archived"}:
            return record
        columns, rewritten = self._columns.now(), self._rewritten_now(name)
        of_fields = [(field, columns.get(f"{name} {field}")) for field in fields]

        def read(key: int) -> Mapping[str, object]:
            if key < 0 or key in rewritten:
                return record(key)
            return {field: _member(field, column[key] if column else 0) for field, column in of_fields}

        return read

    def _rewritten_now(self, name: str) -> frozenset[int]:
        """Where the generated records stand over which callers wrote something."""
        prefix = COLLECTIONS[name].prefix

        def look_up() -> frozenset[int]:
            known = (self._books.find(id_.removeprefix(prefix)) for id_ in self._written.changed(name))
            return frozenset(document.invoice.position for document in known if document)

        return self._rewritten.get(name, look_up)

    def _all(self, name: str) -> Iterable[int]:
        if name == CUSTOMERS:
            yield from range(len(_CUSTOMERS_BY_ID))
        else:
            created = self._columns.now()[f"{name} createdTime"]
            yield from (position for position in self._books.positions() if created[position] != ABSENT)
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


def _member(field: str, number: int) -> object:
    return bool(number) if field == "archived" else presenter.timestamp_of(number)


def _passes(record: Mapping[str, object], tests: Iterable[Condition]) -> bool:
    return all(test.holds(record) for test in tests)


def _begin(tests: Iterable[Condition], sort: str) -> Condition | None:
    """The condition that only says where in the order of its own time the list begins; None without such one."""
    field, _, direction = sort.partition(",")[0].partition(":")
    if field not in TIMES or direction == "desc":
        return None
    return next((test for test in tests if test.field == field and test.op in FROM), None)
