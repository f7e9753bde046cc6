"""Neutral documents in BILL's words, and what its invoices and credit memos should lead to in SAP.

An invoice carries neither currency nor link: the currency is its customer's. A cancelled one is archived and its status
stays OPEN; one that is credited in part has a credit memo. Absent members are left out. Source of names and types:
BILL's published v3 collection and developer pages.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from billing_mock.books import Books, Expected
from billing_mock.dataset import CURRENCIES, CUSTOMERS
from billing_mock.documents import Credit, Customer, Document, Line, Payment
from billing_mock.written import Record, Written

USERNAME = "taylor.lee@example.com"
PASSWORD = "bill-mock-password"  # noqa: S105  # the stand-in's own, told at /_mock/settings
ORGANIZATION_ID = "00801BILLINGMOCK0001"
USER_ID = "00601BILLINGMOCK0001"
DEV_KEY = "01BILLINGMOCKDEVKEY1"

INVOICE, CUSTOMER, LINE, CREDIT_MEMO, CREDIT_LINE, PAYMENT = "00e", "0cu", "00l", "ccr", "cci", "0rp"
"""How the ids of each kind of object begin."""

CUSTOMER_LIST = tuple(
    Customer(index=index, currency=currency) for currency in CURRENCIES for index in range(len(CUSTOMERS))
)
CUSTOMER_WITHOUT_CURRENCY = f"{CUSTOMER}01XXX000000000001"

PAYMENT_PAGE = "https://app-stage.us.bill.example/pay/"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_MOMENT = "2019-01-01T00:00:00.000Z"

STATUS = {
    Payment.OPEN: "OPEN",
    Payment.PARTIAL: "PARTIAL_PAYMENT",
    Payment.SCHEDULED: "SCHEDULED",
    Payment.FULL: "PAID_IN_FULL",
}

_SPOILT: dict[str, Mapping[str, object]] = {
    "amount_missing": {"totalAmount": None},
    "date_malformed": {"invoiceDate": "12/10/2023"},
    "amount_too_fine": {"totalAmount": Decimal("12.3456")},
    "number_too_long": {"id": f"{INVOICE}TOOLONGFORFORTYCHARACTERSNUMBER"},
    "amount_as_text": {"totalAmount": "1.234,56"},
    "currency_missing": {"customerId": CUSTOMER_WITHOUT_CURRENCY},
    "not_a_record": {"unavailable": f"invoice {INVOICE}NUMBER is temporarily not available"},
    "date_impossible": {"invoiceDate": "2023-02-30"},
    "number_missing": {"id": None},
    "amount_too_big": {"totalAmount": Decimal("12345678901234567890.12")},
}
"""Defect → the members that it replaces; None leaves the member out."""


def settings(base_url: str) -> dict[str, str]:
    """The pipeline's settings for this vendor when billing-mock answers at `base_url`."""
    return {
        "B2S_BILL_URL": f"{base_url}/bill/connect",
        "B2S_BILL_USERNAME": USERNAME,
        "B2S_BILL_PASSWORD": PASSWORD,
        "B2S_BILL_ORGANIZATION_ID": ORGANIZATION_ID,
        "B2S_BILL_DEV_KEY": DEV_KEY,
    }


def number_of(vendor_id: str) -> str:
    """BILL's id of an invoice → its neutral number."""
    return vendor_id.removeprefix(INVOICE)


def expected(books: Books, written: Written) -> Expected:
    """Every good invoice and credit memo is to be delivered, archived or not, in its customer's currency.

    Credit memos count below zero. What is bad, or is billed to the customer without currency, is quarantined.
    """
    delivered = quarantined = 0
    sums: dict[str, Decimal] = {}
    for told, sign in _billed(books, written):
        currency = currency_of(str(told.get("customerId")), written)
        if not currency:
            quarantined += 1
            continue
        delivered += 1
        amount = Decimal(str(told["totalAmount" if sign > 0 else "amount"]))
        sums[currency] = sums.get(currency, Decimal(0)) + sign * amount
    return Expected(delivered=delivered, held=0, quarantined=quarantined, sums=sums)


def _billed(books: Books, written: Written) -> Iterator[tuple[Record, int]]:
    """Customer and amount of every invoice and credit memo as they stand, and whether it is charged or credited."""
    for document in books.documents():
        if document.invoice.defect:
            yield {}, 1
            continue
        billed_to = customer_id(document.customer)
        invoiced: Record = {"totalAmount": document.invoice.total, "customerId": billed_to}
        yield written.over("invoices", INVOICE + document.invoice.number, invoiced), 1
        if has_credit_memo(document):
            credited: Record = {"amount": _part(document).total, "customerId": billed_to}
            yield written.over("credit-memos", CREDIT_MEMO + document.invoice.number, credited), -1
    yield from ((written.over("invoices", id_, {}), 1) for id_ in written.created("invoices"))
    yield from ((written.over("credit-memos", id_, {}), -1) for id_ in written.created("credit-memos"))


def customer_id(customer: Customer) -> str:
    """The customer's id; the same customer billed in another currency is another object."""
    return f"{CUSTOMER}01{customer.currency}{customer.index + 1:012d}"


CUSTOMER_IDS = {customer_id(customer): customer for customer in CUSTOMER_LIST}


def currency_of(id_: str, written: Written) -> str:
    """The currency in which this customer is billed."""
    known = CUSTOMER_IDS.get(id_)
    return str(written.over("customers", id_, {"invoiceCurrency": known.currency if known else ""})["invoiceCurrency"])


def timestamp(moment: datetime) -> str:
    """UTC with milliseconds, as BILL writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(moment: datetime) -> int:
    """As many as since 1970, of which `timestamp_of` makes the same text that `timestamp` makes of the moment."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def timestamp_of(moment: int) -> str:
    """The text of what `milliseconds` told."""
    return timestamp(EPOCH + timedelta(milliseconds=moment))


def customer(known: Customer | None) -> Record:
    """One customer; None is the one of whom no currency is known."""
    if known is None:
        return {
            "id": CUSTOMER_WITHOUT_CURRENCY,
            "archived": False,
            "name": "Without currency",
            "email": "billing@example.com",
            "createdTime": FIRST_MOMENT,
            "updatedTime": FIRST_MOMENT,
        }
    return {
        "id": customer_id(known),
        "archived": False,
        "name": known.name,
        "companyName": known.name,
        "email": f"{known.number.lower()}@example.com",
        "invoiceCurrency": known.currency,
        "accountType": "BUSINESS",
        "billingAddress": {
            "line1": "1 Main Street",
            "city": "Springfield",
            "zipOrPostalCode": "12345",
            "country": "US",
        },
        "hasBankAccount": False,
        "authorizedToCharge": False,
        "createdTime": FIRST_MOMENT,
        "updatedTime": FIRST_MOMENT,
    }


Times = tuple[datetime, datetime]
"""When a record was created, and when it was last changed."""


def _told_times(times: Times) -> Record:
    return dict(zip(("createdTime", "updatedTime"), map(timestamp, times), strict=True))


def invoice_times(document: Document) -> Times:
    """Those of the invoice."""
    return document.created, document.updated


def credit_memo_times(document: Document) -> Times:
    """Those of the credit memo; only for a document that is credited in part."""
    made = document.moment("credited", _part(document).issued)
    return made, document.invoice.changed or made


def payment_times(document: Document) -> Times:
    """Those of the payment."""
    made = document.moment("paid", document.paid_on)
    return made, made


def invoice_head(document: Document) -> Record:
    """The members of an invoice by which lists are filtered and sorted."""
    record = document.invoice
    head: Record = {
        "id": INVOICE + record.number,
        "archived": document.cancelled,
        **({"recordStatus": "INACTIVE"} if document.cancelled else {}),
        # people choose these, and choose them twice
        "invoiceNumber": f"{record.issued:%Y%m}" if record.position % 50 == 7 else record.number,
        "invoiceDate": record.issued.isoformat(),
        "dueDate": document.due.isoformat(),
        "customerId": customer_id(document.customer),
        **_told_times(invoice_times(document)),
    }
    return _spoilt(head, record.defect, record.number, only_known=True)


def invoice(document: Document) -> Record:
    """The whole invoice."""
    total, paid = document.invoice.total, document.paid
    credited = document.credit.total if document.credit and not document.cancelled else Decimal(0)
    scheduled = total if document.payment is Payment.SCHEDULED else Decimal(0)
    tax: Record = {
        "salesTaxItemId": f"0tx01{document.rate:015d}",
        "salesTaxTotal": document.tax,
        "salesTaxPercentage": document.rate,
    }
    whole: Record = {
        **invoice_head(document),
        "totalAmount": total,
        "dueAmount": total - paid - credited - scheduled,
        "scheduledAmount": scheduled,
        "creditAmount": credited,
        "status": STATUS[document.payment],
        "exchangeRate": 1,
        "invoiceLineItems": [line_item(document, line) for line in document.lines],
        "payToChartOfAccountId": "0ca01000000000000001",
        **({"payments": [_payment_of(document)]} if paid else {}),
        **(tax if document.rate else {}),
        "enableCardPayment": False,
        "createdBy": USER_ID,
    }
    return _spoilt(whole, document.invoice.defect, document.invoice.number)


def line_item(document: Document, line: Line, prefix: str = LINE) -> Record:
    """One line; BILL knows neither discount nor duration, so that a line with a discount is told as one piece."""
    whole = bool(line.discount)
    return {
        "id": f"{prefix}{line.number:02d}{document.invoice.number}",
        "description": line.product,
        "quantity": 1 if whole else line.quantity * line.duration,
        "price": line.net if whole else line.unit_price,
        "amount": line.net,
        "taxable": bool(document.rate),
        "classifications": {"chartOfAccountId": "0ca01000000000000002", "departmentId": line.cost_centre},
    }


def credit_memo_head(document: Document) -> Record:
    """The members of a credit memo by which lists are filtered; only for a document that is credited in part."""
    return {
        "id": CREDIT_MEMO + document.invoice.number,
        "archived": False,
        "customerId": customer_id(document.customer),
        **_told_times(credit_memo_times(document)),
    }


def credit_memo(document: Document) -> Record:
    """The whole credit memo, used up by the invoice that it takes back in part."""
    credit = _part(document)
    tax: Record = {"salesTaxTotal": credit.tax, "salesTaxPercentage": document.rate}
    return {
        **credit_memo_head(document),
        "referenceNumber": f"CM-{document.invoice.number}",
        "creditDate": credit.issued.isoformat(),
        "description": "Credit",
        "amount": credit.total,
        "appliedAmount": credit.total,
        "status": "FULLY_APPLIED",
        **(tax if document.rate else {}),
        "creditMemoLineItems": [line_item(document, line, CREDIT_LINE) for line in credit.lines],
        "usage": [{"invoiceId": INVOICE + document.invoice.number, "amount": credit.total}],
    }


def has_credit_memo(document: Document) -> bool:
    """Whether it is credited in part; a cancelled invoice is archived instead."""
    return bool(document.credit and not document.cancelled)


def payment_head(document: Document) -> Record:
    """The members of a customer's payment by which lists are filtered."""
    return {
        "id": PAYMENT + document.invoice.number,
        "customerId": customer_id(document.customer),
        **_told_times(payment_times(document)),
    }


def payment(document: Document) -> Record:
    """The whole payment."""
    paid: Record = {"amount": document.paid, "paymentDate": document.paid_on.isoformat()}
    return {
        **payment_head(document),
        **paid,
        "unappliedAmount": 0,
        "receivablesType": "CREDIT_CARD",
        "status": "PAID",
        "onlinePayment": True,
        "invoicePayments": [{"invoiceId": INVOICE + document.invoice.number, **paid}],
    }


def has_payment(document: Document) -> bool:
    """Whether anything has been paid."""
    return bool(document.paid) and not document.invoice.defect


def _payment_of(document: Document) -> Record:
    return {
        "id": PAYMENT + document.invoice.number,
        "amount": document.paid,
        "status": "PAID",
        "date": document.paid_on.isoformat(),
    }


def _part(document: Document) -> Credit:
    if document.credit is None:
        raise ValueError(f"{document.invoice.number} is not credited.")
    return document.credit


def _spoilt(record: Record, defect: str | None, number: str, *, only_known: bool = False) -> Record:
    changes = {
        name: value.replace("NUMBER", number) if isinstance(value, str) else value
        for name, value in _SPOILT.get(defect or "", {}).items()
        if name in record or not only_known
    }
    return {name: value for name, value in {**record, **changes}.items() if value is not None}


def decimals_of(currency: str) -> int:
    """How many decimals; two for a currency of a caller's own."""
    return CURRENCIES.get(currency, 2)


def told(record: Record) -> object:
    """A record as it is listed: one that is temporarily not available is only a sentence."""
    return record.get("unavailable", record)
