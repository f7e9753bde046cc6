"""Following cursors to the end, and noticing when there is none; beginning again where a walk broke off.

A source that repeats any cursor would be read for ever. Only an empty page may send us to the same place again, a few
times: it may be a page that was not ready.
"""

from collections.abc import Callable, Iterator

from pipeline.clock import Clock
from pipeline.model.stops import Unavailable
from pipeline.sources.page import Page

EMPTY_PAGES = 3


def follow(fetch: Callable[[str | None], Page], *, start: str | None = None) -> Iterator[Page]:
    """Pages from `start` until one has no next cursor. Raises Unavailable when a cursor comes for the second time."""
    seen = {start}
    cursor = start
    patience = EMPTY_PAGES
    while True:
        page = fetch(cursor)
        yield page
        patience = EMPTY_PAGES if page.records else patience - 1
        is_repeated = page.next in seen and (page.next != cursor or page.records or not patience)
        cursor = page.next
        if cursor is None:
            return
        if is_repeated:
            raise Unavailable(
                f"{page.stream} gives the same page cursor again and again; what was read so far is kept. Repeat later"
            )
        seen.add(cursor)


def begun_again(
    walk: Callable[[], Iterator[Page]], clock: Clock, broken: tuple[type[Exception], ...], *, tries: int, what: str
) -> Iterator[Page]:
    """The pages of a walk; from its beginning once more where it breaks off. Raises Unavailable when it always does.

    What was given twice is the same record for the ledger.
    """
    why = ""
    for attempt in range(1, tries + 1):
        try:
            yield from walk()
        except broken as error:
            why = str(error)
            if attempt < tries:
                clock.sleep(250 << attempt)
        else:
            return
    raise Unavailable(f"{what} cannot be read: {why}. Repeat later")
