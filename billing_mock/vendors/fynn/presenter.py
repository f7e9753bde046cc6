"""Postings in Fynn's words, and what its list should lead to in SAP.

Amounts are money objects in the smallest unit; days are moments in UTC that only in Berlin are the day they mean. The
example record of Fynn's own documentation, whose amounts are empty, is part of every list. Source of names and types:
the Fynn API documentation, get-postings.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain

from billing_mock.books import Expected
from billing_mock.dataset import CURRENCIES
from billing_mock.documents import Document, Line
from billing_mock.options import MoneyText, Options, Revenue, Unit
from billing_mock.vendors.fynn.accounting import chart
from billing_mock.vendors.fynn.accounting.postings import Posting, count, postings

TOKEN = "fynn-billing-mock"  # noqa: S105  # the stand-in's own, told at /_mock/settings
TOKEN_WITHOUT_PERMISSION = "fynn-billing-mock-without-permission"  # noqa: S105  # a stand-in's own
TOKEN_EXPIRED = "fynn-billing-mock-expired"  # noqa: S105  # a stand-in's own

INVOICE, CANCELLATION, CREDIT_NOTE = "RE-", "ST-", "GS-"
"""How the numbers of invoices, of their cancellations and of credit notes begin."""

_DIMENSIONS: dict[str, object] = {
    "costCentre1": "KOST1",
    "costCentre2": "KOST2",
    "product": "Product name",
    "productFamily": "Product family name",
    "invoiceNumber": "INV-2021-0001",
    "lineItemDescription": "Line item description",
    "taxRate": 19,
    "subscription": "Subscription name",
    "subscriptionId": "ad8f8f8f-8f8f-8f-8f-8f8f8f8f8f8f",
    "paymentGateway": "paypal, stripe, sepa_debit, go_cardless, bank_transfer, testing",
    "paymentMethodType": "sepa_debit, card, paypal, bank_transfer, wallet",
    "paymentProviderReference": "PayPal reference",
    "customerNumber": "CUST-2021-0001",
    "customerId": "ad8f8f8f-8f8f-8f-8f-8f8f8f8f8f8f",
    "invoiceId": "ad8f8f8f-8f8f-8f8f-8f8f-8f8f8f8f8f8f",
    "paymentId": "8f8f8f8f-8f8f-8f-8f-8f8f8f8f8f8f",
    "paymentNumber": "PAY-2021-0001",
    "serviceDateFrom": "2021-01-01",
    "serviceDateTo": "2021-01-31",
    "reversalPostingId": "8f8f8f8f-8f8f-8f-8f-8f8f8f8f8f8f",
    "cancelInvoiceId": "8f8f8f8f-8f8f-8f-8f-8f8f8f8f8f8f",
    "cancelInvoiceNumber": "INV-2021-0001",
}
_SIDE: dict[str, object] = {
    "id": "f3b3b3b3-3b3b-3b3b-3b3b-3b3b3b3b3b3b",
    "amount": {},
    "date": "2023-11-07T05:31:56Z",
    "account": {
        "id": "f3b3b3b3-3b3b-3b3b-3b3b-3b3b3b3b3b3b",
        "name": "Bankkonto",
        "number": "1200",
        "type": "revenueGermany",
    },
    "dimensions": _DIMENSIONS,
}
EXAMPLE: dict[str, object] = {
    "id": "f3b3b3b3-3b3b-3b3b-3b3b-3b3b3b3b3b3b",
    "debit": _SIDE,
    "credit": _SIDE,
    "createdAt": "2023-11-07T05:31:56Z",
    "updatedAt": "2023-11-07T05:31:56Z",
    "type": "revenue",
    "committed": True,
}
"""The example record of Fynn's documentation, word for word: malformed UUIDs, empty amounts."""

DIMENSIONS = tuple(_DIMENSIONS)
"""All that a posting can be searched by."""

_SPOILT_MONEY: dict[str, Mapping[str, object]] = {
    "amount_missing": {},
    "amount_too_fine": {"amount": "12.3456", "currencyCode": "EUR", "precision": 4},
    "amount_as_text": {"amount": "1.234,56", "currencyCode": "EUR", "precision": 2},
    "currency_missing": {"amount": 1000, "precision": 2},
    "amount_too_big": {"amount": 10**24, "currencyCode": "EUR", "precision": 2},
}
_SPOILT_DATES = {"date_malformed": "12/10/2023", "date_impossible": "2023-02-30T12:00:00Z"}


def settings(base_url: str, options: Options) -> dict[str, str]:
    """The pipeline's settings for this vendor when billing-mock answers at `base_url`."""
    told = {"B2S_FYNN_URL": f"{base_url}/fynn", "B2S_FYNN_TOKEN": TOKEN}
    return told if options.fynn_unit == Unit.MINOR else {**told, "B2S_FYNN_UNIT": options.fynn_unit.value}


def number_of(vendor_id: str) -> str:
    """Fynn's number of an invoice → its neutral number."""
    return vendor_id.removeprefix(INVOICE)


def expected(documents: Iterable[Document], grown: Iterable[Document], options: Options) -> Expected:
    """What is committed and due is to be delivered, the rest held; bad ones and the example are quarantined.

    `grown` are documents of which only the first posting is listed.
    """
    delivered = held = 0
    quarantined = 1
    sums: dict[str, Decimal] = {}
    today = options.day()
    first = ((document, made_of(document, options)[:1]) for document in grown)
    for document, made in chain(first, ((document, made_of(document, options)) for document in documents)):
        if document.invoice.defect:
            quarantined += 1
            continue
        due = [posting for posting in made if document.final and posting.day <= today]
        delivered += len(due)
        held += len(made) - len(due)
        if due:
            currency = document.invoice.currency
            sums[currency] = sums.get(currency, Decimal(0)) + sum(posting.amount for posting in due)
    return Expected(delivered=delivered, held=held, quarantined=quarantined, sums=sums)


def made_of(document: Document, options: Options) -> list[Posting]:
    """The document's postings as this tenant's accounts have them made."""
    return postings(document, gross=_is_gross(document, options))


def count_of(document: Document, options: Options) -> int:
    """How many postings those are."""
    return count(document, gross=_is_gross(document, options))


def _is_gross(document: Document, options: Options) -> bool:
    return options.fynn_revenue == Revenue.GROSS and not _has_posting_key(document, options)


def _has_posting_key(document: Document, options: Options) -> bool:
    return options.fynn_posting_keys and document.invoice.position % 3 == 0


def posting_record(document: Document, posting: Posting, options: Options) -> object:
    """One element of `data`."""
    defect = document.invoice.defect
    id_ = posting_id(document, posting.ordinal)
    if defect == "not_a_record":
        return f"posting {id_} is temporarily not available"
    sides = {
        name: {
            "id": _uuid(document, f"{name} {posting.ordinal}"),
            "amount": _money(document, posting, options),
            "date": _SPOILT_DATES.get(defect or "") or timestamp(_moment(document, posting)),
            "account": _account(key, document, options),
            "dimensions": dimensions(document, posting),
        }
        for name, key in (("debit", posting.debit), ("credit", posting.credit))
    }
    record: dict[str, object] = {
        "id": f"{id_}-too-long-for-any-key" if defect == "number_too_long" else id_,
        **sides,
        "createdAt": timestamp(document.created),
        "updatedAt": timestamp(document.updated),
        "type": posting.type,
        "committed": document.final,
    }
    if defect == "number_missing":
        del record["id"]
    return record


def dimensions(document: Document, posting: Posting) -> dict[str, object]:
    """What a posting can be searched by; each only where it has a meaning."""
    number = document.invoice.number
    back = posting.reverses is not None
    prefix = CANCELLATION if back else CREDIT_NOTE if posting.credit_note else INVOICE
    told: dict[str, object] = {
        "invoiceNumber": prefix + number,
        "invoiceId": _uuid(document, f"invoice {prefix}"),
        "customerNumber": document.customer.number,
        "customerId": _uuid(None, document.customer.number),
    }
    if line := _line(document, posting):
        told |= {
            "costCentre1": line.cost_centre,
            "product": line.product,
            "productFamily": line.family,
            "lineItemDescription": line.product,
            "taxRate": document.rate,
            "subscription": line.product,
            "subscriptionId": _uuid(document, f"subscription {line.number}"),
            "serviceDateFrom": document.service_from.isoformat(),
            "serviceDateTo": document.service_to.isoformat(),
        }
    if posting.gateway:
        _, gateway, method = posting.gateway
        told |= {
            "paymentGateway": gateway,
            "paymentMethodType": method,
            "paymentProviderReference": f"ref-{number}",
            "paymentId": _uuid(document, "payment"),
            "paymentNumber": f"PAY-{number}",
        }
    if posting.reverses is not None:
        told |= {
            "reversalPostingId": posting_id(document, posting.reverses),
            "cancelInvoiceId": _uuid(document, f"invoice {INVOICE}"),
            "cancelInvoiceNumber": INVOICE + number,
        }
    return told


def _line(document: Document, posting: Posting) -> Line | None:
    """What the posting is for, if it is about a line."""
    if posting.line is None:
        return None
    lines = document.credit.lines if posting.credit_note and document.credit else document.lines
    return lines[posting.line - 1]


def posting_id(document: Document, ordinal: int) -> str:
    """The posting's own id, which never changes."""
    return _uuid(document, f"posting {ordinal}")


def timestamp(moment: datetime) -> str:
    """UTC to the second, as Fynn writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(document: Document, posting: Posting) -> datetime:
    return document.moment(f"posting {posting.day}", posting.day)


def _money(document: Document, posting: Posting, options: Options) -> Mapping[str, object]:
    """The smallest units as an integer, as a rule; every fourth document leaves out how many decimals that means."""
    defect = document.invoice.defect
    if defect in _SPOILT_MONEY:
        return _SPOILT_MONEY[defect]
    decimals = CURRENCIES[document.invoice.currency]
    number = posting.amount if options.fynn_unit == Unit.MAJOR else int(posting.amount.scaleb(decimals))
    amount: object = str(number) if options.fynn_amounts == MoneyText.STRING else number
    told = {"amount": amount, "currencyCode": document.invoice.currency}
    return told if document.invoice.position % 4 == 1 else {**told, "precision": decimals}


def _account(key: str, document: Document, options: Options) -> dict[str, object]:
    account = chart.account(key, options.fynn_chart, with_posting_key=_has_posting_key(document, options))
    return {"id": _uuid(None, key), "name": account.name, "number": account.number, "type": account.type}


def _uuid(document: Document | None, name: str) -> str:
    owner = json.dumps([document.seed, document.invoice.position]) if document else ""
    told = hashlib.blake2b(f"{owner}/{name}".encode(), digest_size=16).hexdigest()
    return f"{told[:8]}-{told[8:12]}-4{told[13:16]}-a{told[17:20]}-{told[20:]}"
