"""Why a sound posting must wait. Pure: from the posting and the hour to the reasons.

One that is not committed may still change or vanish at its source. One that is dated in the future (the release of a
deferral, say) belongs to a period that is not there yet, and goes on the day it is dated, in Berlin.
"""

from datetime import UTC, date, datetime, timedelta

from pipeline.model.posting import Posting
from pipeline.schemas.fynn import BOOKS

UNCOMMITTED = "not committed at its source: it may still change there"
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
