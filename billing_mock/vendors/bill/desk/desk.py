"""What BILL remembers between two calls, and how an answer is written: what all of its addresses stand on."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Response

from billing_mock import exact_json
from billing_mock.books import Books
from billing_mock.limits import FixedWindow, Gauge
from billing_mock.options import Options
from billing_mock.sessions import Sessions
from billing_mock.vendors.bill import errors, presenter
from billing_mock.vendors.bill.contract import sent
from billing_mock.vendors.bill.desk.lists import Lists
from billing_mock.written import Record, Written

AT_ONCE = 3


class Desk:
    """Sessions, counts, and what callers wrote."""

    def __init__(self, books: Books, options: Options) -> None:
        self.books = books
        self.options = options
        self.sessions = Sessions(idle=options.bill_session_seconds)
        self.requests = FixedWindow(limit=options.bill_requests_per_hour, window=3600)
        self.logins = FixedWindow(limit=options.bill_logins_per_hour, window=3600)
        self.emails = FixedWindow(limit=options.bill_emails_per_minute)
        self.at_once = Gauge(limit=AT_ONCE)
        self.written = Written(books.touch)
        self.lists = Lists(books, self.written, archived_too=options.bill_lists_archived)

    def reset(self) -> None:
        """As if it had just been opened."""
        for counted in (self.sessions, self.requests, self.logins, self.emails, self.written):
            counted.reset()

    def create(self, name: str, record: Record) -> Response:
        """Keep a new record and tell it."""
        self.written.create(name, str(record["id"]), record)
        return json_answer(self.lists.find(name, str(record["id"])), 201)

    def change(self, name: str, id_: str, members: Record) -> Response:
        """Let members of a known record stand from now on and tell the whole; its time moves with them."""
        self.written.change(name, id_, {"updatedTime": presenter.timestamp(now()), **members})
        return json_answer(self.lists.find(name, id_))

    def replace(self, name: str, known: Record, record: Record) -> Response:
        """Let the record stand in place of the known one, as old as that."""
        gone = dict.fromkeys(known.keys() - record.keys())
        return self.change(name, str(known["id"]), {**gone, **record, "createdTime": known["createdTime"]})

    def decimals(self, customer_id: str, member: str) -> int:
        """How many decimals this customer's currency has; NotUnderstoodError, naming the member, without such one."""
        if not self.lists.find("customers", customer_id):
            raise sent.NotUnderstoodError([f"{member}: {customer_id} was not found"])
        return presenter.decimals_of(presenter.currency_of(customer_id, self.written))


def now() -> datetime:
    """The moment at which something is written."""
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """An id that nobody has yet."""
    return f"{prefix}01{secrets.token_hex(8).upper()[:15]}"


def json_answer(body: object, status: int = 200) -> Response:
    """A JSON body whose amounts are exact."""
    return Response(exact_json.dumps(body), status, content_type=errors.JSON)


def understood(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let what was sent and cannot be understood be answered with every reason."""

    def answer(**arguments: str) -> Response:
        try:
            return view(**arguments)
        except sent.NotUnderstoodError as wrong:
            return errors.invalid(wrong.messages)

    answer.__name__ = view.__name__
    return answer
