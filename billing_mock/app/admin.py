"""The addresses under /_mock, without log-on: what should arrive, how to point the pipeline here, how to change it."""

from decimal import Decimal

from flask import Blueprint, Flask, request
from marshmallow import ValidationError

from billing_mock.app import bodies
from billing_mock.app.foreign import refuse_foreign
from billing_mock.app.parts import Parts
from billing_mock.app.truth import Truth
from billing_mock.books import BooksError, UnknownInvoiceError
from billing_mock.faults import PlanError

Answer = tuple[dict[str, object], int]


def blueprint(parts: Parts) -> Blueprint:
    """All of /_mock but the fault plans."""
    pages = Blueprint("admin", __name__, url_prefix="/_mock")
    pages.before_request(refuse_foreign)
    truth = Truth(parts.books, parts.vendors, parts.options.day)

    @pages.get("/health")
    def health() -> dict[str, object]:
        options = parts.options
        return {
            "status": "ok",
            "vendors": list(parts.vendors),
            "invoices": options.invoices,
            "bad_records": options.bad_records,
            "seed": options.seed,
        }

    @pages.get("/truth")
    def tell_the_truth() -> dict[str, object]:
        return truth.tell()

    @pages.get("/settings")
    def settings() -> dict[str, str]:
        base_url = request.host_url.rstrip("/")
        return {name: value for vendor in parts.vendors.values() for name, value in vendor.settings(base_url).items()}

    @pages.post("/mutate")
    def mutate() -> dict[str, object]:
        change = bodies.MutationSchema().load(bodies.posted(parse_float=Decimal))
        bodies.known(change["source"], parts.vendors)
        vendor = parts.vendors[change["source"]]
        if "remove" in change:
            parts.books.remove(vendor.number_of(change["remove"]))
        else:
            parts.books.change_total(vendor.number_of(change["id"]), change["total_amount"])
        return truth.tell()

    @pages.post("/reset")
    def reset() -> dict[str, object]:
        parts.reset()
        return truth.tell()

    return pages


def install_refusals(app: Flask) -> None:
    """Let every mistake in what is posted be answered with one sentence."""

    @app.errorhandler(ValidationError)
    def not_understood(error: ValidationError) -> Answer:
        told = ((name, " ".join(texts)) for name, texts in error.messages_dict.items())
        return {"error": "; ".join(f"{name}: {text}" for name, text in told)}, 400

    @app.errorhandler(BooksError)
    @app.errorhandler(PlanError)
    def not_possible(error: Exception) -> Answer:
        return {"error": str(error)}, 404 if isinstance(error, UnknownInvoiceError) else 400
