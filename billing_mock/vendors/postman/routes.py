"""Postman's two addresses: log-on, limit, then the checks in the order of CHECKS.

Sources: Postman API OpenAPI 1.45.0; the Postman blog on the billing endpoints (2023) for the older log-on.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, g, request

from billing_mock.books import Books
from billing_mock.limits import Allowance, FixedWindow
from billing_mock.options import ErrorShape, Options, PostmanAuth
from billing_mock.vendors.postman import errors, paging, presenter

MONTHLY_CALLS = 1_000_000
"""The quota of a Team plan."""


@dataclass(frozen=True, kw_only=True)
class User:
    """Whom a key belongs to. The limit is counted per user."""

    name: str
    in_team: bool = True
    may_see_billing: bool = True


USERS = {
    presenter.API_KEY: User(name="billing"),
    presenter.KEY_WITHOUT_ROLE: User(name="without role", may_see_billing=False),
    presenter.KEY_WITHOUT_TEAM: User(name="without team", in_team=False),
}

Check = tuple[Callable[[User], bool], errors.Refusal]


def blueprint(books: Books, options: Options, window: FixedWindow) -> Blueprint:
    """The addresses under /postman, reading from `books`; `window` counts the requests of each user."""
    pages = Blueprint("postman", __name__, url_prefix="/postman")
    blog = options.postman_auth == PostmanAuth.BLOG
    shape = options.postman_errors

    @pages.before_request
    def admit() -> Response | None:
        key = _key(blog=blog)
        user = USERS.get(key or "")
        if user is None:
            return errors.answer(_log_on_refusal(key, blog=blog), shape)
        allowance = window.take(user.name)
        g.postman_user, g.postman_allowance = user, allowance
        if not allowance.granted:
            return errors.throttled(retry_after=allowance.resets_in, month=False, shape=shape)
        return None

    @pages.after_request
    def tell_the_limit(response: Response) -> Response:
        allowance: Allowance | None = g.get("postman_allowance")
        if allowance:
            for name, value in _limit_headers(allowance).items():
                response.headers.setdefault(name, value)
        return response

    @pages.get("/accounts")
    def account() -> Response:
        # 403 is documented for the invoices only; the blog lists it for both addresses
        checks = (TEAM, ROLE) if blog else (TEAM,)
        return _refused(checks, shape) or _json(presenter.ACCOUNT)

    @pages.get("/accounts/<account_id>/invoices")
    def invoices(account_id: str) -> Response:
        own_account: Check = (lambda _: account_id == str(presenter.ACCOUNT_ID), errors.FORBIDDEN)
        paid: Check = (lambda _: request.args.get("status") == "PAID", errors.BAD_STATUS)
        refusal = _refused((TEAM, ROLE, own_account, paid), shape)
        told = (presenter.invoice(record, options.postman_unit) for record in books)
        return refusal or Response(paging.whole_list(told), content_type="application/json; charset=utf-8")

    @pages.route("/", defaults={"path": ""})
    @pages.route("/<path:path>")
    def elsewhere(path: str) -> Response:
        del path
        return errors.answer(errors.UNKNOWN_PATH, shape)

    return pages


TEAM: Check = (lambda user: user.in_team, errors.NO_TEAM)
ROLE: Check = (lambda user: user.may_see_billing, errors.FORBIDDEN)


def _key(*, blog: bool) -> str | None:
    if not blog:
        return request.headers.get("x-api-key")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else None


def _log_on_refusal(key: str | None, *, blog: bool) -> errors.Refusal:
    if blog:
        return errors.FORBIDDEN
    return errors.KEY_WRONG if key else errors.KEY_MISSING


def _refused(checks: tuple[Check, ...], shape: ErrorShape) -> Response | None:
    user: User = g.postman_user
    return next((errors.answer(refusal, shape) for holds, refusal in checks if not holds(user)), None)


def _json(body: dict[str, object]) -> Response:
    return Response(json.dumps(body), content_type="application/json; charset=utf-8")


def _limit_headers(allowance: Allowance) -> dict[str, str]:
    """Each spelling that Postman's page on rate limits lists."""
    month = str(MONTHLY_CALLS), str(max(0, MONTHLY_CALLS - allowance.taken_in_all))
    return {
        "RateLimit": f"limit={allowance.limit}, remaining={allowance.remaining}, reset={allowance.resets_in}",
        "RateLimit-Policy": f"{allowance.limit};w={allowance.window}",
        "X-RateLimit-Limit": str(allowance.limit),
        "X-RateLimit-Remaining": str(allowance.remaining),
        "X-RateLimit-Reset": str(allowance.resets_at),
        "RateLimit-Limit-Month": month[0],
        "RateLimit-Remaining-Month": month[1],
        "X-RateLimit-Limit-Month": month[0],
        "X-RateLimit-Remaining-Month": month[1],
    }
