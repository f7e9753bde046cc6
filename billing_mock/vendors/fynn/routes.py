"""Fynn's one address: token, permission, then the page.

Source: the Fynn API documentation, get-postings (permission accounting:accounts:read).
"""

from flask import Blueprint, Response, g, request

from billing_mock import exact_json
from billing_mock.faults import Strike
from billing_mock.options import BeyondLast, Options
from billing_mock.vendors.fynn import errors, paging, presenter

MAY_READ = {presenter.TOKEN: True, presenter.TOKEN_WITHOUT_PERMISSION: False}
"""Token → whether it carries the permission; one that has expired is as unknown as any other."""


def blueprint(options: Options, lists: paging.Lists) -> Blueprint:
    """The address under /fynn, telling what `lists` holds."""
    pages = Blueprint("fynn", __name__, url_prefix="/fynn")

    @pages.before_request
    def admit() -> Response | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        may_read = MAY_READ.get(token) if scheme.lower() == "bearer" else None
        return None if may_read else errors.answer(401 if may_read is None else 403)

    @pages.get("/accounting/postings")
    def listed() -> Response:
        asked = paging.query(request.args, options)
        if isinstance(asked, list):
            return errors.violated(asked, options.fynn_violation_status)
        if strike := _strike("grown_list"):
            lists.grow(int(str(strike.parameters["records"])))
        place = (asked.page - 1) * asked.limit
        if _strike("repeated_page"):
            place = max(0, place - asked.limit)
        told, total = _page(lists, asked, place)
        if not told and asked.page > 1 and asked.limit and options.fynn_beyond_last == BeyondLast.NOT_FOUND:
            return errors.answer(404)
        meta = paging.meta(asked, total, len(told), options.fynn_last_page_of_none)
        body: dict[str, object] = {"data": told, "meta": meta}
        return Response(exact_json.dumps(body), content_type="application/json; charset=utf-8")

    @pages.route("/", defaults={"path": ""})
    @pages.route("/<path:path>")
    def elsewhere(path: str) -> Response:
        del path
        return errors.answer(404)

    return pages


def _page(lists: paging.Lists, asked: paging.Query, place: int) -> tuple[list[object], int]:
    """The records from `place` on, and how many there are in all; begun anew when the list changes meanwhile."""
    while True:
        keys = lists.keys(asked.dimensions)
        try:
            return lists.show(keys[place : place + asked.limit]), len(keys)
        except paging.OutdatedError:
            continue


def _strike(fault: str) -> Strike | None:
    strike: Strike | None = g.get("strike")
    return strike if strike and strike.fault == fault else None
