"""Whether an invoice may be posted: what invoice verification (transaction MIRO) checks of one without a receipt.

Every check leaves its message in the container and the next one goes on, so that a sender learns of everything at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sap_mock.odata.errors import T100Message
from sap_mock.provider.message_container import MessageContainer
from sap_mock.services.accounting.customizing import CompanyCode, Customizing, decimals, fits, shown
from sap_mock.services.api_supplierinvoice_process_srv.draft import PARKED, POSTED, Draft, Values
from sap_mock.services.api_supplierinvoice_process_srv.messages import (
    document_editing,
    invoice_verification,
    message,
)

_NEEDED = {
    "CompanyCode": "company code",
    "DocumentDate": "invoice date",
    "PostingDate": "posting date",
    "InvoicingParty": "invoicing party",
    "DocumentCurrency": "currency",
}
_ITEM = "SupplierInvoiceItem"
_AMOUNT = "SupplierInvoiceItemAmount"


class Check:
    """The checks of one draft. A parked invoice is checked only for what it names in its header."""

    def __init__(self, customizing: Customizing, messages: MessageContainer, today: date) -> None:
        self._customizing = customizing
        self._messages = messages
        self._today = today

    def parked(self, draft: Draft) -> None:
        """Whether an invoice may be parked."""
        header = draft.header
        for name, words in _NEEDED.items():
            if not header.get(name):
                self._say("001", words, target=name)
        known: Iterable[tuple[str, T100Message, Any]] = (
            ("CompanyCode", message("002", header.get("CompanyCode")), self._customizing.company_codes.__contains__),
            (
                "InvoicingParty",
                message("003", header.get("InvoicingParty"), header.get("CompanyCode") or ""),
                self._customizing.suppliers.__contains__,
            ),
            (
                "DocumentCurrency",
                message("004", header.get("DocumentCurrency")),
                lambda currency: decimals(currency) is not None,
            ),
            (
                "AccountingDocumentType",
                message("005", header.get("AccountingDocumentType")),
                self._customizing.document_types.__contains__,
            ),
        )
        for name, unknown, exists in known:
            if header.get(name) and not exists(header[name]):
                self._messages.add(unknown, target=name)
        if (header.get("SupplierInvoiceStatus") or POSTED) not in (POSTED, PARKED):
            self._say("008", header["SupplierInvoiceStatus"], target="SupplierInvoiceStatus")

    def posted(self, draft: Draft) -> None:
        """Whether an invoice may be posted."""
        self.parked(draft)
        if draft.header.get("PostingDate"):
            self.posting_date(draft.header["PostingDate"])
        currency = draft.header.get("DocumentCurrency") or ""
        if draft.gross <= 0:
            self._say("006", target="InvoiceGrossAmount")
        self._decimals(draft.header, ("InvoiceGrossAmount",), currency)
        if not draft.gl_items and not draft.order_items:
            self._say("010", target=_ITEM)
        for items in (draft.gl_items, draft.order_items):
            for number, times in Counter(item[_ITEM] for item in items).items():
                if times > 1:
                    self._say("011", number, target=_ITEM)
        company_code = self._customizing.company_codes.get(draft.header.get("CompanyCode") or "")
        for item in draft.gl_items:
            self._gl_item(item, draft.header, company_code)
        for item in draft.order_items:
            self._order_item(item, draft.header)
        for tax in draft.taxes:
            self._tax(tax, draft.header)
        self._balance(draft, currency)

    def posting_date(self, day: datetime) -> None:
        """Whether the posting period is open."""
        if not self._customizing.is_open(day.date(), self._today):
            self._messages.add(document_editing("201", f"{day.month:03d}", day.year), target="PostingDate")

    def _say(self, number: str, *variables: object, target: str) -> None:
        self._messages.add(message(number, *variables), target=target)

    def _gl_item(self, item: Values, header: Values, company_code: CompanyCode | None) -> None:
        number = item[_ITEM]
        self._item(item, header)
        if item["CompanyCode"] != (header.get("CompanyCode") or ""):
            self._say("019", number, item["CompanyCode"], header.get("CompanyCode") or "", target="CompanyCode")
        if item["DebitCreditCode"] not in ("S", "H"):
            self._say("016", number, item["DebitCreditCode"], target="DebitCreditCode")
        if item.get("CostCenter") and item["CostCenter"] not in self._customizing.cost_centers:
            self._say("015", number, item["CostCenter"], target="CostCenter")
        if company_code is None:
            return
        account = self._customizing.account(company_code, item.get("GLAccount") or "")
        if account is None:
            self._say("012", number, item.get("GLAccount") or "", company_code.chart, target="GLAccount")
        elif account.reconciliation:
            self._say("013", number, item["GLAccount"], target="GLAccount")

    def _order_item(self, item: Values, header: Values) -> None:
        self._item(item, header)
        order = item.get("PurchaseOrder") or ""
        if order not in self._customizing.purchase_orders:
            self._say("020", item[_ITEM], order, target="PurchaseOrder")

    def _item(self, item: Values, header: Values) -> None:
        if not (item[_ITEM].isascii() and item[_ITEM].isdigit()):
            self._say("021", item[_ITEM], target=_ITEM)
        if (item.get(_AMOUNT) or Decimal(0)) <= 0:
            self._say("017", item[_ITEM], target=_AMOUNT)
        self._decimals(item, (_AMOUNT,), item["DocumentCurrency"])
        self._currency_and_tax_code(item, item[_ITEM], header)

    def _tax(self, tax: Values, header: Values) -> None:
        self._decimals(tax, ("TaxAmount", "TaxBaseAmountInTransCrcy"), tax["DocumentCurrency"])
        self._currency_and_tax_code(tax, tax["SupplierInvoiceTaxCounter"], header)

    def _currency_and_tax_code(self, row: Values, number: str, header: Values) -> None:
        currency = header.get("DocumentCurrency") or ""
        if row["DocumentCurrency"] != currency:
            self._say("018", number, row["DocumentCurrency"], currency, target="DocumentCurrency")
        if row.get("TaxCode") and row["TaxCode"] not in self._customizing.tax_rates:
            self._say("014", number, row["TaxCode"], target="TaxCode")

    def _decimals(self, row: Values, names: Iterable[str], currency: str) -> None:
        for name in names:
            if not fits(row.get(name) or Decimal(0), currency):
                self._say("007", row[name], currency, target=name)

    def _balance(self, draft: Draft, currency: str) -> None:
        """The supplier's side against the items and taxes; for an invoice the items are the debits."""
        difference = draft.total - draft.gross
        if not difference:
            return
        debits, credits_ = draft.total, draft.gross
        if draft.is_credit_memo:
            difference, debits, credits_ = -difference, credits_, debits
        amounts = (shown(amount, currency) for amount in (difference, debits, credits_))
        self._messages.add(invoice_verification("534", *amounts), target="InvoiceGrossAmount")
