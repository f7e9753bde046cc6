"""Fynn's pages: `page` and `limit`, a filter per dimension, and the numbers under meta.pagination.

Source: the Fynn API documentation, get-postings. `itemsPerPage` is accepted for `limit`, because readers of the answer
will guess it. A page is a place in the list as it stands when it is asked for: a list that grows between two pages
repeats a record and hides another.
"""

from __future__ import annotations

import re
import threading
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, groupby

from billing_mock.books import Books, Kept
from billing_mock.dataset import CUSTOMERS, LAST_DAY, Invoice
from billing_mock.documents import Document
from billing_mock.options import LastOfNone, Options, PageZero
from billing_mock.vendors.fynn import presenter
from billing_mock.vendors.fynn.accounting.postings import ROOM, Posting
from billing_mock.vendors.fynn.errors import Violation

MOST = 100
STANDARD = 30

_DIMENSION = re.compile(r"dimension\[(\w*)\]")
_EXAMPLE = -1
_GROWN = 10_000_000  # positions of the documents that the list grew by
_GROWN_BY = Decimal(100)
_LISTS_KEPT = 8


class OutdatedError(Exception):
    """The list has changed since its keys were taken."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """What was asked for; `dimensions` are those that are not empty."""

    page: int
    limit: int
    dimensions: Mapping[str, str]


def query(arguments: Mapping[str, str], options: Options) -> Query | list[Violation]:
    """Read the query, or say everything that is wrong with it. Page 0 follows its switch."""
    page, limit = _whole(arguments.get("page", "1")), _whole(_limit(arguments))
    if page == 0 and options.fynn_page_zero == PageZero.FIRST:
        page = 1
    dimensions = {match[1]: value for name, value in arguments.items() if (match := _DIMENSION.fullmatch(name))}
    wrong = []
    if page is None or page < 1:
        wrong.append(Violation(path="page", message="This value should be greater than or equal to 1.", code="range"))
    if limit is None or limit > MOST:
        wrong.append(Violation(path="limit", message=f"This value should be between 0 and {MOST}.", code="range"))
    wrong += [
        Violation(path=f"dimension[{name}]", message="This dimension does not exist.", code="unknown")
        for name in dimensions
        if name not in presenter.DIMENSIONS
    ]
    if wrong or page is None or limit is None:
        return wrong
    return Query(page=page, limit=limit, dimensions={name: value for name, value in dimensions.items() if value})


def _limit(arguments: Mapping[str, str]) -> str:
    return arguments.get("limit", arguments.get("itemsPerPage", str(STANDARD)))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def meta(asked: Query, total: int, shown: int, of_none: LastOfNone) -> dict[str, object]:
    """The numbers beside a page."""
    last = -(-total // asked.limit) if asked.limit else (0 if of_none == LastOfNone.ZERO else total)
    pagination: dict[str, object] = {
        "totalItems": total,
        "itemsPerPage": asked.limit,
        "currentPage": asked.page,
        "lastPage": last if asked.limit == 0 else max(last, 1),
        "pageTotalItems": shown,
    }
    return {"pagination": pagination}


class Keys:
    """The keys of all postings, in order, of which only those are worked out that are asked for.

    Known is how many postings each document has; OutdatedError for one that has more or fewer by now.
    """

    def __init__(
        self, first: array[int], positions: array[int], counts: array[int], keys_of: Callable[[int], list[int]]
    ) -> None:
        """`first` stand before those of the documents at `positions`; `counts` is by position."""
        self._first = first
        self._positions = positions
        self._counts = counts
        self._keys_of = keys_of
        self._ends = array("q", accumulate((counts[position] for position in positions), initial=len(first)))

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, places: slice) -> array[int]:
        begin, end, _ = places.indices(len(self))
        keys = self._first[begin:end]
        place = max(0, bisect_right(self._ends, begin) - 1)
        skipped = max(0, begin - self._ends[place])
        wanted = skipped + end - begin
        while len(keys) < wanted and place < len(self._positions):
            keys.extend(self._of_document(self._positions[place]))
            place += 1
        return keys[skipped:wanted]

    def _of_document(self, position: int) -> list[int]:
        keys = self._keys_of(position)
        if len(keys) != self._counts[position]:
            raise OutdatedError
        return keys


class Lists:
    """What the list holds now: what it grew by, the newest first, then the example, then the postings of the books."""

    def __init__(self, books: Books, options: Options) -> None:
        self._books = books
        self._options = options
        self._lock = threading.Lock()
        self._columns = books.columns(("postings",), lambda document: (presenter.count_of(document, options),))
        self._all = Kept[None, Keys](books, most=1)
        self._searched = Kept[tuple[tuple[str, str], ...], "array[int]"](books, most=_LISTS_KEPT)
        self._grown = 0

    def grow(self, records: int) -> None:
        """Let so many new postings stand before all others."""
        with self._lock:
            self._grown += records
        self._books.touch()

    def reset(self) -> None:
        """Forget what the list grew by."""
        with self._lock:
            self._grown = 0

    def grown(self) -> list[Document]:
        """The documents that the list grew by, the newest first."""
        return [self._grown_document(place) for place in reversed(range(self._grown))]

    def keys(self, dimensions: Mapping[str, str]) -> Keys | array[int]:
        """Every posting with these dimensions, in order. Kept until something changes."""
        if not dimensions:
            return self._all.get(None, self._everything)
        return self._searched.get(tuple(sorted(dimensions.items())), lambda: self._asked_for(dimensions))

    def show(self, keys: Iterable[int]) -> list[object]:
        """These elements of the list, each document read once; OutdatedError if one is no longer there."""
        told: list[object] = []
        for position, of_document in groupby(keys, lambda key: key // ROOM):
            if position < 0:
                told.append(presenter.EXAMPLE)
                continue
            grown = position >= _GROWN
            document = self._grown_document(position - _GROWN) if grown else self._books.document(position)
            made = {posting.ordinal: posting for posting in presenter.made_of(document, self._options)}
            for key in of_document:
                if key % ROOM not in made:
                    raise OutdatedError
                told.append(presenter.posting_record(document, made[key % ROOM], self._options))
        return told

    def _everything(self) -> Keys:
        counts = self._columns.now()["postings"]
        return Keys(
            self._before_the_books({}),
            self._books.positions(),
            counts,
            lambda position: self._matching(self._books.document(position), {}),
        )

    def _asked_for(self, dimensions: Mapping[str, str]) -> array[int]:
        keys = self._before_the_books(dimensions)
        for document in self._books.documents():
            keys.extend(self._matching(document, dimensions))
        return keys

    def _before_the_books(self, dimensions: Mapping[str, str]) -> array[int]:
        keys = array("q")
        for document in self.grown():
            keys.extend(self._matching(document, dimensions, most=1))
        example = presenter.EXAMPLE["debit"]
        known = example["dimensions"] if isinstance(example, dict) else {}
        if all(str(known[name]) == value for name, value in dimensions.items()):
            keys.append(_EXAMPLE)
        return keys

    def _matching(self, document: Document, dimensions: Mapping[str, str], most: int | None = None) -> list[int]:
        made = presenter.made_of(document, self._options)[:most]
        if dimensions:
            made = [posting for posting in made if _has(document, posting, dimensions)]
        return [document.invoice.position * ROOM + posting.ordinal for posting in made]

    def _grown_document(self, place: int) -> Document:
        invoice = Invoice(
            position=_GROWN + place,
            number=f"GROWN{place:011d}",
            issued=LAST_DAY,
            total=_GROWN_BY,
            currency="EUR",
            customer=CUSTOMERS[1],
            web_page=False,
        )
        return Document(invoice=invoice, seed=self._books.seed)


def _has(document: Document, posting: Posting, dimensions: Mapping[str, str]) -> bool:
    told = presenter.dimensions(document, posting)
    return all(str(told.get(name, "")) == value for name, value in dimensions.items())
