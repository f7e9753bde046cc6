"""The neutral invoice as a supplier invoice of API_SUPPLIERINVOICE_PROCESS_SRV, by deep insert, and back.

For sources that the mapping file names, [supplier_invoices.SOURCE]: what the vendor bills us becomes a payable. SAP
hands out its own number and its check for duplicates misses a changed amount, so the payment reference holds our key
and we find the invoice by it. The vendor's number goes into the 16 characters of the reference, its end counting more
than its beginning; what is paid already is blocked for payment; amounts are positive and a credit is told by its
indicator. Source: SAP's API reference, SAP_COM_0057.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pipeline.model.invoice import Invoice
from pipeline.model.money import Money
from pipeline.model.record import digest
from pipeline.model.rounding import rounded
from pipeline.sap import form
from pipeline.sap.form import Form, FrozenEntity, Property, objections, padded
from pipeline.sap.mapping import Payable

INVOICES, ITEM_SET = "A_SupplierInvoice", "A_SupplierInvoiceItemGLAcct"
ITEMS, TAXES = "to_SupplierInvoiceItemGLAcct", "to_SupplierInvoiceTax"
KEY = "PaymentReference"
LONGEST = 30
CREDIT_MEMO = "X"
_REFERENCE, _HEADER_TEXT = 16, 25
_TOLD_APART = 12

HEADER = (
    Property(name="PaymentReference", type="Edm.String", max_length=LONGEST),
    Property(name="CompanyCode", type="Edm.String", max_length=4),
    Property(name="DocumentDate", type="Edm.DateTime"),
    Property(name="PostingDate", type="Edm.DateTime"),
    Property(name="SupplierInvoiceIDByInvcgParty", type="Edm.String", max_length=_REFERENCE),
    Property(name="InvoicingParty", type="Edm.String", max_length=10),
    Property(name="DocumentCurrency", type="Edm.String", max_length=5),
    Property(name="InvoiceGrossAmount", type="Edm.Decimal", precision=14, scale=3),
    Property(name="DocumentHeaderText", type="Edm.String", max_length=_HEADER_TEXT),
    Property(name="PaymentBlockingReason", type="Edm.String", max_length=1),
    Property(name="SupplierInvoiceIsCreditMemo", type="Edm.String", max_length=1),
)
ITEM = (
    Property(name="SupplierInvoiceItem", type="Edm.String", max_length=4),
    Property(name="GLAccount", type="Edm.String", max_length=10),
    Property(name="CostCenter", type="Edm.String", max_length=10),
    Property(name="SupplierInvoiceItemAmount", type="Edm.Decimal", precision=14, scale=3),
    Property(name="TaxCode", type="Edm.String", max_length=2),
    Property(name="DebitCreditCode", type="Edm.String", max_length=1),
    Property(name="SupplierInvoiceItemText", type="Edm.String", max_length=50),
)


def key_of(invoice: Invoice) -> str:
    """Under which we find the supplier invoice; where it is too long, its end gives way to a digest of the id."""
    key = f"{invoice.source}:{invoice.id}"
    if len(key) <= LONGEST:
        return key
    return f"{key[: LONGEST - _TOLD_APART - 1]}~{digest(invoice.id.encode('utf-8', 'replace'))[:_TOLD_APART]}"


def build(invoice: Invoice, payable: Payable, company_code: str) -> FrozenEntity | tuple[str, ...]:
    """An invoice → its frozen supplier invoice, or every reason why there can be none."""
    header, item = _header(invoice, payable, company_code), _item(invoice, payable)
    found = [reason for prop in HEADER for reason in objections(prop, header[prop.name], is_key=prop.name == KEY)]
    found += [reason for prop in ITEM for reason in objections(prop, item[prop.name])]
    if found:
        return tuple(found)
    gross, net = _split(invoice, payable)
    currency = invoice.total.currency
    tax = {
        "TaxCode": payable.tax_code,
        "SupplierInvoiceTaxCounter": "000001",
        "DocumentCurrency": currency,
        "TaxAmount": Money(amount=gross - net, currency=currency).text,
    }
    content = {
        **_spelled(header, currency),
        "TaxIsCalculatedAutomatically": False,
        ITEMS: [{**_spelled(item, currency), "CompanyCode": company_code, "DocumentCurrency": currency}],
        TAXES: [tax],
    }
    payload = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    told_apart = {**content, "": invoice.standing or invoice.status}
    if invoice.standing:  # the payment block moves with payments, too
        told_apart["PaymentBlockingReason"] = ""
    return FrozenEntity(
        key=key_of(invoice), payload=payload, digest=digest(json.dumps(told_apart, sort_keys=True).encode())
    )


def _header(invoice: Invoice, payable: Payable, company_code: str) -> dict[str, Any]:
    day = f"{invoice.issued_on.isoformat()}T00:00:00"
    return {
        "PaymentReference": key_of(invoice),
        "CompanyCode": company_code,
        "DocumentDate": day,
        "PostingDate": day,
        "SupplierInvoiceIDByInvcgParty": invoice.id[-_REFERENCE:].strip(),
        "InvoicingParty": padded(payable.supplier),
        "DocumentCurrency": invoice.total.currency,
        "InvoiceGrossAmount": abs(invoice.total.amount),
        "DocumentHeaderText": invoice.id[:_HEADER_TEXT].strip(),
        "PaymentBlockingReason": payable.payment_block if invoice.status in payable.paid else "",
        "SupplierInvoiceIsCreditMemo": CREDIT_MEMO if invoice.total.amount < 0 else "",
    }


def _item(invoice: Invoice, payable: Payable) -> dict[str, Any]:
    _, net = _split(invoice, payable)
    return {
        "SupplierInvoiceItem": "0001",
        "GLAccount": padded(payable.gl_account),
        "CostCenter": padded(payable.cost_center),
        "SupplierInvoiceItemAmount": net,
        "TaxCode": payable.tax_code,
        "DebitCreditCode": "H" if invoice.total.amount < 0 else "S",
        "SupplierInvoiceItemText": f"{invoice.source.title()} {invoice.id}"[:50].strip(),
    }


def _split(invoice: Invoice, payable: Payable) -> tuple[Decimal, Decimal]:
    """Gross and net; the net is what the tax code's rate gives, rounded half up, and the tax is the rest."""
    gross = abs(invoice.total.amount)
    return gross, rounded(gross * 100 / (100 + payable.tax_rate), invoice.total.currency)


def _spelled(values: Mapping[str, Any], currency: str) -> dict[str, str]:
    return {
        name: Money(amount=value, currency=currency).text if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


def differences(payload: bytes, seen: Mapping[str, Any]) -> tuple[str, ...]:
    """What of the sent payload SAP shows otherwise. Empty when it is the same invoice."""
    sent = json.loads(payload)
    found = form.differences(HEADER, sent, seen)
    shown = seen[ITEMS]
    if len(shown) != len(sent[ITEMS]):
        found.append(f"{ITEMS}: sent {len(sent[ITEMS])}, SAP shows {len(shown)}")
    for item, theirs in zip(sent[ITEMS], shown, strict=False):
        found += form.differences(ITEM, item, theirs)
    return tuple(found)


def worth(seen: Mapping[str, Any]) -> tuple[str, Decimal]:
    """Currency and amount of an invoice as SAP shows it; a credit memo below zero."""
    gross = seen["InvoiceGrossAmount"] or Decimal(0)
    return str(seen["DocumentCurrency"]), -gross if seen["SupplierInvoiceIsCreditMemo"] == CREDIT_MEMO else gross


FORM = Form(
    service="API_SUPPLIERINVOICE_PROCESS_SRV",
    entity_set=INVOICES,
    key=KEY,
    by_filter=True,
    items=ITEMS,
    properties={INVOICES: HEADER, ITEM_SET: ITEM},
    duplicate_codes=frozenset(),
    differences=differences,
    worth=worth,
)
