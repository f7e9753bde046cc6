"""Posts journal entries as BAPI_ACC_DOCUMENT_POST does: checked as a whole, numbered, never changed, only reversed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sap_mock import clock
from sap_mock.odata.entity import Entity, EntityInput
from sap_mock.provider.data_provider import Dpc
from sap_mock.provider.exceptions import business_exception
from sap_mock.provider.request_context import RequestContext
from sap_mock.services.accounting.customizing import Customizing, alpha
from sap_mock.services.zjournal_srv.checks import Check
from sap_mock.services.zjournal_srv.messages import message
from sap_mock.storage.number_ranges import NumberRangeExhausted

_ENTRIES, _ITEMS = "JournalEntries", "ToItems"
_PADDED = ("GLAccount", "Customer", "Supplier", "CostCenter")
_KEY = ("CompanyCode", "FiscalYear", "DocumentNumber")
_ASSIGNED = (
    *("FiscalYear", "DocumentNumber", "IsReversal", "IsReversed"),
    *("ReversalReason", "ReverseDocument", "ReverseDocumentFiscalYear"),
)
_OTHER_SIDE = {"S": "H", "H": "S"}


class ZJournalDpc(Dpc):
    """The data provider extension class of ZJOURNAL_SRV. ``customizing`` is the company that it posts for."""

    customizing: ClassVar[Customizing] = Customizing.read()

    def create_entity(self, context: RequestContext, data: EntityInput) -> Entity:
        """A journal entry without items, or an item alone: both are refused."""
        return self.create_deep_entity(context, data)

    def create_deep_entity(self, context: RequestContext, data: EntityInput) -> Entity:
        """Post a journal entry with its items; raises a business exception with every message at once."""
        if context.entity_set.name != _ENTRIES:
            raise business_exception(message("031"))
        sent = data.inline.get(_ITEMS, [])
        children = sent if isinstance(sent, list) else [sent]
        items = [_item(child, number, data) for number, child in enumerate(children, start=1)]
        check = Check(self.customizing, self.messages, clock.now().date())
        check.entry(data.values, items)
        self._check_external_id(data.get("ExternalID") or "")
        if self.messages.has_errors:
            raise business_exception(container=self.messages)
        return self._post(context, data.values, items)

    def update_entity(self, context: RequestContext, data: EntityInput) -> None:
        """Refused, as for every posted document (section 146 (4) AO); raises 404 for one that does not exist."""
        raise self._unchangeable(context)

    def delete_entity(self, context: RequestContext) -> None:
        """Refused, as for every posted document; raises 404 for one that does not exist."""
        raise self._unchangeable(context)

    def execute_action(self, context: RequestContext) -> Any:
        """``Reverse``: post the same items on the other side (transaction FB08); gives the reversal document."""
        given = context.parameters
        key = {
            "CompanyCode": given["CompanyCode"],
            "FiscalYear": given["FiscalYear"],
            "DocumentNumber": alpha(given["DocumentNumber"]),
        }
        self.number_ranges.lock("ZJOURNAL")
        found = self.select(_ENTRIES, **key)
        if not found:
            raise business_exception(message("040", *key.values()))
        posting_date = given.get("PostingDate") or found[0]["PostingDate"]
        self._check_reversal(found[0], given["ReversalReason"], posting_date)
        return self._reverse(context, found[0], given["ReversalReason"], posting_date)

    # Posting ---------------------------------------------------------------------------------------------------

    def _check_external_id(self, external_id: str) -> None:
        """An external ID is posted once, reversed or not; the lock keeps that true until the document is kept."""
        self.number_ranges.lock("ZJOURNAL")
        for posted in self.select(_ENTRIES, ExternalID=external_id) if external_id else ():
            variables = (posted[name] for name in ("CompanyCode", "DocumentNumber", "FiscalYear"))
            self.messages.add(message("001", external_id, *variables), target="ExternalID")

    def _post(
        self, context: RequestContext, header: Mapping[str, Any], items: Sequence[Mapping[str, Any]], **reversal: Any
    ) -> Entity:
        """Keep a checked entry under the next number; ``reversal`` are the properties that tell what it reverses."""
        year = f"{header['PostingDate'].year:04d}"
        assigned = {
            "FiscalYear": year,
            "DocumentNumber": self._next_number(header["CompanyCode"], year, header["DocumentType"]),
        }
        values = {name: value for name, value in header.items() if name not in _ASSIGNED}
        children = [
            EntityInput(values=self._with_reconciliation_account(header["CompanyCode"], item)) for item in items
        ]
        entry = EntityInput(values={**values, **assigned, **reversal}, inline={_ITEMS: children})
        return self.insert_deep(context, entry)

    def _next_number(self, company_code: str, year: str, document_type: str) -> str:
        interval = self.customizing.document_types[document_type]
        range_ = f"RF_BELEG {company_code} {year} {interval.interval}"
        try:
            return self.number_ranges.next(range_, first=interval.first, last=interval.last)
        except NumberRangeExhausted:
            raise business_exception(message("050", range_)) from None

    def _with_reconciliation_account(self, code: str, item: Mapping[str, Any]) -> dict[str, Any]:
        for partner in ("Customer", "Supplier"):
            if item.get(partner):
                company_code = self.customizing.company_codes[code]
                return {**item, "GLAccount": self.customizing.reconciliation_account(company_code, partner.lower())}
        return dict(item)

    # Reversing -------------------------------------------------------------------------------------------------

    def _check_reversal(self, entry: Entity, reason: str, posting_date: datetime) -> None:
        document = [entry[name] for name in _KEY]
        if reason not in self.customizing.reversal_reasons:
            self.messages.add(message("043", reason), target="ReversalReason")
        if entry["IsReversed"]:
            self.messages.add(message("041", *document, entry["ReverseDocument"]), target="DocumentNumber")
        if entry["IsReversal"]:
            self.messages.add(message("042", *document), target="DocumentNumber")
        Check(self.customizing, self.messages, clock.now().date()).posting_date(posting_date)
        if self.messages.has_errors:
            raise business_exception(container=self.messages)

    def _reverse(self, context: RequestContext, entry: Entity, reason: str, posting_date: datetime) -> Entity:
        key = {name: entry[name] for name in _KEY}
        items = [
            {**item.values, "DebitCreditCode": _OTHER_SIDE[item["DebitCreditCode"]]}
            for item in self.select("JournalEntryItems", **key)
        ]
        reversal = self._post(
            context,
            {**entry.values, "PostingDate": posting_date, "ExternalID": ""},
            [{name: value for name, value in item.items() if name not in _KEY} for item in items],
            IsReversal=True,
            ReversalReason=reason,
            ReverseDocument=entry["DocumentNumber"],
            ReverseDocumentFiscalYear=entry["FiscalYear"],
        )
        changes = {
            "IsReversed": True,
            "ReversalReason": reason,
            "ReverseDocument": reversal["DocumentNumber"],
            "ReverseDocumentFiscalYear": reversal["FiscalYear"],
        }
        self.store.change(self.model.entity_sets[_ENTRIES], key, changes)
        reversal.inline.clear()
        return reversal

    def _unchangeable(self, context: RequestContext) -> Exception:
        entity = self.get_entity(context)
        return business_exception(message("030", *(entity[name] for name in _KEY)))


def _item(child: EntityInput, number: int, entry: EntityInput) -> dict[str, Any]:
    """An item as it would be posted: numbered, in the document's currency, numbers of masters with leading zeros."""
    values = dict(child.values)
    values["Item"] = alpha(values.get("Item") or str(number), 4)
    values["Currency"] = values.get("Currency") or entry.get("Currency") or ""
    for name in _PADDED:
        values[name] = alpha(values.get(name) or "")
    return values
