"""Following cursors to the end, and noticing when there is none.

A source that repeats any cursor would be read for ever. Only an empty page may send us to the same place again, a few
times: it may be a page that was not ready.
"""

from collections.abc import Callable, Iterator

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
