"""BILL's addresses: log-on, what must hold before any other call, lists, single records, archive and restore.

What else may be written is in desk/. Source: BILL's published v3 collection and its pages on log-on, lists, rate
limits and error codes.
"""

from functools import partial

from flask import Blueprint, Response, g, request

from billing_mock.faults import Strike
from billing_mock.vendors.bill import errors, paging, presenter
from billing_mock.vendors.bill.contract import openapi, schemas, sent
from billing_mock.vendors.bill.desk import writes
from billing_mock.vendors.bill.desk.desk import Desk, json_answer
from billing_mock.written import Record

LOGIN = "/bill/connect/v3/login"

Collections = tuple[str, ...]
READ: Collections = ("customers", "invoices", "credit-memos", "receivable-payments")
ARCHIVED: Collections = ("customers", "invoices", "credit-memos")


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
    for name in ARCHIVED:
        _add_archiving(pages, desk, name)
    for add in (writes.add_customers, writes.add_invoices, writes.add_credit_memos, writes.add_payments):
        add(pages, desk)
    pages.add_url_rule("/", view_func=_elsewhere, defaults={"path": ""})
    pages.add_url_rule("/<path:path>", view_func=_elsewhere, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    return pages


def _admit(desk: Desk) -> Response | None:
    """Developer key, session, this hour's requests, requests at once, permission: in this order."""
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
    if request.path.removeprefix("/bill/connect/v3/").partition("/")[0] in desk.options.bill_forbid:
        return errors.answer(errors.NOT_PERMITTED)
    return errors.false_success() if _strike("false_success") else None


def _leave(desk: Desk) -> None:
    if holder := g.pop("bill_holder", None):
        desk.at_once.leave(presenter.DEV_KEY + holder)


def _openapi() -> Response:
    return json_answer(openapi.document(request.host_url.rstrip("/") + "/bill/connect"))


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
    return json_answer({"sessionId": session, **who, "trusted": False})


def _session() -> Response:
    who: Record = {"organizationId": presenter.ORGANIZATION_ID, "userId": presenter.USER_ID}
    return json_answer({**who, "mfaStatus": "UNTRUSTED", "mfaBypass": False})


def _logout(desk: Desk) -> Response:
    desk.sessions.close(g.bill_session)
    return Response("", 200)


def _add_reading(pages: Blueprint, desk: Desk, name: str) -> None:
    @pages.get(f"/connect/v3/{name}", endpoint=f"list {name}")
    def listed() -> Response:
        bound = None if desk.options.bill_tokens_survive_login else g.bill_session
        try:
            asked = paging.query(request.args, most=desk.options.bill_page_default, holder=bound)
            shown, has_more = desk.lists.page(name, asked)
        except paging.QueryError as wrong:
            return errors.invalid([str(wrong)])
        links = paging.links(asked, g.bill_session, has_more=has_more)
        if _strike("repeated_page"):
            links["nextPage"] = asked.token(asked.offset, g.bill_session)
        if _strike("empty_page"):
            shown, links["nextPage"] = shown[:0], asked.token(asked.offset, g.bill_session)
        return json_answer({**links, "results": [presenter.told(desk.lists.show(name, key)) for key in shown]})

    @pages.get(f"/connect/v3/{name}/<id_>", endpoint=f"read {name}")
    def read(id_: str) -> Response:
        record = desk.lists.find(name, id_)
        return json_answer(record) if record else errors.answer(errors.UNKNOWN_RECORD)


def _add_archiving(pages: Blueprint, desk: Desk, name: str) -> None:
    """Both are no-ops when repeated; the status of an invoice stays what it was."""

    def change(id_: str, members: Record) -> Response:
        record = desk.lists.find(name, id_)
        if record is None:
            return errors.answer(errors.UNKNOWN_RECORD)
        if record.get("archived") == members["archived"]:
            return json_answer(record)
        return desk.change(name, id_, members)

    @pages.post(f"/connect/v3/{name}/<id_>/archive", endpoint=f"archive {name}")
    def archive(id_: str) -> Response:
        return change(id_, {"archived": True, "recordStatus": "INACTIVE"})

    @pages.post(f"/connect/v3/{name}/<id_>/restore", endpoint=f"restore {name}")
    def restore(id_: str) -> Response:
        return change(id_, {"archived": False, "recordStatus": None})


def _elsewhere(path: str) -> Response:
    del path
    return errors.answer(errors.UNKNOWN_PATH)


def _strike(fault: str) -> bool:
    strike: Strike | None = g.get("strike")
    return strike is not None and strike.fault == fault
