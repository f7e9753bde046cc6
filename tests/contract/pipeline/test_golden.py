"""The sample records of the vendors' own pages, as bytes, and the bytes that leave for SAP. Field by field, to the last.

Postman: the blog article on the billing endpoints. BILL: the invoice that its collection creates (2 x 14.99 + 50).
Fynn: the example of get-postings with the money that it leaves empty, a tax of it, and its worked deferral. Copaco's
pages show no values: members and formulas are theirs, the values ours.
"""

import json

import pytest
from judges import judge_of
from told_documents import PAYABLES, from_json, from_xml

POSTMAN = b"""{"id": "inv_7UDSYBJPGQU93N7M", "status": "PAID", "issuedAt": "2023-10-12",
  "totalAmount": {"value": 440, "currency": "USD"},
  "links": {"web": {"href": "https://pay.postman.com/invoices/pay?invoice_public_id=inv_7UDSYBJPGQU93N7M"}}}"""
PAID = PAYABLES.replace("V1", "V0").replace('"19"', '"0"')

BILL = b"""{"id": "00e01ABCDEFGHIJ", "archived": false, "invoiceNumber": "202502", "invoiceDate": "2025-12-31",
  "dueDate": "2025-12-31", "customerId": "0cu01", "totalAmount": 79.98, "dueAmount": 79.98, "status": "OPEN",
  "exchangeRate": 1, "createdTime": "2025-09-01T00:00:00.000Z", "updatedTime": "2025-09-01T00:00:00.000Z",
  "invoiceLineItems": [{"id": "0ii1", "price": 14.99, "quantity": 2}, {"id": "0ii2", "price": 50, "quantity": 1}],
  "$customer": {"id": "0cu01", "invoiceCurrency": "USD"}}"""

COPACO = b"""<?xml version="1.0" encoding="utf-8"?>
<InvoiceResponse xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<Invoice><Header><InvoiceID>2026-0001</InvoiceID><Date>2026-01-31</Date><Currency>EUR</Currency><Type>Credit</Type>
<TypeIdentifier>381</TypeIdentifier></Header><Sender><IBAN>NL00</IBAN></Sender><Receiver/>
<Customers><Customer><AccountID /><CostCenter>KOST1</CostCenter><Subscriptions><Subscription><PriceLines><PriceLine>
<Quantity>-3</Quantity><UnitPrice>10.00</UnitPrice><Discount>-5.00</Discount><Duration>4</Duration>
<ExtendedPrice>-100.00</ExtendedPrice><VAT>-21.00</VAT></PriceLine></PriceLines></Subscription></Subscriptions>
</Customer></Customers><Totals><TotalExcludingVAT>-100.00</TotalExcludingVAT><TotalVAT>-21.00</TotalVAT>
<TotalIncludingVAT>-121.00</TotalIncludingVAT></Totals></Invoice></InvoiceResponse>"""

DIMENSIONS = """"dimensions": {"costCentre1": "KOST1", "costCentre2": "KOST2", "product": "Product name",
  "productFamily": "Product family name", "invoiceNumber": "INV-2021-0001",
  "lineItemDescription": "Line item description", "taxRate": 19, "customerNumber": "CUST-2021-0001",
  "serviceDateFrom": "2021-01-01", "serviceDateTo": "2021-01-31"%s}"""


def fynn(kind, minor, debit, credit, date="2023-11-07T05:31:56Z", more=""):
    """The example of Fynn's documentation with these accounts and this money."""

    def side(number, type_):
        money = f'{{"amount": {minor}, "currencyCode": "EUR", "precision": 2}}'
        account = f'{{"id": "f3b3", "name": "n", "number": "{number}", "type": "{type_}"}}'
        return f'{{"id": "f3b3", "amount": {money}, "date": "{date}", "account": {account}, {DIMENSIONS % more}}}'

    return (
        f'{{"id": "f3b3b3b3-3b3b-3b3b-3b3b-3b3b3b3b3b3b", "debit": {side(*debit)}, "credit": {side(*credit)},'
        f'"createdAt": "2023-11-07T05:31:56Z", "updatedAt": "2023-11-07T05:31:56Z", "type": "{kind}", "committed": true}}'
    ).encode()


DEBTOR, REVENUE, VAT, DEFERRED = (
    ("1400", "debtor"),
    ("40.8400", "revenueGermany"),
    ("1776", "ledgerAccount"),
    ("0990", "passiveDeferral"),
)
KEY = "fynn:posting:f3b3b3b3-3b3b-3b3b-3b3b-3b3b3b3b3b3b"
REVERSED = ', "reversalPostingId": "8f8f8f8f-8f8f-8f8f-8f8f-8f8f8f8f8f8f", "cancelInvoiceNumber": "INV-2021-0001"'


def entry(type_, text, day, *items):
    header = {
        "ExternalID": KEY,
        "CompanyCode": "1010",
        "DocumentType": type_,
        "DocumentDate": f"{day}T00:00:00",
        "PostingDate": f"{day}T00:00:00",
        "Currency": "EUR",
        "Reference": "INV-2021-0001",
        "HeaderText": text,
    }
    return {**header, "ToItems": [{"Item": f"{number:04d}", **item} for number, item in enumerate(items, start=1)]}


def item(side, amount, *, text="Line item description", **members):
    return {"DebitCreditCode": side, "Amount": amount, "Text": text, "Assignment": "CUST-2021-0001", **members}


CUSTOMER = {"Customer": "0000010000"}
SALES = {"GLAccount": "0000008400", "TaxCode": "A1", "CostCenter": "KOST1"}
OUTPUT_TAX = {"GLAccount": "0000001776", "TaxCode": "A1", "TaxBaseAmount": "100.00"}
PASSIVE = {"GLAccount": "0000000990"}
BACK = "Reverses 8f8f8f8f-8f8f-8f8f-8f8f-8f8f8f8f8f8f"


def payable(source, id_, reference, day, currency, gross, **header):
    """A payable without tax on the account of the mapping file."""
    line = {
        "SupplierInvoiceItem": "0001",
        "GLAccount": "0000600100",
        "CostCenter": "",
        "SupplierInvoiceItemAmount": gross,
        "TaxCode": "V0",
        "DebitCreditCode": "H" if header.get("SupplierInvoiceIsCreditMemo") else "S",
        "SupplierInvoiceItemText": f"{source.title()} {id_}",
        "CompanyCode": "1010",
        "DocumentCurrency": currency,
    }
    tax = {"TaxCode": "V0", "SupplierInvoiceTaxCounter": "000001", "DocumentCurrency": currency, "TaxAmount": "0.00"}
    return {
        "PaymentReference": f"{source}:{id_}",
        "CompanyCode": "1010",
        "DocumentDate": f"{day}T00:00:00",
        "PostingDate": f"{day}T00:00:00",
        "SupplierInvoiceIDByInvcgParty": reference,
        "InvoicingParty": "0010300099",
        "DocumentCurrency": currency,
        "InvoiceGrossAmount": gross,
        "DocumentHeaderText": id_,
        "PaymentBlockingReason": "",
        "SupplierInvoiceIsCreditMemo": "",
        **header,
        "TaxIsCalculatedAutomatically": False,
        "to_SupplierInvoiceItemGLAcct": [line],
        "to_SupplierInvoiceTax": [tax],
    }


def row(id_, status, day, value, currency, link=""):
    return {
        "ID": id_,
        "Status": status,
        "IssuedAt": f"{day}T00:00:00",
        "Value": value,
        "Currency": currency,
        "Link": link,
    }


LINK = "https://pay.postman.com/invoices/pay?invoice_public_id=inv_7UDSYBJPGQU93N7M"
GOLDEN = {
    # what: (source, mapping file, record, what leaves)
    "Postman's invoice": (
        "postman",
        "",
        POSTMAN,
        row("inv_7UDSYBJPGQU93N7M", "PAID", "2023-10-12", "440.00", "USD", LINK),
    ),
    "Postman's invoice, a payable": (
        *("postman", PAID, POSTMAN),
        payable(
            "postman",
            "inv_7UDSYBJPGQU93N7M",
            "7UDSYBJPGQU93N7M",
            "2023-10-12",
            "USD",
            "440.00",
            PaymentBlockingReason="A",
        ),
    ),
    "BILL's invoice": ("bill", "", BILL, row("bill:00e01ABCDEFGHIJ", "OPEN", "2025-12-31", "79.98", "USD")),
    "BILL's invoice, a payable": (
        *("bill", PAID, BILL),
        payable("bill", "00e01ABCDEFGHIJ", "00e01ABCDEFGHIJ", "2025-12-31", "USD", "79.98"),
    ),
    "Copaco's credit": ("copaco", "", COPACO, row("copaco:2026-0001", "CREDIT", "2026-01-31", "-121.00", "EUR")),
    "Copaco's credit, a payable": (
        *("copaco", PAID, COPACO),
        payable("copaco", "2026-0001", "2026-0001", "2026-01-31", "EUR", "121.00", SupplierInvoiceIsCreditMemo="X"),
    ),
    "Fynn's revenue": (
        *("fynn", "", fynn("revenue", 10000, DEBTOR, REVENUE)),
        entry("DR", "Fynn revenue", "2023-11-07", item("S", "100.00", **CUSTOMER), item("H", "100.00", **SALES)),
    ),
    "its tax": (
        *("fynn", "", fynn("revenueTax", 1900, DEBTOR, VAT)),
        entry("DR", "Fynn revenueTax", "2023-11-07", item("S", "19.00", **CUSTOMER), item("H", "19.00", **OUTPUT_TAX)),
    ),
    "its deferral": (
        *("fynn", "", fynn("deferal", 110000, REVENUE, DEFERRED)),
        entry("SA", "Fynn deferal", "2023-11-07", item("S", "1100.00", **SALES), item("H", "1100.00", **PASSIVE)),
    ),
    "a release of it, just after midnight in Berlin": (
        *("fynn", "", fynn("resolveDeferal", 10000, DEFERRED, REVENUE, date="2023-11-30T23:30:00Z")),
        entry("SA", "Fynn resolveDeferal", "2023-12-01", item("S", "100.00", **PASSIVE), item("H", "100.00", **SALES)),
    ),
    "its reversal": (
        *("fynn", "", fynn("revenue", 10000, REVENUE, DEBTOR, more=REVERSED)),
        entry(
            "DR",
            "Fynn reversal, revenue",
            "2023-11-07",
            item("S", "100.00", text=BACK, **SALES),
            item("H", "100.00", text=BACK, **CUSTOMER),
        ),
    ),
}


@pytest.mark.parametrize("what", GOLDEN)
def test_a_record_leaves_as_these_bytes(what, tmp_path):
    source, mapping, record, content = GOLDEN[what]
    arrival = judge_of(source, mapping, tmp_path).judge((from_xml if source == "copaco" else from_json)(record))
    assert arrival.reasons == ()
    assert arrival.payload == json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def test_the_example_of_fynns_documentation_as_it_is_says_no_amount_and_is_set_aside(tmp_path):
    record = fynn("revenue", 0, ("1200", "revenueGermany"), ("1200", "revenueGermany"))
    as_it_is = record.replace(b'{"amount": 0, "currencyCode": "EUR", "precision": 2}', b"{}")
    arrival = judge_of("fynn", "", tmp_path).judge(from_json(as_it_is))
    assert [reason.partition(": ")[0] for reason in arrival.reasons] == ["debit.amount", "credit.amount"]


def test_a_reversal_waits_for_what_it_reverses(tmp_path):
    reversal = judge_of("fynn", "", tmp_path).judge(from_json(fynn("revenue", 10000, REVENUE, DEBTOR, more=REVERSED)))
    assert reversal.needs == "8f8f8f8f-8f8f-8f8f-8f8f-8f8f8f8f8f8f"
