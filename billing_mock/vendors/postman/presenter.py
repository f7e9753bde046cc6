"""Neutral invoices in Postman's words, and what such a list should lead to in SAP.

Written as JSON text, not through binary floats: an amount leaves exactly as it stands in the books.
Source of names and types: Postman API OpenAPI 1.45.0, GET /accounts and GET /accounts/{accountId}/invoices.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from urllib.parse import quote

from billing_mock import exact_json
from billing_mock.books import Expected
from billing_mock.dataset import CURRENCIES, Invoice
from billing_mock.options import Options, Unit

ACCOUNT_ID = 123456
ACCOUNT: dict[str, object] = {
    "id": ACCOUNT_ID,
    "teamId": 654321,
    "state": "PAID",
    "slots": {"total": 10, "unbilled": 0, "consumed": 2, "available": 8},
    "salesChannel": "SELF_SERVE",
    "billingEmail": "taylor.lee@example.com",
}
"""The example account of the Postman blog on the billing endpoints."""

API_KEY = "PMAK-billing-mock"
KEY_WITHOUT_ROLE = "PMAK-billing-mock-without-role"
KEY_WITHOUT_TEAM = "PMAK-billing-mock-without-team"

PREFIX = "inv_"
PAGE = "https://pay.postman.com/invoices/pay?invoice_public_id="

_LINKS_LEFT_OUT: tuple[dict[str, str], ...] = (
    {},
    {"links": "{}"},
    {"links": '{"web":{}}'},
)  # every property of an invoice is optional

_SPOILT: dict[str, Mapping[str, str | None]] = {
    "amount_missing": {"value": None},
    "date_malformed": {"issuedAt": '"12/10/2023"'},
    "amount_too_fine": {"value": "12.3456"},
    "number_too_long": {"id": '"inv_TOOLONGFORFORTYCHARACTERSNUMBER"'},
    "amount_as_text": {"value": '"1.234,56"'},
    "currency_missing": {"currency": "null"},
    "date_impossible": {"issuedAt": '"2023-02-30"'},
    "number_missing": {"id": None},
    "amount_too_big": {"value": "12345678901234567890.12"},
}
"""Defect → the members that it replaces; None leaves the member out."""


def settings(base_url: str, options: Options) -> dict[str, str]:
    """The pipeline's settings for this vendor when billing-mock answers at `base_url`."""
    told = {"B2S_POSTMAN_URL": f"{base_url}/postman", "B2S_POSTMAN_API_KEY": API_KEY}
    return told if options.postman_unit == Unit.MAJOR else {**told, "B2S_POSTMAN_UNIT": options.postman_unit.value}


def number_of(vendor_id: str) -> str:
    """Postman's id of an invoice → its neutral number."""
    return vendor_id.removeprefix(PREFIX)


def expected(records: Iterable[Invoice]) -> Expected:
    """Every good record is to be delivered, every other quarantined. Postman lists only PAID ones: none is held."""
    delivered = quarantined = 0
    sums: dict[str, Decimal] = {}
    for record in records:
        if record.defect:
            quarantined += 1
            continue
        delivered += 1
        sums[record.currency] = sums.get(record.currency, Decimal(0)) + record.total
    return Expected(delivered=delivered, held=0, quarantined=quarantined, sums=sums)


def invoice(record: Invoice, unit: Unit = Unit.MAJOR) -> str:
    """One element of `data`, as JSON text."""
    if record.defect == "not_a_record":
        return json.dumps(f"invoice {record.number} is temporarily not available")
    members: dict[str, str | None] = {
        "id": f'"{PREFIX}{record.number}"',
        "status": '"PAID"',
        "issuedAt": f'"{record.issued.isoformat()}"',
        "value": exact_json.number(record.total.scaleb(CURRENCIES[record.currency] if unit == Unit.MINOR else 0)),
        "currency": f'"{record.currency}"',
    }
    for name, text in _SPOILT.get(record.defect or "", {}).items():
        members[name] = text and text.replace("NUMBER", record.number)
    total = _object({"value": members.pop("value"), "currency": members.pop("currency")})
    return _object({**members, "totalAmount": total, **_links(record)})


def _links(record: Invoice) -> Mapping[str, str]:
    if not record.web_page:
        return _LINKS_LEFT_OUT[record.position % len(_LINKS_LEFT_OUT)]
    href = PAGE + PREFIX + record.number
    if record.position % 10 == 3:  # people's names get into addresses, well encoded or not
        href += "&customer=" + (quote(record.customer) if record.position % 20 == 3 else record.customer)
    if record.position % 50 == 7:  # signed addresses are long
        href += "&signature=" + record.number * 30
    return {"links": f'{{"web":{{"href":{json.dumps(href[:1024], ensure_ascii=False)}}}}}'}


def _object(members: Mapping[str, str | None]) -> str:
    return "{" + ",".join(f'"{name}":{text}' for name, text in members.items() if text is not None) + "}"
