"""BILL's collections, and what of their generated records is searched and ordered without making the records.

When a record was made, when it was last changed and whether it is archived stands in columns. Over what callers wrote,
the record itself is asked.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from billing_mock.books import Books, Kept
from billing_mock.documents import Document
from billing_mock.vendors.bill import presenter
from billing_mock.vendors.bill.paging import TIMES
from billing_mock.written import Record, Written


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

ABSENT = -1
"""The times of a record that a document does not have."""

Read = Callable[[int], Mapping[str, object]]
"""From the key of a record to the record, or to some of its members."""

_COLUMNS = (*(f"{name} {time}" for name in COLLECTIONS for time in ("createdTime", "updatedTime")), "invoices archived")


def searchable(name: str) -> frozenset[str]:
    """The members by which a list is filtered and sorted."""
    return COLLECTIONS[name].searchable if name in COLLECTIONS else _ALWAYS | {"name"}


class Members:
    """Some members of all generated records; a record that callers wrote is known by a number below zero."""

    def __init__(self, books: Books, written: Written) -> None:
        self._books = books
        self._written = written
        self._columns = books.columns(_COLUMNS, _numbers)
        self._rewritten = Kept[str, frozenset[int]](books, most=len(COLLECTIONS))

    def positions(self, name: str) -> Iterator[int]:
        """Where the documents stand that have such a record, in the order of the books."""
        created = self._columns.now()[f"{name} createdTime"]
        return (position for position in self._books.positions() if created[position] != ABSENT)

    def moments(self, name: str, field: str, record: Read) -> Callable[[int], int]:
        """From the key of a record to its time, in milliseconds; `record` reads what does not stand in the columns."""
        column, rewritten = self._columns.now()[f"{name} {field}"], self._rewritten_now(name)

        def moment(key: int) -> int:
            if key >= 0 and key not in rewritten:
                return column[key]
            told = record(key).get(field)
            return presenter.milliseconds(datetime.fromisoformat(str(told))) if told else ABSENT

        return moment

    def reader(self, name: str, fields: set[str], record: Read) -> Read:
        """How these members of a record are read: from the columns if they stand there, by `record` otherwise."""
        if name not in COLLECTIONS or not fields <= TIMES | {"archived"}:
            return record
        columns, rewritten = self._columns.now(), self._rewritten_now(name)
        of_fields = [(field, columns.get(f"{name} {field}")) for field in fields]

        def read(key: int) -> Mapping[str, object]:
            if key < 0 or key in rewritten:
                return record(key)
            return {field: _told(field, column, key) for field, column in of_fields}

        return read

    def _rewritten_now(self, name: str) -> frozenset[int]:
        """Where the generated records stand over which callers wrote something."""
        prefix = COLLECTIONS[name].prefix

        def look_up() -> frozenset[int]:
            known = (self._books.find(id_.removeprefix(prefix)) for id_ in self._written.changed(name))
            return frozenset(document.invoice.position for document in known if document)

        return self._rewritten.get(name, look_up)


def _numbers(document: Document) -> list[int]:
    """When the record of each collection was created and changed, and whether the invoice is archived."""
    numbers: list[int] = []
    for collection in COLLECTIONS.values():
        has = collection.has(document)
        numbers += map(presenter.milliseconds, collection.times(document)) if has else (ABSENT, ABSENT)
    return [*numbers, int(document.cancelled)]


def _told(field: str, column: array[int] | None, key: int) -> object:
    """The member as the record tells it; of what has no such column, nothing is archived."""
    number = column[key] if column else 0
    return bool(number) if field == "archived" else presenter.timestamp_of(number)
