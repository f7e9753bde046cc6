"""What BILL's lists hold: which records answer a query, in which order.

A list has an order, which is made once and kept until something changes, and is searched in that order only as far as
a page needs. Where it is asked for from a time on, in the order of that time, the place is looked up.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from billing_mock.books import Books, Kept
from billing_mock.vendors.bill import presenter
from billing_mock.vendors.bill.desk.members import COLLECTIONS, Members, Read, searchable
from billing_mock.vendors.bill.paging import TIMES, Condition, Query, Term, conditions, ordered, terms
from billing_mock.written import Record, Written

FROM = {"gte": bisect_left, "gt": bisect_right}
"""Operator → where in an ordered list that begins which it lets through."""

CUSTOMERS = "customers"
_CUSTOMERS_BY_ID = {str(record["id"]): record for record in map(presenter.customer, (*presenter.CUSTOMER_LIST, None))}
_LISTS_KEPT = 8


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
        self._members = Members(books, written)
        self._found = Kept[tuple[str, str, tuple[Condition, ...]], Found](books, most=_LISTS_KEPT)
        self._orders = Kept[tuple[str, str], "array[int]"](books, most=_LISTS_KEPT)

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
        tests = conditions(asked.filters, searchable(name))
        if (
            not self._archived_too
            and "archived" in searchable(name)
            and all(test.field != "archived" for test in tests)
        ):
            tests.append(Condition(field="archived", op="eq", value="false"))
        return tests

    def _search(self, name: str, sort: str, tests: tuple[Condition, ...]) -> Iterator[int]:
        """The records that pass all tests; where the list begins is looked up in its order, which is made at once."""
        order = self._orders.get((name, sort), lambda: array("q", self._ordered(name, terms(sort, searchable(name)))))
        begin, place = _begin(tests, sort), 0
        if begin is not None:
            read = self._members.reader(name, {begin.field}, self._head(name))
            place = FROM[begin.op](order, begin.value, key=lambda key: str(read(key).get(begin.field) or ""))
        rest = [test for test in tests if test is not begin]
        told = self._members.reader(name, {test.field for test in rest}, self._head(name))
        behind = map(order.__getitem__, range(place, len(order)))
        return (key for key in behind if not rest or _passes(told(key), rest))

    def _ordered(self, name: str, by: list[Term]) -> Iterable[int]:
        if not by:
            return self._all(name)
        [first, *others] = by
        if first.field in TIMES and name in COLLECTIONS and not others:
            moment = self._members.moments(name, first.field, self._head(name))
            return sorted(self._all(name), key=moment, reverse=first.is_descending)
        head = self._head(name)
        return ordered(((head(key), key) for key in self._all(name)), by)

    def _all(self, name: str) -> Iterable[int]:
        if name == CUSTOMERS:
            yield from range(len(_CUSTOMERS_BY_ID))
        else:
            yield from self._members.positions(name)
        yield from range(-1, -1 - len(self._written.created(name)), -1)

    def _head(self, name: str) -> Read:
        """How the members are read by which lists are filtered and sorted."""
        return partial(self._told, name, whole=False)

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


def _passes(record: Mapping[str, object], tests: Iterable[Condition]) -> bool:
    return all(test.holds(record) for test in tests)


def _begin(tests: Iterable[Condition], sort: str) -> Condition | None:
    """The condition that only says where in the order of its own time the list begins; None without such one."""
    field, _, direction = sort.partition(",")[0].partition(":")
    if field not in TIMES or direction == "desc":
        return None
    return next((test for test in tests if test.field == field and test.op in FROM), None)
