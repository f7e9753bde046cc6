"""What follows from what callers write: lines and the amounts they add up to, whole documents, payments.

Source: BILL's guides on invoices, credit memos and recorded payments. A line has a price and a quantity, or a rate in
per cent of all lines above it. What pays an invoice lowers what is due; nothing else moves its status.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from billing_mock.vendors.bill.contract import sent
from billing_mock.vendors.bill.presenter import CREDIT_LINE, LINE, USER_ID, timestamp
from billing_mock.written import Record

INVOICE_MEMBERS = ("invoiceNumber", "enableCardPayment")
CREDIT_MEMO_MEMBERS = ("referenceNumber", "description", "customerId")


def invoice(id_: str, body: Mapping[str, Any], *, decimals: int, now: datetime) -> Record:
    """A whole invoice as it stands after POST or PUT; a day that is not sent is today."""
    return {
        "id": id_,
        "archived": False,
        "invoiceNumber": body.get("invoiceNumber") or f"INV-{id_[-8:]}",
        "invoiceDate": (body.get("invoiceDate") or now.date()).isoformat(),
        "dueDate": (body.get("dueDate") or now.date()).isoformat(),
        "customerId": body["customer"]["id"],
        **_of_invoice(body, id_, decimals),
        "scheduledAmount": Decimal(0),
        "creditAmount": Decimal(0),
        "status": "OPEN",
        "exchangeRate": 1,
        "enableCardPayment": body.get("enableCardPayment", False),
        "createdBy": USER_ID,
        "createdTime": timestamp(now),
        "updatedTime": timestamp(now),
    }


def customer(id_: str, body: Mapping[str, Any], now: datetime) -> Record:
    """A whole customer as it stands after POST."""
    standard: Record = {"invoiceCurrency": "USD", "accountType": "BUSINESS"}
    times: Record = {"createdTime": timestamp(now), "updatedTime": timestamp(now)}
    return {"id": id_, "archived": False, **standard, **times, **body}


def patched_invoice(known: Mapping[str, Any], body: Mapping[str, Any], decimals: int) -> Record:
    """The members that a PATCH changes; new lines or another tax make new amounts, less what was paid already."""
    simple = {name: body[name] for name in INVOICE_MEMBERS if name in body}
    dates = {name: body[name].isoformat() for name in ("invoiceDate", "dueDate") if name in body}
    customer_of = {"customerId": body["customer"]["id"]} if "customer" in body else {}
    members: Record = {**simple, **dates, **customer_of}
    if {"invoiceLineItems", "salesTaxPercentage"} & body.keys():
        told = {name: known[name] for name in ("invoiceLineItems", "salesTaxPercentage") if name in known}
        amounts = _of_invoice({**told, **body}, str(known["id"]), decimals)
        members |= {**amounts, "dueAmount": Decimal(str(amounts["totalAmount"])) - _settled(known)}
    return members


def credit_memo(id_: str, body: Mapping[str, Any], *, decimals: int, now: datetime) -> Record:
    """A whole credit memo as it stands after POST or PUT; not used for any invoice yet."""
    return {
        "id": id_,
        "archived": False,
        "customerId": body["customerId"],
        "referenceNumber": body["referenceNumber"],
        "creditDate": body["creditDate"].isoformat(),
        **({"description": body["description"]} if "description" in body else {}),
        **_of_credit_memo(body, id_, decimals),
        "appliedAmount": Decimal(0),
        "status": "NOT_APPLIED",
        "usage": [],
        "createdTime": timestamp(now),
        "updatedTime": timestamp(now),
    }


def patched_credit_memo(known: Mapping[str, Any], body: Mapping[str, Any], decimals: int) -> Record:
    """The members that a PATCH changes."""
    members: Record = {name: body[name] for name in CREDIT_MEMO_MEMBERS if name in body}
    if "creditDate" in body:
        members["creditDate"] = body["creditDate"].isoformat()
    if {"creditMemoLineItems", "salesTaxPercentage"} & body.keys():
        told = {name: known[name] for name in ("creditMemoLineItems", "salesTaxPercentage") if name in known}
        members |= _of_credit_memo({**told, **body}, str(known["id"]), decimals)
    return members


def payment(id_: str, body: Mapping[str, Any], customer_id: str, now: datetime) -> Record:
    """A recorded payment as the list of receivable payments tells it; what no invoice takes is unapplied."""
    day = body["paymentDate"].isoformat()
    applied = sum((one["amount"] for one in body["invoices"]), Decimal(0))
    return {
        "id": id_,
        "customerId": customer_id,
        "amount": body["amount"],
        "paymentDate": day,
        "unappliedAmount": body["amount"] - applied,
        "receivablesType": body["paymentType"],
        "status": "PAID",
        "onlinePayment": False,
        "invoicePayments": [
            {"invoiceId": one["id"], "amount": one["amount"], "paymentDate": day} for one in body["invoices"]
        ],
        "createdTime": timestamp(now),
        "updatedTime": timestamp(now),
    }


def recorded(paid: Mapping[str, Any], body: Mapping[str, Any]) -> Record:
    """The answer to the recording of this payment."""
    told = {name: paid[name] for name in ("id", "customerId", "paymentDate", "amount", "unappliedAmount")}
    return {**told, "paymentType": body["paymentType"], "description": body.get("description", "")}


def payer_of(body: Mapping[str, Any], known: Mapping[str, Mapping[str, Any] | None]) -> str:
    """Whose invoices this payment pays; NotUnderstoodError with every reason why it cannot be recorded."""
    wrong, left = [], {id_: Decimal(str(one["dueAmount"])) for id_, one in known.items() if one and "dueAmount" in one}
    for place, one in enumerate(body["invoices"]):
        if one["id"] not in left:
            wrong.append(f"invoices.{place}.id: {one['id']} was not found")
            continue
        left[one["id"]] -= one["amount"]
        if left[one["id"]] < 0:
            wrong.append(f"invoices.{place}.amount: is more than is due")
    customers = {str(one["customerId"]) for one in known.values() if one and "customerId" in one}
    if len(customers) > 1 or ("customerId" in body and customers - {body["customerId"]}):
        wrong.append("invoices: must be of the same customer")
    if sum((one["amount"] for one in body["invoices"]), Decimal(0)) > body["amount"]:
        wrong.append("amount: is less than the invoices' amounts")
    if wrong:
        raise sent.NotUnderstoodError(wrong)
    return customers.pop()


def paid(known: Mapping[str, Any], payment_id: str, amount: Decimal, day: str) -> Record:
    """The members of an invoice that a payment changes."""
    due = Decimal(str(known["dueAmount"])) - amount
    told = {"id": payment_id, "amount": amount, "status": "PAID", "date": day}
    return {
        "payments": [*known.get("payments", []), told],
        "dueAmount": due,
        "status": "PARTIAL_PAYMENT" if due else "PAID_IN_FULL",
    }


def _of_invoice(body: Mapping[str, Any], id_: str, decimals: int) -> Record:
    lines, total, tax = _amounts(body["invoiceLineItems"], body.get("salesTaxPercentage"), LINE + id_[3:], decimals)
    return {"invoiceLineItems": lines, "totalAmount": total, "dueAmount": total, **tax}


def _of_credit_memo(body: Mapping[str, Any], id_: str, decimals: int) -> Record:
    percentage = body.get("salesTaxPercentage")
    lines, total, tax = _amounts(body["creditMemoLineItems"], percentage, CREDIT_LINE + id_[3:], decimals)
    return {"creditMemoLineItems": lines, "amount": total, **tax}


def _amounts(
    written: Sequence[Mapping[str, Any]], percentage: Decimal | None, name: str, decimals: int
) -> tuple[list[Record], Decimal, Record]:
    """Lines with ids and amounts, what they and the tax on them add up to, and the tax, None where there is none."""
    unit = Decimal(1).scaleb(-decimals)
    lines: list[Record] = []
    net = Decimal(0)
    for place, line in enumerate(written, start=1):
        rate = line.get("ratePercent")
        amount = line["price"] * line.get("quantity", 1) if rate is None else net * rate / 100
        amount = amount.quantize(unit, rounding=ROUND_HALF_UP)
        lines.append({"id": f"{name[:3]}{place:02d}{name[3:]}", **line, "amount": amount})
        net += amount
    tax = (net * (percentage or 0) / 100).quantize(unit, rounding=ROUND_HALF_UP)
    told: Record = {"salesTaxPercentage": percentage or None, "salesTaxTotal": tax if percentage else None}
    return lines, net + tax, told


def _settled(known: Mapping[str, Any]) -> Decimal:
    amounts = [one["amount"] for one in known.get("payments", ())]
    return sum((*amounts, known.get("creditAmount", 0), known.get("scheduledAmount", 0)), Decimal(0))
