"""Everything is put together here: the books, the vendors that list them, the faults, the addresses under /_mock."""

from flask import Flask

from billing_mock.app import admin, fault_plans, performing
from billing_mock.app.parts import Parts, Vendor
from billing_mock.books import Books
from billing_mock.dataset import Dataset
from billing_mock.faults import FaultPlans
from billing_mock.limits import FixedWindow
from billing_mock.options import Options
from billing_mock.vendors.postman import errors as postman_errors
from billing_mock.vendors.postman import presenter as postman
from billing_mock.vendors.postman import routes as postman_routes

VENDORS = {
    "postman": Vendor(
        routes=postman_routes.blueprint,
        settings=postman.settings,
        expected=postman.expected,
        number_of=postman.number_of,
        throttled=postman_errors.throttled,
        server_error=postman_errors.server_error,
        requests_per_minute=lambda options: options.postman_rate_limit,
    ),
}
"""Name → vendor. A vendor is added here, and nowhere else outside its own package."""


def create_app(options: Options) -> Flask:
    """A billing-mock that keeps its own books; two of them share nothing."""
    vendors = {name: VENDORS[name] for name in options.vendors}
    dataset = Dataset(seed=options.seed, size=options.invoices, bad=options.bad_records, only_usd=options.only_usd)
    parts = Parts(
        options=options,
        books=Books(dataset),
        plans=FaultPlans(),
        vendors=vendors,
        windows={name: FixedWindow(limit=vendor.requests_per_minute(options)) for name, vendor in vendors.items()},
    )
    app = Flask("billing_mock", static_folder=None)
    performing.install(app, parts)
    admin.install_refusals(app)
    for name, vendor in vendors.items():
        app.register_blueprint(vendor.routes(parts.books, options, parts.windows[name]))
    app.register_blueprint(admin.blueprint(parts))
    app.register_blueprint(fault_plans.blueprint(parts))
    return app
