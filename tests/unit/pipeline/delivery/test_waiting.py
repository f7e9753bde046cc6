"""Why a posting waits, to the hour in Berlin."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pipeline.delivery.waiting import CANCELLED_BEFORE, OVER_NOTHING, UNCOMMITTED, of_payable, reasons, today
from pipeline.model.invoice import Invoice
from pipeline.model.money import Money
from pipeline.model.posting import Account, Posting

BANK = Account(number="1200", type="bankAccount")
POSTING = Posting(
    source="fynn",
    id="p",
    kind="revenue",
    day=date(2026, 7, 1),
    total=Money(amount=Decimal(1), currency="EUR"),
    debit=BANK,
    credit=BANK,
    committed=True,
)


def instant(*parts):
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1000


@pytest.mark.parametrize(
    ("now", "waits"),
    [
        (instant(2026, 6, 30, 21, 59, 59), ("dated in the future, on 2026-07-01",)),
        (instant(2026, 6, 30, 22), ()),
        (instant(2026, 7, 2), ()),
    ],
)
def test_a_future_posting_waits_until_its_day_begins_in_berlin(now, waits):
    assert reasons(POSTING, now) == waits


def test_one_that_is_not_committed_waits_and_every_reason_is_told():
    assert reasons(replace(POSTING, committed=False), 0) == (UNCOMMITTED, "dated in the future, on 2026-07-01")


def test_the_day_is_berlins():
    assert today(instant(2025, 12, 31, 23)) == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("status", "amount", "waits"),
    [
        ("PAID", "0.01", ()),
        ("OPEN", "-0.01", ()),
        ("CANCELLED", "440.00", (CANCELLED_BEFORE,)),
        ("PAID", "0", (OVER_NOTHING,)),
        ("CANCELLED", "0", (CANCELLED_BEFORE, OVER_NOTHING)),
    ],
)
def test_a_payable_that_owes_nothing_waits_and_says_why(status, amount, waits):
    total = Money(amount=Decimal(amount), currency="EUR")
    invoice = Invoice(source="bill", id="00e1", status=status, issued_on=date(2026, 7, 1), total=total)
    assert of_payable(invoice) == waits
