"""The postings of one document: revenue, tax, deferral, payment, fee, and what takes them back.

Each has one debit and one credit side and a positive amount; what is negative changes sides. Rules, from Fynn's
articles on accounting: only the net amount is deferred, evenly per line, the month of the invoice not; the releases
exist at once and are dated in the future; a cancellation reverses every posting of the invoice and of its deferral.
DATEV's automatic accounts may take revenue and tax as one gross amount; whether Fynn does so is not documented.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from billing_mock.documents import Document, Share, months_later
from billing_mock.vendors.fynn.accounting.chart import DEBTOR, DEDUCTION, DEFERRED, FEES, REVENUE, TAX

GATEWAYS = (  # account, paymentGateway, paymentMethodType
    ("bankAccount", "bank_transfer", "bank_transfer"),
    ("stripe", "stripe", "card"),
    ("paypal", "paypal", "paypal"),
    ("sepaDebit", "sepa_debit", "sepa_debit"),
    ("goCardless", "go_cardless", "sepa_debit"),
)
FEE_PER_CENT = 2
_WITH_FEES = frozenset({"stripe", "paypal"})


class Posting(NamedTuple):
    """One posting; `line` is the number of its line, `reverses` the ordinal of the posting that it takes back."""

    ordinal: int
    type: str
    debit: str
    credit: str
    amount: Decimal
    day: date
    line: int | None = None
    gateway: tuple[str, str, str] | None = None
    reverses: int | None = None
    credit_note: bool = False


PER_LINE = 16
PAYMENT, FEE = 8, 9
CREDITED = 256
REVERSED = 512
ROOM = 1024
"""Ordinals: a line's begin at its number times PER_LINE; what takes back stands REVERSED further; all are below ROOM.

They depend on what a posting is, not on how many stand before it: a changed amount gives no posting another's id.
"""


def postings(document: Document, *, gross: bool = False) -> list[Posting]:
    """All postings of the document in the order in which they were made; a bad record is a single one."""
    made = [posting for signed in _forward(document, gross=gross) for posting in _positive(signed)]
    if document.invoice.defect:
        lone = Posting(0, "revenue", DEBTOR, REVENUE[document.case], Decimal(1), document.invoice.issued)
        return made[:1] or [lone]
    back = _reversals(document, made) if document.cancelled else _credit_note(document)
    return [*made, *back]


def count(document: Document, *, gross: bool = False) -> int:
    """How many postings the document has, without making them."""
    if document.invoice.defect:
        return 1
    taxed, months, paid, credit = document.case in TAX, document.months, document.paid, document.credit
    made = (paid > 0) + (paid > 0 and _fee(document, paid) > 0)
    for net, tax in document.parts:
        as_one = gross and taxed
        made += bool(net + tax if as_one else net) + bool(tax and taxed and not as_one)
        if months > 1 and net > 0:
            made += months if net >= months else 2  # of too little, all is released in the last month
    if credit is None:
        return made
    return 2 * made if credit.whole else made + 1 + (taxed and credit.tax > 0)


def _positive(signed: Posting) -> Iterator[Posting]:
    """The posting; below zero with its sides changed, and none for nothing."""
    if signed.amount > 0:
        yield signed
    elif signed.amount < 0:
        yield signed._replace(debit=signed.credit, credit=signed.debit, amount=-signed.amount)


def _forward(document: Document, *, gross: bool) -> Iterator[Posting]:
    for share in document.shares:
        yield from _revenue(document, share, gross=gross)
    paid = document.paid
    if paid > 0:
        yield from _payment(document, paid)


def _revenue(document: Document, share: Share, *, gross: bool) -> Iterator[Posting]:
    line, net, tax = share
    place, day, revenue = line * PER_LINE, document.invoice.issued, REVENUE[document.case]
    as_one = gross and document.case in TAX
    yield Posting(place, "revenue", DEBTOR, revenue, net + tax if as_one else net, day, line)
    if document.case in TAX and not as_one:
        yield Posting(place + 1, "revenueTax", DEBTOR, TAX[document.case], tax, day, line)
    if document.months > 1 and net > 0:
        yield from _deferral(document, share, revenue)


def _deferral(document: Document, share: Share, revenue: str) -> Iterator[Posting]:
    """1,200.00 for January to December: 1,100.00 is deferred and released in eleven times 100.00; cents go last."""
    unit = Decimal(1).scaleb(-document.decimals)
    line, net, _ = share
    monthly = net // (document.months * unit) * unit
    place, deferred, day = line * PER_LINE + 2, net - monthly, document.invoice.issued
    yield Posting(place, "deferal", revenue, DEFERRED, deferred, day, line)
    for month in range(1, document.months):
        last = month == document.months - 1
        amount = deferred - monthly * (document.months - 2) if last else monthly
        yield Posting(place + month, "resolveDeferal", DEFERRED, revenue, amount, months_later(day, month), line)


def _payment(document: Document, paid: Decimal) -> Iterator[Posting]:
    gateway, day = _gateway(document), document.paid_on
    yield Posting(PAYMENT, "payment", gateway[0], DEBTOR, paid, day, gateway=gateway)
    yield Posting(FEE, "expense", FEES, gateway[0], _fee(document, paid), day, gateway=gateway)


def _fee(document: Document, paid: Decimal) -> Decimal:
    """What the gateway keeps; most keep nothing."""
    if _gateway(document)[0] not in _WITH_FEES:
        return Decimal(0)
    unit = Decimal(1).scaleb(-document.decimals)
    return paid * FEE_PER_CENT // (100 * unit) * unit


def _gateway(document: Document) -> tuple[str, str, str]:
    return GATEWAYS[document.drawn("gateway", len(GATEWAYS))]


def _reversals(document: Document, made: list[Posting]) -> Iterator[Posting]:
    """Every posting with its sides changed, on the day of the cancellation but never before what it takes back."""
    if document.credit is None:
        return
    for one in made:
        changed = one._replace(ordinal=REVERSED + one.ordinal, debit=one.credit, credit=one.debit, reverses=one.ordinal)
        yield changed._replace(day=max(document.credit.issued, one.day))


def _credit_note(document: Document) -> Iterator[Posting]:
    credit = document.credit
    if credit is None:
        return
    day, line = credit.issued, 1
    yield Posting(CREDITED, "revenue", DEDUCTION, DEBTOR, credit.net, day, line, credit_note=True)
    if document.case in TAX and credit.tax > 0:
        yield Posting(CREDITED + 1, "revenueTax", TAX[document.case], DEBTOR, credit.tax, day, line, credit_note=True)
