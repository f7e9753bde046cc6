"""BILL's addresses: log-on, what must hold before any other call, lists, single records, and what may be written.

Source: BILL's published v3 collection and its pages on log-on, lists, rate limits and error codes.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, g, request

from billing_mock import exact_json
from billing_mock.books import Books
from billing_mock.faults import Strike
from billing_mock.limits import FixedWindow, Gauge
from billing_mock.options import Options
from billing_mock.sessions import Sessions
from billing_mock.vendors.bill import errors, paging, presenter
from billing_mock.vendors.bill.contract import openapi, schemas, sent
from billing_mock.written import Record, Written

REQUESTS_PER_HOUR = 20_000
LOGINS_PER_HOUR = 200
AT_ONCE = 3
LOGIN = "/bill/connect/v3/login"

Collections = tuple[str, ...]
READ: Collections = ("customers", "invoices", "credit-memos", "receivable-payments")
WRITE: Collections = ("customers", "invoices")


class Desk:
    """What BILL remembers between two calls: sessions, counts, and what callers wrote."""

    def __init__(self, books: Books, options: Options) -> None:
        self.books = books
        self.options = options
        self.sessions = Sessions(idle=options.bill_session_seconds)
        self.requests = FixedWindow(limit=options.bill_requests_per_hour, window=3600)
        self.logins = FixedWindow(limit=options.bill_logins_per_hour, window=3600)
        self.at_once = Gauge(limit=AT_ONCE)
        self.written = Written(books.touch)
        self.lists = paging.Lists(books, self.written, archived_too=options.bill_lists_archived)

    def reset(self) -> None:
        """As if it had just been opened."""
        self.sessions.reset()
        self.requests.reset()
        self.logins.reset()
        self.written.reset()


def blueprint(desk: Desk) -> Blueprint:
    """The addresses under /bill."""
    pages = Blueprint("bill", __name__, url_prefix="/bill")
    pages.before_request(lambda: _admit(desk))
    pages.teardown_request(lambda _error: _leave(desk))
    pages.add_url_rule("/openapi.json", view_func=_openapi)
    pages.add_url_rule("/connect/v3/login", "login", partial(_login, desk), methods=["POST"])
    pages.add_url_rule("/connect/v3/login/session", view_func=_session)
    pages.add_url_rule("/connect/v3/logout", "logout", partial(_logout, desk), methods=["POST"])
    for name in READ:
        _add_reading(pages, desk, name)
    for name in WRITE:
        _add_archiving(pages, desk, name)
    _add_customers(pages, desk)
    _add_invoices(pages, desk)
    _add_payment_link(pages, desk)
    pages.add_url_rule("/", view_func=_elsewhere, defaults={"path": ""})
    pages.add_url_rule("/<path:path>", view_func=_elsewhere, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    return pages


def _admit(desk: Desk) -> Response | None:
    """Developer key, session, this hour's requests, requests at once: in this order."""
    if request.path in {LOGIN, "/bill/openapi.json"}:
        return None
    name = request.headers.get("sessionId", "")
    if _strike("session_expiry"):
        desk.sessions.close(name)
    if request.headers.get("devKey") != presenter.DEV_KEY:
        return errors.answer(errors.WRONG_DEV_KEY)
    holder = desk.sessions.use(name)
    if holder is None:
        return errors.answer(errors.NO_SESSION)
    g.bill_session = name
    if not desk.requests.take(presenter.DEV_KEY).granted:
        return errors.answer(errors.hourly(desk.options.bill_requests_per_hour), desk.options.bill_limit_status)
    if not desk.at_once.enter(presenter.DEV_KEY + holder):
        return errors.answer(errors.TOO_MANY_AT_ONCE, desk.options.bill_limit_status)
    g.bill_holder = holder
    return errors.false_success() if _strike("false_success") else None


def _leave(desk: Desk) -> None:
    if holder := g.pop("bill_holder", None):
        desk.at_once.leave(presenter.DEV_KEY + holder)


def _openapi() -> Response:
    return _json(openapi.document(request.host_url.rstrip("/") + "/bill/connect"))


def _login(desk: Desk) -> Response:
    if not desk.logins.take(presenter.DEV_KEY).granted:
        return errors.answer(errors.hourly(desk.options.bill_logins_per_hour), desk.options.bill_limit_status)
    try:
        body = sent.read(schemas.LoginRequest(), request.get_data())
    except sent.NotUnderstoodError as wrong:
        return errors.invalid(wrong.messages)
    refused = desk.options.bill_login_status
    if body["devKey"] != presenter.DEV_KEY:
        return errors.answer(errors.WRONG_DEV_KEY, refused)
    known = presenter.USERNAME, presenter.PASSWORD, presenter.ORGANIZATION_ID
    if (body["username"], body["password"], body["organizationId"]) != known:
        return errors.answer(errors.WRONG_PASSWORD, refused)
    session = desk.sessions.open(presenter.ORGANIZATION_ID)
    who: Record = {"organizationId": presenter.ORGANIZATION_ID, "userId": presenter.USER_ID}
    return _json({"sessionId": session, **who, "trusted": False})


def _session() -> Response:
    who: Record = {"organizationId": presenter.ORGANIZATION_ID, "userId": presenter.USER_ID}
    return _json({**who, "mfaStatus": "UNTRUSTED", "mfaBypass": False})


def _logout(desk: Desk) -> Response:
    desk.sessions.close(g.bill_session)
    return Response("", 200)


def _add_reading(pages: Blueprint, desk: Desk, name: str) -> None:
    @pages.get(f"/connect/v3/{name}", endpoint=f"list {name}")
    def listed() -> Response:
        bound = None if desk.options.bill_tokens_survive_login else g.bill_session
        try:
            asked = paging.query(request.args, most=desk.options.bill_page_default, holder=bound)
            keys = desk.lists.keys(name, asked)
        except paging.QueryError as wrong:
            return errors.invalid([str(wrong)])
        shown = keys[asked.offset : asked.offset + asked.most]
        links = paging.links(asked, len(keys), g.bill_session)
        if _strike("repeated_page"):
            links["nextPage"] = asked.token(asked.offset, g.bill_session)
        if _strike("empty_page"):
            shown, links["nextPage"] = keys[:0], asked.token(asked.offset, g.bill_session)
        return _json({**links, "results": [presenter.told(desk.lists.show(name, key)) for key in shown]})

    @pages.get(f"/connect/v3/{name}/<id_>", endpoint=f"read {name}")
    def read(id_: str) -> Response:
        record = desk.lists.find(name, id_)
        return _json(record) if record else errors.answer(errors.UNKNOWN_RECORD)


def _add_archiving(pages: Blueprint, desk: Desk, name: str) -> None:
    """Both are no-ops when repeated; the status of an invoice stays what it was."""

    def change(id_: str, members: Record) -> Response:
        record = desk.lists.find(name, id_)
        if record is None:
            return errors.answer(errors.UNKNOWN_RECORD)
        if record.get("archived") != members["archived"]:
            desk.written.change(name, id_, {**members, "updatedTime": presenter.timestamp(datetime.now(UTC))})
        return _json(desk.lists.find(name, id_))

    @pages.post(f"/connect/v3/{name}/<id_>/archive", endpoint=f"archive {name}")
    def archive(id_: str) -> Response:
        return change(id_, {"archived": True, "recordStatus": "INACTIVE"})

    @pages.post(f"/connect/v3/{name}/<id_>/restore", endpoint=f"restore {name}")
    def restore(id_: str) -> Response:
        return change(id_, {"archived": False, "recordStatus": None})


def _add_customers(pages: Blueprint, desk: Desk) -> None:
    @pages.post("/connect/v3/customers")
    @_understood
    def create_customer() -> Response:
        body = sent.read(schemas.CustomerRequest(), request.get_data())
        now = presenter.timestamp(datetime.now(UTC))
        id_ = _new_id(presenter.CUSTOMER)
        standard: Record = {"invoiceCurrency": "USD", "accountType": "BUSINESS", "createdTime": now, "updatedTime": now}
        desk.written.create("customers", id_, {"id": id_, "archived": False, **standard, **body})
        return _json(desk.lists.find("customers", id_), 201)

    @pages.patch("/connect/v3/customers/<id_>")
    @_understood
    def change_customer(id_: str) -> Response:
        if not desk.lists.find("customers", id_):
            return errors.answer(errors.UNKNOWN_RECORD)
        body = sent.read(schemas.CustomerPatch(), request.get_data())
        desk.written.change("customers", id_, {**body, "updatedTime": presenter.timestamp(datetime.now(UTC))})
        return _json(desk.lists.find("customers", id_))


def _add_invoices(pages: Blueprint, desk: Desk) -> None:
    """Nothing here is idempotent: the same POST twice is two invoices."""

    def decimals(body: dict[str, Any]) -> int:
        id_ = body["customer"]["id"]
        if not desk.lists.find("customers", id_):
            raise sent.NotUnderstoodError([f"customer.id: {id_} was not found"])
        return presenter.decimals_of(presenter.currency_of(id_, desk.written))

    @pages.post("/connect/v3/invoices")
    @_understood
    def create_invoice() -> Response:
        body = sent.read(schemas.InvoiceRequest(), request.get_data())
        id_ = _new_id(presenter.INVOICE)
        record = presenter.written_invoice(id_, body, decimals=decimals(body), now=datetime.now(UTC))
        desk.written.create("invoices", id_, record)
        return _json(desk.lists.find("invoices", id_), 201)

    @pages.put("/connect/v3/invoices/<id_>")
    @_understood
    def replace_invoice(id_: str) -> Response:
        known = desk.lists.find("invoices", id_)
        if not known:
            return errors.answer(errors.UNKNOWN_RECORD)
        body = sent.read(schemas.InvoiceRequest(), request.get_data())
        record = presenter.written_invoice(id_, body, decimals=decimals(body), now=datetime.now(UTC))
        gone = dict.fromkeys(known.keys() - record.keys())
        desk.written.change("invoices", id_, {**gone, **record, "createdTime": known["createdTime"]})
        return _json(desk.lists.find("invoices", id_))

    @pages.patch("/connect/v3/invoices/<id_>")
    @_understood
    def change_invoice(id_: str) -> Response:
        known = desk.lists.find("invoices", id_)
        if not known:
            return errors.answer(errors.UNKNOWN_RECORD)
        body = sent.read(schemas.InvoicePatch(), request.get_data())
        members = presenter.patched(known, body, decimals({"customer": {"id": known["customerId"]}, **body}))
        desk.written.change("invoices", id_, {**members, "updatedTime": presenter.timestamp(datetime.now(UTC))})
        return _json(desk.lists.find("invoices", id_))


def _add_payment_link(pages: Blueprint, desk: Desk) -> None:
    """The only link to an invoice that there is, and it costs a call."""

    @pages.post("/connect/v3/invoices/<id_>/payment-link")
    @_understood
    def link_payment(id_: str) -> Response:
        known = desk.lists.find("invoices", id_)
        if not known:
            return errors.answer(errors.UNKNOWN_RECORD)
        body = sent.read(schemas.PaymentLinkRequest(), request.get_data())
        if body["customerId"] != known["customerId"]:
            return errors.invalid(["customerId: is not the customer of this invoice"])
        return _json({"paymentLink": presenter.PAYMENT_PAGE + id_})


def _understood(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let what was sent and cannot be understood be answered with every reason."""

    def answer(**arguments: str) -> Response:
        try:
            return view(**arguments)
        except sent.NotUnderstoodError as wrong:
            return errors.invalid(wrong.messages)

    answer.__name__ = view.__name__
    return answer


def _elsewhere(path: str) -> Response:
    del path
    return errors.answer(errors.UNKNOWN_PATH)


def _strike(fault: str) -> bool:
    strike: Strike | None = g.get("strike")
    return strike is not None and strike.fault == fault


def _new_id(prefix: str) -> str:
    return f"{prefix}01{secrets.token_hex(8).upper()[:15]}"


def _json(body: object, status: int = 200) -> Response:
    return Response(exact_json.dumps(body), status, content_type=errors.JSON)
