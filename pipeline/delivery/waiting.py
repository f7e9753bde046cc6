"""Why a sound document must wait. Pure: from the document and the hour to the reasons.

A posting that is not committed may still change or vanish at its source. One that is dated in the future (the release
of a deferral, say) belongs to a period that is not there yet, and goes on the day it is dated, in Berlin. A payable
that is cancelled or over nothing owes nothing: it waits until its source says otherwise.
"""

from datetime import UTC, date, datetime, timedelta

from pipeline.model.invoice import Invoice
from pipeline.model.posting import Posting
from pipeline.schemas.fynn import BOOKS

UNCOMMITTED = "not committed at its source: it may still change there"
CANCELLED_BEFORE = "cancelled at its source before it was posted: nothing is owed, so nothing is posted"
OVER_NOTHING = "over nothing: nothing is owed, and SAP posts no supplier invoice without an amount"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def today(now: int) -> date:
    """The day it is where the books are kept."""
    return (_EPOCH + timedelta(milliseconds=now)).astimezone(BOOKS).date()


def reasons(posting: Posting, now: int) -> tuple[str, ...]:
    """Every reason to wait; none when it may go."""
    found = []
    if not posting.committed:
        found.append(UNCOMMITTED)
    if posting.day > today(now):
        found.append(f"dated in the future, on {posting.day.isoformat()}")
    return tuple(found)


def of_payable(invoice: Invoice) -> tuple[str, ...]:
    """Why an invoice that would become a payable waits; none when it is to be posted."""
    found = []
    if invoice.is_cancelled:
        found.append(CANCELLED_BEFORE)
    if not invoice.total.amount:
        found.append(OVER_NOTHING)
    return tuple(found)
