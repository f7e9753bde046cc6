"""Supplier invoices as SAP's API posts them: checked as a whole, numbered, cancelled by a document of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sap_mock import clock
from sap_mock.odata.entity import Entity, EntityInput
from sap_mock.provider.data_provider import Dpc
from sap_mock.provider.exceptions import business_exception
from sap_mock.provider.request_context import RequestContext
from sap_mock.services.accounting.customizing import Customizing, alpha
from sap_mock.services.api_supplierinvoice_process_srv.checks import Check
from sap_mock.services.api_supplierinvoice_process_srv.draft import PARKED, POSTED, Draft, Values, draft
from sap_mock.services.api_supplierinvoice_process_srv.messages import message
from sap_mock.storage.number_ranges import NumberRangeExhausted

_INVOICES = "A_SupplierInvoice"
_KEY = ("SupplierInvoice", "FiscalYear")
_ASSIGNED = (*_KEY, "ReverseDocument", "ReverseDocumentFiscalYear", "IsReversal", "IsReversed", "SupplierInvoiceStatus")
_DUPLICATE = (
    *("CompanyCode", "InvoicingParty", "DocumentCurrency", "InvoiceGrossAmount", "DocumentDate"),
    "SupplierInvoiceIDByInvcgParty",
)
_OTHER_SIDE = {"S": "H", "H": "S"}


class SupplierInvoiceDpc(Dpc):
    """The data provider extension class. ``customizing`` is the company that it posts for."""

    customizing: ClassVar[Customizing] = Customizing.read()

    def create_entity(self, context: RequestContext, data: EntityInput) -> Entity:
        """An invoice without items can only be parked; an item or a tax alone is refused."""
        return self.create_deep_entity(context, data)

    def create_deep_entity(self, context: RequestContext, data: EntityInput) -> Entity:
        """Post an invoice with its items and taxes, or park it (``SupplierInvoiceStatus`` A).

        Raises a business exception with every message at once.
        """
        if context.entity_set.name != _INVOICES:
            raise business_exception(message("041"))
        rows = {
            name: [child.values for child in (inline if isinstance(inline, list) else [inline])]
            for name, inline in data.inline.items()
        }
        invoice = draft(data.values, rows, self.customizing.tax_rates)
        if invoice.header.get("SupplierInvoiceStatus") == PARKED:
            self._check().parked(invoice)
        else:
            self._check_posting(invoice)
        if self.messages.has_errors:
            raise business_exception(container=self.messages)
        status = PARKED if invoice.header.get("SupplierInvoiceStatus") == PARKED else POSTED
        return self._keep(context, invoice, SupplierInvoiceStatus=status)

    def update_entity(self, context: RequestContext, data: EntityInput) -> None:
        """Refused: the API changes no invoice. Raises 404 for one that does not exist."""
        raise self._unchangeable(context)

    def delete_entity(self, context: RequestContext) -> None:
        """Refused: an invoice is cancelled, not deleted. Raises 404 for one that does not exist."""
        raise self._unchangeable(context)

    def execute_action(self, context: RequestContext) -> Any:
        """``Cancel``, ``Post`` or ``Release``; each gives its export parameters, with ``Success``."""
        self.number_ranges.lock("RE_BELEG")
        given = context.parameters
        key = {"SupplierInvoice": alpha(given["SupplierInvoice"]), "FiscalYear": given["FiscalYear"]}
        found = self.select(_INVOICES, **key)
        if not found:
            raise business_exception(message("050", *key.values()))
        actions = {"Cancel": self._cancel, "Post": self._post_parked, "Release": self._release}
        return actions[context.action](found[0], key, given)

    # Posting ---------------------------------------------------------------------------------------------------

    def _check(self) -> Check:
        return Check(self.customizing, self.messages, clock.now().date())

    def _check_posting(self, invoice: Draft) -> None:
        self._check().posted(invoice)
        reference = invoice.header.get("InvoiceReference")
        if invoice.is_credit_memo and reference:
            key = {
                "SupplierInvoice": alpha(reference),
                "FiscalYear": invoice.header.get("InvoiceReferenceFiscalYear") or "",
            }
            if not self.select(_INVOICES, **key):
                self.messages.add(message("009", *key.values()), target="InvoiceReference")
        self._check_duplicate(invoice)

    def _check_duplicate(self, invoice: Draft) -> None:
        """SAP's check for invoices entered twice (KBA 2036775), every criterion set.

        Not without a reference, not for credit memos, not against cancelled or parked ones. A changed amount passes.
        """
        self.number_ranges.lock("RE_BELEG")
        wanted = {name: invoice.header.get(name) for name in _DUPLICATE}
        if invoice.is_credit_memo or not all(wanted.values()):
            return
        for entered in self.select(_INVOICES, **wanted):
            counts = entered["SupplierInvoiceStatus"] == POSTED and entered["SupplierInvoiceIsCreditMemo"] != "X"
            if counts and not entered["IsReversed"] and not entered["IsReversal"]:
                document = (entered[name] for name in _KEY)
                self.messages.add(message("030", *document), target="SupplierInvoiceIDByInvcgParty")

    def _keep(self, context: RequestContext | None, invoice: Draft, **assigned: Any) -> Entity:
        year = f"{invoice.header['PostingDate'].year:04d}"
        values = {name: value for name, value in invoice.header.items() if name not in _ASSIGNED}
        numbered = {"SupplierInvoice": self._next_number(year), "FiscalYear": year}
        entry = EntityInput(values={**values, **numbered, **assigned}, inline=invoice.children())
        return self.insert_deep(context or RequestContext(entity_set=self.model.entity_sets[_INVOICES]), entry)

    def _next_number(self, year: str) -> str:
        interval = self.customizing.invoice_numbers
        range_ = f"RE_BELEG {year} {interval.interval}"
        try:
            return self.number_ranges.next(range_, first=interval.first, last=interval.last)
        except NumberRangeExhausted:
            raise business_exception(message("060", range_)) from None

    def _unchangeable(self, context: RequestContext) -> Exception:
        entity = self.get_entity(context)
        return business_exception(message("040", *(entity[name] for name in _KEY)))

    # Function imports ------------------------------------------------------------------------------------------

    def _cancel(self, invoice: Entity, key: Values, given: Mapping[str, Any]) -> Values:
        """Post the opposite document (transaction MR8M) and tie both ways."""
        posting_date = given.get("PostingDate") or invoice["PostingDate"]
        self._check_cancellation(invoice, key, given["ReversalReason"], posting_date)
        opposite = self._stored(invoice, key)
        for item in opposite.gl_items:
            item["DebitCreditCode"] = _OTHER_SIDE[item["DebitCreditCode"]]
        opposite.header["PostingDate"] = posting_date
        opposite.header["SupplierInvoiceIsCreditMemo"] = "" if opposite.is_credit_memo else "X"
        cancellation = self._keep(
            None,
            opposite,
            SupplierInvoiceStatus=POSTED,
            IsReversal=True,
            ReverseDocument=key["SupplierInvoice"],
            ReverseDocumentFiscalYear=key["FiscalYear"],
        )
        document, year = (cancellation[name] for name in _KEY)
        changes = {"IsReversed": True, "ReverseDocument": document, "ReverseDocumentFiscalYear": year}
        self.store.change(self.model.entity_sets[_INVOICES], key, changes)
        return {"ReverseDocument": document, "FiscalYear": year, "Success": True}

    def _check_cancellation(self, invoice: Entity, key: Values, reason: str, posting_date: datetime) -> None:
        document = tuple(key.values())
        if invoice["SupplierInvoiceStatus"] == PARKED:
            self.messages.add(message("053", *document))
        if invoice["IsReversed"]:
            with_ = (invoice["ReverseDocument"], invoice["ReverseDocumentFiscalYear"])
            self.messages.add(message("051", *document, *with_))
        if invoice["IsReversal"]:
            self.messages.add(message("052", *document))
        if reason not in self.customizing.reversal_reasons:
            self.messages.add(message("054", reason))
        self._check().posting_date(posting_date)
        if self.messages.has_errors:
            raise business_exception(container=self.messages)

    def _post_parked(self, invoice: Entity, key: Values, given: Mapping[str, Any]) -> Values:
        """Post a parked invoice under its number, after every check."""
        if invoice["SupplierInvoiceStatus"] != PARKED:
            raise business_exception(message("056", *key.values()))
        self._check_posting(self._stored(invoice, key))
        if self.messages.has_errors:
            raise business_exception(container=self.messages)
        self.store.change(self.model.entity_sets[_INVOICES], key, {"SupplierInvoiceStatus": POSTED})
        return {"Success": True}

    def _release(self, invoice: Entity, key: Values, given: Mapping[str, Any]) -> Values:
        """Take the payment block away (transaction MRBR); shifting the discount days has no effect here."""
        if invoice["SupplierInvoiceStatus"] == PARKED:
            raise business_exception(message("053", *key.values()))
        if not invoice["PaymentBlockingReason"]:
            raise business_exception(message("055", *key.values()))
        self.store.change(self.model.entity_sets[_INVOICES], key, {"PaymentBlockingReason": ""})
        return {"Success": True}

    def _stored(self, invoice: Entity, key: Values) -> Draft:
        rows = {
            relation.name: [
                {name: value for name, value in row.values.items() if name not in _KEY}
                for row in self.select(relation.target.name, **key)
            ]
            for (source, _), relation in self.model.relations.items()
            if source == _INVOICES
        }
        return draft(invoice.values, rows, self.customizing.tax_rates)
