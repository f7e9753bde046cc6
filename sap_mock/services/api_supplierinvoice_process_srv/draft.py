"""An invoice before it is posted: what was sent, with what SAP fills in, and the sums that its checks compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sap_mock.odata.entity import EntityInput
from sap_mock.services.accounting.customizing import alpha, decimals

GL_ITEMS, ORDER_ITEMS, TAXES = "to_SupplierInvoiceItemGLAcct", "to_SuplrInvcItemPurOrdRef", "to_SupplierInvoiceTax"
POSTED, PARKED = "5", "A"
_PADDED = ("GLAccount", "CostCenter", "PurchaseOrder", "InvoicingParty")

Values = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The header, the items of both kinds and the taxes, as they will be kept."""

    header: Values
    gl_items: Sequence[Values]
    order_items: Sequence[Values]
    taxes: Sequence[Values]

    @property
    def is_credit_memo(self) -> bool:
        """Whether it lowers what is owed; its amounts are positive all the same."""
        return bool(self.header.get("SupplierInvoiceIsCreditMemo") == "X")

    @property
    def gross(self) -> Decimal:
        """What the header says."""
        return self.header.get("InvoiceGrossAmount") or Decimal(0)

    @property
    def total(self) -> Decimal:
        """What the items (S less H, for a credit memo H less S) and the taxes add up to."""
        net = sum((_signed(item) for item in self.gl_items), Decimal(0))
        orders = sum((_amount(item) for item in self.order_items), Decimal(0))
        taxes = sum((tax.get("TaxAmount") or Decimal(0) for tax in self.taxes), Decimal(0))
        return (-net if self.is_credit_memo else net) + orders + taxes

    def children(self) -> dict[str, list[EntityInput] | EntityInput]:
        """The items and taxes as a deep insert takes them."""
        kinds = {GL_ITEMS: self.gl_items, ORDER_ITEMS: self.order_items, TAXES: self.taxes}
        return {name: [EntityInput(values=dict(row)) for row in rows] for name, rows in kinds.items() if rows}


def draft(header: Values, rows: Mapping[str, Sequence[Values]], rates: Mapping[str, Decimal]) -> Draft:
    """A draft from what was sent: counters, currency, company code filled in, and the tax where SAP calculates it."""
    currency = {"DocumentCurrency": header.get("DocumentCurrency") or ""}
    gl_defaults = {**currency, "CompanyCode": header.get("CompanyCode") or "", "DebitCreditCode": ""}
    found = Draft(
        header={"AccountingDocumentType": "RE", **_padded(header)},
        gl_items=_rows(rows.get(GL_ITEMS, ()), "SupplierInvoiceItem", 4, gl_defaults),
        order_items=_rows(rows.get(ORDER_ITEMS, ()), "SupplierInvoiceItem", 6, currency),
        taxes=_rows(rows.get(TAXES, ()), "SupplierInvoiceTaxCounter", 6, currency),
    )
    return replace(found, taxes=_calculated(found, rates)) if header.get("TaxIsCalculatedAutomatically") else found


def _rows(rows: Sequence[Values], counter: str, digits: int, defaults: Values) -> list[Values]:
    found = []
    for number, row in enumerate(rows, start=1):
        sent = {name: value for name, value in row.items() if value not in (None, "")}
        counted = {counter: alpha(row.get(counter) or str(number), digits)}
        found.append(_padded({**row, **defaults, **sent, **counted}))
    return found


def _padded(row: Mapping[str, Any]) -> Values:
    return {name: alpha(value or "") if name in _PADDED else value for name, value in row.items()}


def _amount(item: Values) -> Decimal:
    return item.get("SupplierInvoiceItemAmount") or Decimal(0)


def _signed(item: Values) -> Decimal:
    return -_amount(item) if item.get("DebitCreditCode") == "H" else _amount(item)


def _calculated(invoice: Draft, rates: Mapping[str, Decimal]) -> list[Values]:
    """One tax row per tax code, rounded half up to the currency's decimals on the sum of its items."""
    bases: dict[str, Decimal] = {}
    sign = -1 if invoice.is_credit_memo else 1
    for item in invoice.gl_items:
        bases[item.get("TaxCode") or ""] = bases.get(item.get("TaxCode") or "", Decimal(0)) + sign * _signed(item)
    for item in invoice.order_items:
        bases[item.get("TaxCode") or ""] = bases.get(item.get("TaxCode") or "", Decimal(0)) + _amount(item)
    currency = invoice.header.get("DocumentCurrency") or ""
    cent = Decimal(1).scaleb(-(decimals(currency) or 0))
    return [
        {
            "TaxCode": code,
            "SupplierInvoiceTaxCounter": f"{number:06d}",
            "DocumentCurrency": currency,
            "TaxAmount": (base * rates[code] / 100).quantize(cent, rounding=ROUND_HALF_UP),
            "TaxBaseAmountInTransCrcy": base,
        }
        for number, (code, base) in enumerate(((c, b) for c, b in bases.items() if c in rates), start=1)
    ]
