"""Following cursors to the end, and noticing when there is none.

A source that repeats any cursor would be read for ever.
"""

from collections.abc import Callable, Iterator

from pipeline.model.stops import Unavailable
from pipeline.sources.page import Page


def follow(fetch: Callable[[str | None], Page], *, start: str | None = None) -> Iterator[Page]:
    """Pages from `start` until one has no next cursor. Raises Unavailable when a cursor comes for the second time."""
    seen = {start}
    cursor = start
    while True:
        page = fetch(cursor)
        yield page
        cursor = page.next
        if cursor is None:
            return
        if cursor in seen:
            raise Unavailable(
                f"{page.stream} gives the same page cursor again and again; what was read so far is kept. Repeat later"
            )
        seen.add(cursor)
