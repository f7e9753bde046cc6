"""What may be written at BILL: customers, invoices, credit memos, payments received elsewhere.

Nothing here is idempotent: the same POST twice is two documents. Source: BILL's published v3 collection and reference.
"""

from flask import Blueprint, Response, request

from billing_mock.vendors.bill import errors, presenter
from billing_mock.vendors.bill.contract import schemas, sent
from billing_mock.vendors.bill.desk import writing
from billing_mock.vendors.bill.desk.desk import Desk, json_answer, new_id, now, understood

V3 = "/connect/v3"
MOST_IN_BULK = 50


def add_customers(pages: Blueprint, desk: Desk) -> None:
    """POST and PATCH."""

    @pages.post(f"{V3}/customers")
    @understood
    def create_customer() -> Response:
        body = sent.read(schemas.CustomerRequest(), request.get_data())
        return desk.create("customers", writing.customer(new_id(presenter.CUSTOMER), body, now()))

    @pages.patch(f"{V3}/customers/<id_>")
    @understood
    def change_customer(id_: str) -> Response:
        if not desk.lists.find("customers", id_):
            return errors.answer(errors.UNKNOWN_RECORD)
        return desk.change("customers", id_, sent.read(schemas.CustomerPatch(), request.get_data()))


def add_invoices(pages: Blueprint, desk: Desk) -> None:
    """POST, PUT and PATCH."""

    def read() -> tuple[dict[str, object], int]:
        """What was sent, with a known customer, and the decimals of the currency in which that one is billed."""
        body = sent.read(schemas.InvoiceRequest(), request.get_data())
        if "id" not in body["customer"]:
            one = writing.customer(new_id(presenter.CUSTOMER), body["customer"], now())
            desk.written.create("customers", str(one["id"]), one)
            body["customer"] = {"id": one["id"]}
        return body, desk.decimals(body["customer"]["id"], "customer.id")

    @pages.post(f"{V3}/invoices")
    @understood
    def create_invoice() -> Response:
        body, decimals = read()
        return desk.create("invoices", writing.invoice(new_id(presenter.INVOICE), body, decimals=decimals, now=now()))

    @pages.put(f"{V3}/invoices/<id_>")
    @understood
    def replace_invoice(id_: str) -> Response:
        known = desk.lists.find("invoices", id_)
        if not known:
            return errors.answer(errors.UNKNOWN_RECORD)
        body, decimals = read()
        return desk.replace("invoices", known, writing.invoice(id_, body, decimals=decimals, now=now()))

    @pages.patch(f"{V3}/invoices/<id_>")
    @understood
    def change_invoice(id_: str) -> Response:
        known = desk.lists.find("invoices", id_)
        if not known:
            return errors.answer(errors.UNKNOWN_RECORD)
        body = sent.read(schemas.InvoicePatch(), request.get_data())
        customer = body.get("customer", {}).get("id", known["customerId"])
        return desk.change(
            "invoices", id_, writing.patched_invoice(known, body, desk.decimals(str(customer), "customer.id"))
        )


def add_credit_memos(pages: Blueprint, desk: Desk) -> None:
    """POST, PUT, PATCH, and up to fifty at once, of which all or none are created."""

    def made(body: dict[str, object], id_: str = "") -> dict[str, object]:
        decimals = desk.decimals(str(body["customerId"]), "customerId")
        return writing.credit_memo(id_ or new_id(presenter.CREDIT_MEMO), body, decimals=decimals, now=now())

    @pages.post(f"{V3}/credit-memos")
    @understood
    def create_credit_memo() -> Response:
        return desk.create("credit-memos", made(sent.read(schemas.CreditMemoRequest(), request.get_data())))

    @pages.post(f"{V3}/credit-memos/bulk")
    @understood
    def create_credit_memos() -> Response:
        bodies = sent.read_many(schemas.CreditMemoRequest(), request.get_data(), most=MOST_IN_BULK)
        records = [made(body) for body in bodies]
        for record in records:
            desk.written.create("credit-memos", str(record["id"]), record)
        return json_answer([desk.lists.find("credit-memos", str(record["id"])) for record in records], 201)

    @pages.put(f"{V3}/credit-memos/<id_>")
    @understood
    def replace_credit_memo(id_: str) -> Response:
        known = desk.lists.find("credit-memos", id_)
        if not known:
            return errors.answer(errors.UNKNOWN_RECORD)
        body = sent.read(schemas.CreditMemoRequest(), request.get_data())
        return desk.replace("credit-memos", known, made(body, id_))

    @pages.patch(f"{V3}/credit-memos/<id_>")
    @understood
    def change_credit_memo(id_: str) -> Response:
        known = desk.lists.find("credit-memos", id_)
        if not known:
            return errors.answer(errors.UNKNOWN_RECORD)
        body = sent.read(schemas.CreditMemoPatch(), request.get_data())
        decimals = desk.decimals(str(body.get("customerId", known["customerId"])), "customerId")
        return desk.change("credit-memos", id_, writing.patched_credit_memo(known, body, decimals))


def add_payments(pages: Blueprint, desk: Desk) -> None:
    """A payment received elsewhere, the e-mail that asks for one, and the link to pay by; all POST."""

    @pages.post(f"{V3}/invoices/record-payment")
    @understood
    def record_payment() -> Response:
        body = sent.read(schemas.RecordPaymentRequest(), request.get_data())
        known = {one["id"]: desk.lists.find("invoices", one["id"]) for one in body["invoices"]}
        payer = writing.payer_of(body, known)
        record = writing.payment(new_id(presenter.PAYMENT), body, payer, now())
        desk.written.create("receivable-payments", str(record["id"]), record)
        for one in body["invoices"]:
            invoice = desk.lists.find("invoices", one["id"]) or {}
            desk.change(
                "invoices",
                one["id"],
                writing.paid(invoice, str(record["id"]), one["amount"], str(record["paymentDate"])),
            )
        return json_answer(writing.recorded(record, body))

    @pages.post(f"{V3}/invoices/<id_>/email")
    @understood
    def send_invoice(id_: str) -> Response:
        """No mail is sent; like BILL's, the answer is empty, and the invoice stays as it is."""
        if not desk.lists.find("invoices", id_):
            return errors.answer(errors.UNKNOWN_RECORD)
        sent.read(schemas.EmailRequest(), request.get_data())
        if not desk.emails.take(presenter.DEV_KEY).granted:
            return errors.answer(
                errors.by_the_minute(desk.options.bill_emails_per_minute), desk.options.bill_limit_status
            )
        return Response("", 200)

    @pages.post(f"{V3}/invoices/<id_>/payment-link")
    @understood
    def link_payment(id_: str) -> Response:
        known = desk.lists.find("invoices", id_)
        if not known:
            return errors.answer(errors.UNKNOWN_RECORD)
        body = sent.read(schemas.PaymentLinkRequest(), request.get_data())
        if body["customerId"] != known["customerId"]:
            return errors.invalid(["customerId: is not the customer of this invoice"])
        return json_answer({"paymentLink": presenter.PAYMENT_PAGE + id_})
