"""Neutral documents in the Commerce Platform's words, and what its purchase invoices should lead to in SAP.

Every line keeps ((Quantity * UnitPrice) - Discount) * Duration = ExtendedPrice; the lines add up to the totals. A
credit is a document of its own. Source of names and formulas: the Copaco Cloud knowledge base, pages on the invoices,
the customer invoices, the consolidated invoices and the XML elements; what it leaves open is a switch (options.py).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from billing_mock.books import Expected
from billing_mock.documents import Document, Line, TaxCase
from billing_mock.options import CreditSign, DateText, Options
from billing_mock.written import Record

API_KEY = "copaco-billing-mock"
EXPIRED_KEY = "copaco-billing-mock-expired"
VERSION = "v3"

PURCHASE, SALES, CREDIT = "COP-", "CUS-", "CRE-"
"""How the numbers of purchase invoices, of sales invoices and of credits begin."""

MARGIN = 25
"""Per cent that the reseller adds to what it pays."""

ITEMS = {
    "Customers": "Customer",
    "Subscriptions": "Subscription",
    "PriceLines": "PriceLine",
    "SubscriptionDetails": "SubscriptionDetail",
}
"""List → the XML element of each item."""

SENDER: Record = {
    "AccountID": "1000",
    "CompanyName": "Copaco Cloud",
    "Address": "Hastelweg 195",
    "City": "Eindhoven",
    "Country": "Netherlands",
    "CountryCode": "NL",
    "BankAccount": "0000000000",
    "IBAN": "NL00BANK0000000000",
    "BIC": "BANKNL2A",
    "ChamberOfCommerce": "00000000",
    "VATNumber": "NL000000000B01",
    "Website": "https://copaco.example",
    "Logo": None,
}
RESELLER: Record = {
    "AccountID": "2000",
    "CustomerNumber": "R-0001",
    "CompanyName": "Wederverkoper & Partners B.V.",
    "VATNumber": "NL000000001B01",
    "ContactName": None,
    "Address": "Dorpsstraat 1",
    "Zip": "1234 AB",
    "City": "Utrecht",
    "Country": "Netherlands",
    "CountryCode": "NL",
    "Telephone": None,
    "Email": "facturen@example.com",
    "Type": "Reseller",
}

_SPOILT: dict[str, tuple[str, str, object]] = {
    "amount_missing": ("Totals", "TotalIncludingVAT", None),
    "date_malformed": ("Header", "Date", "12/10/2023"),
    "amount_too_fine": ("Totals", "TotalIncludingVAT", Decimal("12.3456")),
    "number_too_long": ("Header", "InvoiceID", f"{PURCHASE}TOOLONGFORFORTYCHARACTERSNUMBER"),
    "amount_as_text": ("Totals", "TotalIncludingVAT", "1.234,56"),
    "currency_missing": ("Header", "Currency", None),
    "date_impossible": ("Header", "Date", "2023-02-30"),
    "number_missing": ("Header", "InvoiceID", None),
    "amount_too_big": ("Totals", "TotalIncludingVAT", Decimal("12345678901234567890.12")),
}
"""Defect → section, member and what stands there instead."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What is told as one invoice: a document, or the credit that takes it back, bought or sold."""

    document: Document
    credit: bool
    sold: bool = False

    @property
    def number(self) -> str:
        """The document number; a credit has the same in purchase and sales, as the lists are never mixed."""
        prefix = CREDIT if self.credit else SALES if self.sold else PURCHASE
        return prefix + self.document.invoice.number

    @property
    def made(self) -> date:
        """When it was generated: what the period that is asked for refers to."""
        credit = self.document.credit
        return credit.issued if self.credit and credit else self.document.invoice.issued

    def lines(self, options: Options) -> list[Line]:
        """Its lines, with the sign that credits have."""
        credit = self.document.credit
        lines = credit.lines if self.credit and credit else self.document.lines
        if self.sold:
            lines = tuple(sold(line, self.document) for line in lines)
        negative = self.credit and options.copaco_credit_sign == CreditSign.NEGATIVE
        return [negated(line) if negative else line for line in lines]


def settings(base_url: str, options: Options) -> dict[str, str]:
    """The pipeline's settings for this vendor when billing-mock answers at `base_url`; the address has the version."""
    names = (options.copaco_key_header, options.copaco_start_parameter, options.copaco_end_parameter)
    told = {"B2S_COPACO_URL": f"{base_url}/copaco/{VERSION}", "B2S_COPACO_API_KEY": API_KEY}
    return told if names == ("X-Api-Key", "startDate", "endDate") else {**told, "B2S_COPACO_NAMES": " ".join(names)}


def number_of(vendor_id: str) -> str:
    """The number of a purchase invoice → its neutral number."""
    return vendor_id.removeprefix(PURCHASE)


def expected(documents: Iterable[Document]) -> Expected:
    """Every good purchase invoice and every credit is to be delivered, credits counting below zero; bad quarantined."""
    delivered = quarantined = 0
    sums: dict[str, Decimal] = {}
    for document in documents:
        if document.invoice.defect:
            quarantined += 1
            continue
        credit = document.credit
        delivered += 2 if credit else 1
        total = document.invoice.total - (credit.total if credit else 0)
        sums[document.invoice.currency] = sums.get(document.invoice.currency, Decimal(0)) + total
    return Expected(delivered=delivered, held=0, quarantined=quarantined, sums=sums)


def sold(line: Line, document: Document) -> Line:
    """The same line as it is billed on: the price with the reseller's margin, the tax anew."""
    unit = Decimal(1).scaleb(-document.decimals)
    price = line.unit_price + line.unit_price * MARGIN // (100 * unit) * unit
    net = (line.quantity * price - line.discount) * line.duration
    tax = (net * document.rate / 100).quantize(unit, rounding=ROUND_HALF_UP)
    return replace(line, unit_price=price, net=net, tax=tax)


def negated(line: Line) -> Line:
    """The same line below zero, with which the formula still holds."""
    return replace(line, quantity=-line.quantity, discount=-line.discount, net=-line.net, tax=-line.tax)


def invoice(paper: Paper, options: Options) -> object:
    """One purchase or sales invoice."""
    return _whole(paper, options, "CostCenter", lambda line: price_line(paper, line, options))


def consolidated(paper: Paper, options: Options) -> object:
    """One purchase invoice whose lines also know at which price they are sold."""
    return _whole(paper, options, "CustomerCostCenter", lambda line: joined_line(paper, line, options))


def _whole(paper: Paper, options: Options, cost_centre: str, told: Callable[[Line], Record]) -> object:
    document = paper.document
    if document.invoice.defect == "not_a_record":
        return f"invoice {paper.number} is temporarily not available"
    lines = paper.lines(options)
    net, tax = sum((line.net for line in lines), Decimal(0)), sum((line.tax for line in lines), Decimal(0))
    whole: dict[str, object] = {
        "Header": _header(paper, options),
        "Sender": RESELLER if paper.sold else SENDER,
        "Receiver": _receiver(document) if paper.sold else RESELLER,
        "Customers": _customers(document, lines, cost_centre, told),
        "Totals": {
            "TotalExcludingVAT": _exact(net, document),
            "TotalVAT": _exact(tax, document),
            "TotalIncludingVAT": _exact(net + tax, document),
        },
    }
    if spoilt := _SPOILT.get(document.invoice.defect or ""):
        section, member, value = spoilt
        part = whole[section]
        instead = value.replace("NUMBER", document.invoice.number) if isinstance(value, str) else value
        whole[section] = {**part, member: instead} if isinstance(part, dict) else part
    return whole


def _header(paper: Paper, options: Options) -> Record:
    document, made = paper.document, paper.made
    about = f"Credit for {PURCHASE}{document.invoice.number}" if paper.credit else "Subscriptions and usage"
    reverse = " - Btw verlegd" if document.case is TaxCase.REVERSE_CHARGE else ""
    return {
        "InvoiceID": paper.number,
        "Date": _date(made, options),
        "ExpirationDate": _date(made + timedelta(days=30), options),
        "Currency": document.invoice.currency,
        "Type": options.copaco_credit_type if paper.credit else options.copaco_invoice_type,
        "TypeIdentifier": ("381" if paper.credit else "380") if options.copaco_type_codes else None,
        "TermsOfPaymentDays": 30,
        "Description": about + reverse,
        "Language": "Nederlands",
        "LanguageCode": "nl",
    }


def _receiver(document: Document) -> Record:
    known = {"CustomerNumber": document.customer.number, "CompanyName": document.customer.name}
    return {**RESELLER, "AccountID": str(3000 + document.customer.index), **known, "Type": "Customer"}


def _customers(document: Document, lines: list[Line], cost_centre: str, told: Callable[[Line], Record]) -> list[Record]:
    return [{**customer, "Subscriptions": some} for customer, some in _by_customer(document, lines, cost_centre, told)]


def _by_customer(
    document: Document, lines: Iterable[Line], cost_centre: str, told: Callable[[Line], Record]
) -> Iterator[tuple[Record, list[Record]]]:
    """An end customer appears once per cost centre, a subscription once per product."""
    grouped: dict[str, dict[str, list[Line]]] = {}
    for line in lines:
        grouped.setdefault(line.cost_centre, {}).setdefault(line.product, []).append(line)
    for centre, products in grouped.items():
        customer: Record = {
            "AccountID": None if document.invoice.position % 9 == 4 else str(3000 + document.customer.index),
            "CompanyName": document.customer.name,
            "CustomerNumber": document.customer.number,
            cost_centre: centre,
        }
        yield customer, [_subscription(document, product, some, told) for product, some in products.items()]


def _subscription(document: Document, product: str, lines: list[Line], told: Callable[[Line], Record]) -> Record:
    return {
        "SubscriptionID": f"SUB-{document.invoice.number}-{lines[0].number}",
        "SubscriptionName": product,
        "SubscriptionPONumber": None,
        "PlanID": f"PLAN-{lines[0].family[:3].upper()}",
        "PlanName": product,
        "PlanCategoryName": lines[0].family,
        "BillingModel": "Prepaid",
        "StartDate": document.service_from.isoformat(),
        "PriceLines": [told(line) for line in lines],
    }


def subscriptions(paper: Paper) -> list[Record]:
    """What subscriptiondetails tells of a document: its subscriptions, each with its customer; none for a credit.

    The call is published, its shape is not: the members are those that an invoice shows, without prices.
    """
    if paper.credit or paper.document.invoice.defect:
        return []
    return [
        {**customer, **{name: value for name, value in one.items() if name != "PriceLines"}}
        for customer, some in _by_customer(paper.document, paper.document.lines, "CostCenter", lambda _: {})
        for one in some
    ]


def price_line(paper: Paper, line: Line, options: Options) -> Record:
    """One line of a purchase or sales invoice."""
    document = paper.document
    return {
        "LineId": line.number,
        "UID": f"{document.invoice.number}-{line.number}",
        "SKU": f"SKU-{line.family[:3].upper()}-{line.duration:02d}",
        "Description": line.product,
        "Quantity": line.quantity,
        "QuantityType": "Unit",
        "UnitPrice": _exact(line.unit_price, document),
        "Discount": _exact(line.discount, document),
        "Duration": line.duration,
        "DurationType": "Month",
        "ExtendedPrice": _exact(line.net, document),
        "StartDate": _date(document.service_from, options),
        "EndDate": _date(document.service_to, options),
        "TaxPercentage": document.rate,
        "TaxZoneID": _zone(document),
        "VAT": _exact(line.tax, document),
        "ChargeType": charge_type(line),
        "InvoiceRowHash": row_hash(paper, line),
    }


def joined_line(paper: Paper, line: Line, options: Options) -> Record:
    """One line of the consolidated call, which joins what is paid with what is billed."""
    document, resold = paper.document, sold(line, paper.document)
    return {
        "Description": line.product,
        "Duration": line.duration,
        "DurationType": "Month",
        "EndDate": _date(document.service_to, options),
        "LineId": line.number,
        "PurchaseDiscount": _exact(line.discount, document),
        "PurchasePrice": _exact(line.unit_price, document),
        "Quantity": line.quantity,
        "SalesDiscount": _exact(resold.discount, document),
        "SalesPrice": _exact(resold.unit_price, document),
        "StartDate": _date(document.service_from, options),
        "TaxPercentage": document.rate,
        "InvoiceRowHash": row_hash(paper, line),
    }


def charge_type(line: Line) -> str:
    """Why something is charged."""
    if line.correction:
        return "Correction"
    return "Usage Fee" if line.family == "Usage" else "Cycle Fee"


def row_hash(paper: Paper, line: Line) -> str:
    """The same for a line when it is bought and when it is sold."""
    told = f"{paper.document.invoice.number}/{paper.credit}/{line.number}"
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def for_xml(told: object, document: Document) -> object:
    """The names that differ in XML: Street for Address, and two more members of the header."""
    if not isinstance(told, Mapping):
        return told
    receiver = {("Street" if name == "Address" else name): value for name, value in told["Receiver"].items()}
    header = {**told["Header"], "TaxZoneID": _zone(document), "TaxPercentage": document.rate}
    return {**told, "Header": header, "Receiver": receiver}


def _zone(document: Document) -> str:
    return {TaxCase.REVERSE_CHARGE: "EU", TaxCase.TAX_FREE: "World"}.get(document.case, "NL")


def _date(day: date, options: Options) -> str:
    return f"{day.isoformat()}T00:00:00" if options.copaco_dates == DateText.DATETIME else day.isoformat()


def _exact(amount: Decimal, document: Document) -> Decimal:
    return round(amount, document.decimals) if document.decimals else Decimal(int(amount))
