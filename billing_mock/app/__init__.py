"""Everything is put together here: the books, the vendors that list them, the faults, the addresses under /_mock."""

from flask import Flask

from billing_mock.app import admin, fault_plans, performing
from billing_mock.app.parts import Parts
from billing_mock.app.vendors import VENDORS
from billing_mock.books import Books
from billing_mock.dataset import Dataset
from billing_mock.faults import FaultPlans
from billing_mock.options import Options


def create_app(options: Options, *, prepared: bool = False) -> Flask:
    """A billing-mock that keeps its own books; two of them share nothing.

    A `prepared` one has worked out what the first pages need; otherwise the first that asks waits for it.
    """
    dataset = Dataset(seed=options.seed, size=options.invoices, bad=options.bad_records, only_usd=options.only_usd)
    books = Books(dataset)
    parts = Parts(
        options=options,
        books=books,
        plans=FaultPlans(),
        vendors={name: VENDORS[name](books, options) for name in options.vendors},
    )
    if prepared:
        books.prepare()
    app = Flask("billing_mock", static_folder=None)
    performing.install(app, parts)
    admin.install_refusals(app)
    for vendor in parts.vendors.values():
        app.register_blueprint(vendor.pages)
    app.register_blueprint(admin.blueprint(parts))
    app.register_blueprint(fault_plans.blueprint(parts))
    return app
