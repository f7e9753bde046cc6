"""Whether a journal entry may be posted: the checks of BAPI_ACC_DOCUMENT_CHECK that matter to a sender.

Every check leaves its message in the container and the next one goes on, so that a sender learns of everything at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sap_mock.provider.message_container import MessageContainer
from sap_mock.services.accounting.customizing import CompanyCode, Customizing, alpha, decimals, fits, shown
from sap_mock.services.zjournal_srv.messages import message

MOST_ITEMS = 999
"""The line items one accounting document has room for (BUZEI is NUMC 3)."""

_NEEDED = {
    "CompanyCode": "company code",
    "DocumentType": "document type",
    "DocumentDate": "document date",
    "PostingDate": "posting date",
    "Currency": "currency",
}
_PARTNERS = {"Customer": "customer", "Supplier": "supplier"}

Values = Mapping[str, Any]


class Check:
    """The checks of one journal entry, whose item numbers and currencies are filled in already."""

    def __init__(self, customizing: Customizing, messages: MessageContainer, today: date) -> None:
        self._customizing = customizing
        self._messages = messages
        self._today = today

    def entry(self, header: Values, items: Sequence[Values]) -> None:
        """Check everything."""
        self._header(header)
        self._number_of_items(items)
        company_code = self._customizing.company_codes.get(header.get("CompanyCode") or "")
        for item in items:
            self._item(item, header, company_code)
        self._balance(items)

    def posting_date(self, day: datetime) -> None:
        """Whether the posting period is open."""
        if not self._customizing.is_open(day.date(), self._today):
            self._say("006", f"{day.month:03d}", day.year, target="PostingDate")

    def _say(self, number: str, *variables: object, target: str) -> None:
        self._messages.add(message(number, *variables), target=target)

    def _header(self, header: Values) -> None:
        for name, words in _NEEDED.items():
            if not header.get(name):
                self._say("002", words, target=name)
        known: Iterable[tuple[str, str, Any]] = (
            ("CompanyCode", "003", self._customizing.company_codes.__contains__),
            ("DocumentType", "004", self._customizing.document_types.__contains__),
            ("Currency", "005", lambda currency: decimals(currency) is not None),
        )
        for name, number, exists in known:
            if header.get(name) and not exists(header[name]):
                self._say(number, header[name], target=name)
        if header.get("PostingDate"):
            self.posting_date(header["PostingDate"])

    def _number_of_items(self, items: Sequence[Values]) -> None:
        if len(items) < 2:
            self._say("007", target="ToItems")
        if len(items) > MOST_ITEMS:
            self._say("008", MOST_ITEMS, target="ToItems")
        for number, times in Counter(item["Item"] for item in items).items():
            if times > 1:
                self._say("010", number, target="Item")

    def _item(self, item: Values, header: Values, company_code: CompanyCode | None) -> None:
        number = item["Item"]
        if not (number.isascii() and number.isdigit()):
            self._say("022", number, target="Item")
        if item.get("DebitCreditCode") not in ("S", "H"):
            self._say("015", number, item.get("DebitCreditCode") or "", target="DebitCreditCode")
        self._amount(item)
        if header.get("Currency") and item["Currency"] != header["Currency"]:
            self._say("018", number, item["Currency"], header["Currency"], target="Currency")
        if item.get("TaxCode") and item["TaxCode"] not in self._customizing.tax_rates:
            self._say("019", number, item["TaxCode"], target="TaxCode")
        if item.get("CostCenter") and item["CostCenter"] not in self._customizing.cost_centers:
            self._say("021", number, item["CostCenter"], target="CostCenter")
        accounts = [name for name in ("GLAccount", *_PARTNERS) if item.get(name)]
        if len(accounts) != 1:
            self._say("011", number, target="GLAccount")
        elif company_code is not None:
            self._account(item, accounts[0], header["CompanyCode"], company_code)

    def _amount(self, item: Values) -> None:
        amount = item.get("Amount") or Decimal(0)
        if amount <= 0:
            self._say("016", item["Item"], target="Amount")
        for name in ("Amount", "TaxBaseAmount"):
            if not fits(item.get(name) or Decimal(0), item["Currency"]):
                self._say("017", item["Item"], item[name], item["Currency"], target=name)

    def _account(self, item: Values, kind: str, code: str, company_code: CompanyCode) -> None:
        number, value = item["Item"], item[kind]
        if kind in _PARTNERS:
            known = self._customizing.customers if kind == "Customer" else self._customizing.suppliers
            if value not in known:
                self._say("014", number, _PARTNERS[kind], value, code, target=kind)
            return
        account = self._customizing.account(company_code, value)
        if account is None:
            self._say("012", number, alpha(value), company_code.chart, target=kind)
        elif account.reconciliation:
            self._say("013", number, alpha(value), account.reconciliation, target=kind)
        elif account.tax and not (item.get("TaxCode") and item.get("TaxBaseAmount")):
            self._say("020", number, alpha(value), target=kind)

    def _balance(self, items: Sequence[Values]) -> None:
        for currency in dict.fromkeys(item["Currency"] for item in items):
            debits, credits_ = (
                sum(
                    (
                        item.get("Amount") or Decimal(0)
                        for item in items
                        if (item["Currency"], item.get("DebitCreditCode")) == (currency, side)
                    ),
                    Decimal(0),
                )
                for side in ("S", "H")
            )
            if debits != credits_:
                self._say("009", currency, shown(debits, currency), shown(credits_, currency), target="Amount")
