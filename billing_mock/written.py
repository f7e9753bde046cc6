"""What callers of a vendor's API wrote: records they created, members they changed, in its words."""

import threading
from collections.abc import Callable, Mapping

Record = dict[str, object]
"""A record as the vendor tells it."""


class Written:
    """Changes over the generated records, per collection and id; a member changed to None is left out.

    `touch` is called after each change, so that whoever counted can know that the count is stale.
    """

    def __init__(self, touch: Callable[[], None]) -> None:
        self._touch = touch
        self._lock = threading.Lock()
        self._created: dict[str, list[str]] = {}
        self._members: dict[tuple[str, str], Record] = {}

    def create(self, collection: str, id_: str, record: Record) -> None:
        """Add a record of a caller's own."""
        with self._lock:
            self._created.setdefault(collection, []).append(id_)
            self._members[collection, id_] = record
        self._touch()

    def change(self, collection: str, id_: str, members: Mapping[str, object]) -> None:
        """Let these members of a record stand from now on."""
        with self._lock:
            known = self._members.get((collection, id_), {})
            self._members[collection, id_] = {**known, **members}
        self._touch()

    def created(self, collection: str) -> tuple[str, ...]:
        """The ids of the created records, oldest first."""
        with self._lock:
            return tuple(self._created.get(collection, ()))

    def changed(self, collection: str) -> tuple[str, ...]:
        """The ids of all records of this collection over which something was written, the created ones among them."""
        with self._lock:
            return tuple(id_ for name, id_ in self._members if name == collection)

    def over(self, collection: str, id_: str, record: Mapping[str, object]) -> Record:
        """`record` with what was written over it."""
        with self._lock:
            members = self._members.get((collection, id_))
        if members is None:
            return dict(record)
        return {name: value for name, value in {**record, **members}.items() if value is not None}

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._created.clear()
            self._members.clear()
