"""A body for each operation that takes one, by the operation's name; figures as in BILL's own samples.

The customer is one of the data set, so that the bodies can be sent as they are, but for the log-on.
"""

from decimal import Decimal

_CUSTOMER = "0cu01USD000000000001"
_LINES = [
    {"quantity": 2, "description": "Classic extreme drum sticks", "price": Decimal("14.99")},
    {"quantity": 1, "description": "Metal guitar picks (5-pack)", "price": 50},
]
_INVOICE = {
    "customer": {"id": _CUSTOMER},
    "invoiceLineItems": _LINES,
    "invoiceNumber": "202502",
    "dueDate": "2025-12-31",
}
_MEMO = {
    "customerId": _CUSTOMER,
    "referenceNumber": "202502-credit",
    "creditDate": "2025-12-28",
    "creditMemoLineItems": [*_LINES, {"description": "10% discount", "ratePercent": -10}],
}
_NEW = {"name": "Happy Music Supplies", "email": "happy-music@example.com", "invoiceCurrency": "USD"}

SAMPLES: dict[str, object] = {
    "API login": {"username": "", "password": "", "organizationId": "", "devKey": ""},
    "Create a customer": _NEW,
    "Update a customer": {"phone": "5551234567"},
    "Create an invoice": _INVOICE,
    "Replace an invoice": {**_INVOICE, "invoiceNumber": "202503"},
    "Update an invoice": {"dueDate": "2026-01-31"},
    "Send an invoice": {
        "recipient": {"to": ["happy-music@example.com"]},
        "replyTo": {"userId": "00601BILLINGMOCK0001"},
    },
    "Get invoice payment link": {"customerId": _CUSTOMER, "email": "happy-music@example.com"},
    "Record AR payment": {
        "customerId": _CUSTOMER,
        "paymentDate": "2025-12-20",
        "paymentType": "CREDIT_CARD",
        "amount": 100,
        "invoices": [{"id": "00e01XXXXXXXXXXXXXXX", "amount": 50}],
        "description": "Accepted credit card payment in store",
    },
    "Create a credit memo": _MEMO,
    "Replace a credit memo": {**_MEMO, "referenceNumber": "202503-credit"},
    "Update a credit memo": {"description": "Returned goods"},
    "Create multiple credit memos": [_MEMO, {**_MEMO, "referenceNumber": "202504-credit"}],
}
