"""Opens each vendor over the books: one function and one row per vendor. The only place that knows all of them."""

from collections.abc import Callable
from functools import partial

from billing_mock.app.parts import Vendor
from billing_mock.books import Books
from billing_mock.limits import FixedWindow
from billing_mock.options import Options
from billing_mock.vendors.bill import errors as bill_errors
from billing_mock.vendors.bill import presenter as bill
from billing_mock.vendors.bill import routes as bill_routes
from billing_mock.vendors.bill.desk.desk import Desk
from billing_mock.vendors.copaco import errors as copaco_errors
from billing_mock.vendors.copaco import paging as copaco_paging
from billing_mock.vendors.copaco import presenter as copaco
from billing_mock.vendors.copaco import routes as copaco_routes
from billing_mock.vendors.fynn import errors as fynn_errors
from billing_mock.vendors.fynn import paging as fynn_paging
from billing_mock.vendors.fynn import presenter as fynn
from billing_mock.vendors.fynn import routes as fynn_routes
from billing_mock.vendors.postman import errors as postman_errors
from billing_mock.vendors.postman import presenter as postman
from billing_mock.vendors.postman import routes as postman_routes


def _postman(books: Books, options: Options) -> Vendor:
    window = FixedWindow(limit=options.postman_rate_limit)
    return Vendor(
        pages=postman_routes.blueprint(books, options, window),
        settings=partial(postman.settings, options=options),
        expected=lambda: postman.expected(books),
        number_of=postman.number_of,
        throttled=postman_errors.throttled,
        server_error=postman_errors.server_error,
        reset=window.reset,
    )


def _bill(books: Books, options: Options) -> Vendor:
    desk = Desk(books, options)
    return Vendor(
        pages=bill_routes.blueprint(desk),
        settings=bill.settings,
        expected=lambda: bill.expected(books, desk.written),
        number_of=bill.number_of,
        throttled=partial(bill_errors.throttled, status=options.bill_limit_status),
        server_error=bill_errors.server_error,
        reset=desk.reset,
    )


def _fynn(books: Books, options: Options) -> Vendor:
    lists = fynn_paging.Lists(books, options)
    return Vendor(
        pages=fynn_routes.blueprint(options, lists),
        settings=partial(fynn.settings, options=options),
        expected=lambda: fynn.expected(books.documents(), lists.grown(), options),
        number_of=fynn.number_of,
        throttled=fynn_errors.throttled,
        server_error=fynn_errors.server_error,
        reset=lists.reset,
    )


def _copaco(books: Books, options: Options) -> Vendor:
    calendar = copaco_paging.Calendar(books)
    return Vendor(
        pages=copaco_routes.blueprint(options, calendar),
        settings=partial(copaco.settings, options=options),
        expected=lambda: copaco.expected(books.documents()),
        number_of=copaco.number_of,
        throttled=copaco_errors.throttled,
        server_error=copaco_errors.server_error,
        reset=lambda: None,
    )


VENDORS: dict[str, Callable[[Books, Options], Vendor]] = {
    "postman": _postman,
    "bill": _bill,
    "copaco": _copaco,
    "fynn": _fynn,
}
"""Name → how it is opened. A vendor is added here, and nowhere else outside its own package."""
