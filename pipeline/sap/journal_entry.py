"""The neutral posting as a journal entry of ZJOURNAL_SRV, by deep insert, and back. The only file that knows both.

One posting becomes one balanced entry of two items, so that a posting that comes later changes no entry that is there.
`ExternalID` is what we find it by; SAP hands out its own number. Rules: a posting key of DATEV before the account
(`40.8400`) is taken off; what is gross on an automatic account is split, if the mapping says so; a debtor is a customer
line; a tax account needs tax code and tax base, computed from the rate; a cost center goes only where SAP takes one;
texts are cut to SAP's length, the end of a reference counts more than its beginning. A reversal is an entry of its own
that says so in its header and names in its items what it reverses (decision 10). Sources: $metadata and messages of
ZJOURNAL_SRV, Fynn's articles on accounting and DATEV.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pipeline.model.money import Money
from pipeline.model.posting import Account, Posting
from pipeline.model.record import digest
from pipeline.model.rounding import rounded, total
from pipeline.sap import form
from pipeline.sap.form import Form, FrozenEntity, Property, objections, padded
from pipeline.sap.mapping import Books

ENTRIES = "JournalEntries"
ITEMS = "ToItems"
KEY = "ExternalID"
DEBTOR = "debtor"
OTHER = "other"
DEBIT, CREDIT = "S", "H"
_POSTING_KEY = re.compile(r"[0-9]{1,3}\.(?=[0-9])", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{1,10}", re.ASCII)
_WITHOUT_TAX = re.compile(r"40\.", re.ASCII)
DEFERRALS = frozenset({"deferal", "resolveDeferal"})
"""Kinds of postings that are net on any account: tax is not deferred. The vendor's spelling."""

HEADER = (
    Property(name="ExternalID", type="Edm.String", max_length=60),
    Property(name="CompanyCode", type="Edm.String", max_length=4),
    Property(name="DocumentType", type="Edm.String", max_length=2),
    Property(name="DocumentDate", type="Edm.DateTime"),
    Property(name="PostingDate", type="Edm.DateTime"),
    Property(name="Currency", type="Edm.String", max_length=5),
    Property(name="Reference", type="Edm.String", max_length=16),
    Property(name="HeaderText", type="Edm.String", max_length=25),
)
ITEM = (
    Property(name="Item", type="Edm.String", max_length=4),
    Property(name="GLAccount", type="Edm.String", max_length=10),
    Property(name="Customer", type="Edm.String", max_length=10),
    Property(name="DebitCreditCode", type="Edm.String", max_length=1),
    Property(name="Amount", type="Edm.Decimal", precision=24, scale=3),
    Property(name="TaxCode", type="Edm.String", max_length=2),
    Property(name="TaxBaseAmount", type="Edm.Decimal", precision=24, scale=3),
    Property(name="CostCenter", type="Edm.String", max_length=10),
    Property(name="Text", type="Edm.String", max_length=50),
    Property(name="Assignment", type="Edm.String", max_length=18),
)
_LENGTHS = {prop.name: prop.max_length or 0 for prop in (*HEADER, *ITEM)}


class NoAccount(Exception):
    """The mapping has no place for this account, or for what goes with it."""


def external_id(source: str, posting_id: str) -> str:
    """Under which we find the entry of a posting: `fynn:posting:<id>`."""
    return f"{source}:posting:{posting_id}"


def build(posting: Posting, books: Books) -> FrozenEntity | tuple[str, ...]:
    """A posting → its frozen entry, or every reason why SAP or the mapping has no place for it."""
    key = external_id(posting.source, posting.id)
    day = f"{posting.day.isoformat()}T00:00:00"
    what = f"reversal, {posting.kind}" if posting.reverses else posting.kind
    header = {
        "ExternalID": key,
        "CompanyCode": books.company_code,
        "DocumentType": books.document_types.get(posting.kind, books.document_types[OTHER]),
        "DocumentDate": day,
        "PostingDate": day,
        "Currency": posting.total.currency,
        "Reference": posting.invoice_number.strip()[-_LENGTHS["Reference"] :].strip(),
        "HeaderText": _cut(f"{posting.source.title()} {what}", "HeaderText"),
    }
    items = []
    found: list[str] = []
    for side, account in ((DEBIT, posting.debit), (CREDIT, posting.credit)):
        try:
            items += _items(posting, books, side, account)
        except NoAccount as gap:
            found.append(str(gap))
    items = [{"Item": f"{number:04d}", **item} for number, item in enumerate(items, start=1)]
    found += [reason for prop in HEADER for reason in objections(prop, header[prop.name], is_key=prop.name == KEY)]
    found += [reason for prop in ITEM for item in items for reason in objections(prop, item.get(prop.name, ""))]
    if found:
        return tuple(dict.fromkeys(found))
    payload = json.dumps(
        {**header, ITEMS: [_spelled(item, posting) for item in items]}, ensure_ascii=False, separators=(",", ":")
    ).encode()
    return FrozenEntity(key=key, payload=payload, digest=digest(payload))


def _items(posting: Posting, books: Books, side: str, account: Account) -> list[dict[str, Any]]:
    """The item of one side; two where an automatic account of DATEV's has been given the gross amount."""
    item = _item(posting, books, side, account)
    taxed = books.automatic_accounts.get(_number(account))
    if taxed is None or posting.kind in DEFERRALS or _WITHOUT_TAX.match(account.number.strip()):
        return [item]
    taxed = books.accounts.get(taxed, taxed)
    rate, code = _rate_and_code(posting, books, taxed)
    net = rounded(posting.total.amount * 100 / (100 + rate), posting.total.currency)
    tax = posting.total.amount - net
    split = {**item, "Amount": tax, "GLAccount": padded(taxed), "TaxCode": code, "TaxBaseAmount": net}
    split.pop("CostCenter", None)
    return [{**item, "Amount": net}, split] if tax else [item]


def _item(posting: Posting, books: Books, side: str, account: Account) -> dict[str, Any]:
    words = f"Reverses {posting.reverses}" if posting.reverses else posting.text
    item: dict[str, Any] = {
        "DebitCreditCode": side,
        "Amount": posting.total.amount,
        "Text": _cut(words, "Text"),
        "Assignment": _cut(posting.customer_number, "Assignment"),
    }
    found = _number(account)
    if account.type == DEBTOR or found in books.debtors:
        return {**item, "Customer": padded(_customer(posting, books))}
    found = books.accounts.get(found, found)
    if not _ACCOUNT.fullmatch(found):
        raise NoAccount(
            f"account '{account.number}' is no G/L account; name one in the mapping file, [journal.accounts]"
        )
    item["GLAccount"] = padded(found)
    if found.lstrip("0") in books.tax_accounts:
        return {**item, **_tax(posting, books, found)}
    if code := books.tax_codes.get(account.type):
        item["TaxCode"] = code
    if account.type in books.cost_center_types and posting.cost_centre:
        item["CostCenter"] = padded(books.cost_centers.get(posting.cost_centre, posting.cost_centre))
    return item


def _number(account: Account) -> str:
    """The account's number in its own chart, without DATEV's posting key."""
    return _POSTING_KEY.sub("", account.number.strip(), count=1)


def _customer(posting: Posting, books: Books) -> str:
    customer = books.customers.get(posting.customer_number) or books.customers.get(OTHER, "")
    if not customer:
        raise NoAccount(
            f"customer '{posting.customer_number}' is not in the mapping file, [journal.customers], nor is 'other'"
        )
    return customer


def _tax(posting: Posting, books: Books, account: str) -> dict[str, Any]:
    """Code and base of a tax line: the base is what gives this tax at this rate, rounded half up."""
    rate, code = _rate_and_code(posting, books, account)
    return {"TaxCode": code, "TaxBaseAmount": rounded(posting.total.amount * 100 / rate, posting.total.currency)}


def _rate_and_code(posting: Posting, books: Books, account: str) -> tuple[Decimal, str]:
    rate = posting.tax_rate
    code = books.tax_rates.get(format(rate.normalize(), "f")) if rate is not None else None
    if not rate or code is None:
        shown = "no tax rate" if rate is None else f"the tax rate {rate}"
        raise NoAccount(f"tax account {account}: the posting has {shown}, for which [journal.tax_rates] has no code")
    return rate, code


def _cut(words: str, name: str) -> str:
    """A text on one line, cut to SAP's length."""
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())[: _LENGTHS[name]].strip()


def _spelled(item: Mapping[str, Any], posting: Posting) -> dict[str, str]:
    def spell(value: Any) -> str:
        return Money(amount=value, currency=posting.total.currency).text if isinstance(value, Decimal) else str(value)

    return {name: spell(value) for name, value in item.items() if value not in {"", None}}


def differences(payload: bytes, seen: Mapping[str, Any]) -> tuple[str, ...]:
    """What of the sent payload SAP shows otherwise; what was not sent (a reconciliation account, say) is SAP's own."""
    sent = json.loads(payload)
    found = form.differences([prop for prop in HEADER if prop.name in sent], sent, seen)
    shown = {item["Item"]: item for item in seen[ITEMS]}
    if len(shown) != len(sent[ITEMS]):
        found.append(f"{ITEMS}: sent {len(sent[ITEMS])}, SAP shows {len(shown)}")
    for item in sent[ITEMS]:
        theirs = shown.get(item["Item"], {})
        found += [
            f"item {item['Item']}, {text}"
            for text in form.differences([prop for prop in ITEM if prop.name in item], item, theirs)
        ]
    return tuple(found)


def worth(seen: Mapping[str, Any]) -> tuple[str, Decimal]:
    """Currency and debit sum of an entry as SAP shows it."""
    debits = (item["Amount"] or Decimal(0) for item in seen[ITEMS] if item["DebitCreditCode"] == DEBIT)
    return str(seen["Currency"]), total(debits)


FORM = Form(
    service="ZJOURNAL_SRV",
    entity_set=ENTRIES,
    key=KEY,
    by_filter=True,
    items=ITEMS,
    properties={ENTRIES: HEADER, "JournalEntryItems": ITEM},
    duplicate_codes=frozenset({"ZJOURNAL/001"}),
    differences=differences,
    worth=worth,
)
