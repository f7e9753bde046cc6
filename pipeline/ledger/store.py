"""What every part of the ledger stands on: a database, a clock, and changes that are one transaction each.

All changes of a state go through `Change.move`: the row is locked, its state compared, the transition checked against
the table, written to the history with who made it, and told to the observer after the commit.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine, Row

from pipeline.clock import Clock
from pipeline.ledger import engine as databases
from pipeline.ledger import shapes, statements
from pipeline.ledger.actor import Actor
from pipeline.ledger.engine import lock, reading, transaction
from pipeline.ledger.rows import Transition
from pipeline.ledger.states import State, check
from pipeline.ledger.witness import Witness

Observer = Callable[[Sequence[Transition]], None]
Kind = TypeVar("Kind")


_FRESH = 10_000
"""Milliseconds for which a server's clock is not asked anew where nothing but a wait depends on it."""


def nobody(_transitions: Sequence[Transition]) -> None:
    """The observer that does nothing."""


class Evidence(NamedTuple):
    """What is known of one document's transition: why, in which attempt, in which transaction of SAP's."""

    why: str = ""
    attempt: str = ""
    transaction_id: str = ""


@dataclass(kw_only=True)
class Change:
    """One transaction that changes the ledger, and the transitions it has made so far."""

    connection: Connection
    now: int
    made: list[Transition] = field(default_factory=list)

    def move(
        self,
        rows: Iterable[Row[Any]],
        after: State,
        why: str = "",
        *,
        values: Mapping[str, object] = MappingProxyType({}),
        evidence: Mapping[int, Evidence] | None = None,
    ) -> int:
        """Locked documents to another state, which lets go of them.

        `values` are what else is set; `evidence` tells more of single ones, by id. Gives how many moved. Raises
        ForbiddenTransition.
        """
        moved = 0
        set_to = {"owner": None, "lease_until": 0, "changed_at": self.now, **values}
        for before, same in alike(rows, lambda row: State(row.state)):
            check(before, after)
            statements.set_state(self.connection, before, after, [row.id for row in same], set_to)
            self.note(same, before, after, why, evidence=evidence)
            moved += len(same)
        return moved

    def note(
        self,
        rows: Iterable[Row[Any]],
        before: State,
        after: State,
        why: str = "",
        *,
        evidence: Mapping[int, Evidence] | None = None,
    ) -> None:
        """Remember that documents have just gone from one state to another. Raises ForbiddenTransition."""
        check(before, after)
        known = evidence or {}
        general = Evidence(why=why)
        for row in rows:
            mine = known.get(row.id, general)
            self.made.append(
                Transition(
                    document_id=row.id,
                    source=row.source,
                    source_id=row.source_id,
                    revision=row.revision,
                    target=row.target,
                    before=before,
                    after=after,
                    at=self.now,
                    why=mine.why or why,
                    attempt=mine.attempt,
                    transaction_id=mine.transaction_id,
                    owner=getattr(row, "owner", None) or "",
                )
            )


def alike(rows: Iterable[Row[Any]], kind: Callable[[Row[Any]], Kind]) -> Iterable[tuple[Kind, list[Row[Any]]]]:
    """The rows of each kind."""
    found: dict[Kind, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(kind(row), []).append(row)
    return found.items()


class Store:
    """A database that holds a ledger.

    `grace` is how long after a request left it may still take effect in SAP; `lease` how long a claim holds. The
    observer is told, after each commit, the transitions that were made.
    """

    def __init__(  # noqa: PLR0913 - two things it works with, two times, three with defaults
        self,
        engine: Engine,
        clock: Clock,
        *,
        grace: int,
        lease: int,
        observer: Observer = nobody,
        actor: Actor | None = None,
        witness: Witness | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._observer = observer
        self._actor = actor or Actor()
        self._actor_id = 0
        self._told: tuple[int, int] | None = None
        self._witness = witness or Witness("", ())
        self.grace = grace
        self.lease = lease

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def now(self) -> int:
        """The instant by the one clock of all who share this ledger.

        On a server it is the server's, as it was told a moment ago, and has gone on since; on a file this machine's.
        """
        if self._told:
            instant, then = self._told
            since = self._clock.monotonic() - then
            if since < _FRESH:
                return instant + since
        with self._reading() as connection:
            return self._asked(connection)

    def skew(self) -> int:
        """How many milliseconds the server's clock is ahead of this machine's; none on a file."""
        with self._reading() as connection:
            told = databases.now(connection)
        return 0 if told is None else told - self._clock.now()

    def _asked(self, connection: Connection) -> int:
        """That instant, asked for at this moment: what others may take over, and when, is decided by it."""
        told = databases.now(connection)
        if told is None:
            return self._clock.now()
        instant = self._clock.shared(told)
        self._told = instant, self._clock.monotonic()
        return instant

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """Hold a name for as long as the context lasts; gives whether it was free.

        Among all who share this ledger: on PostgreSQL until the session ends, on SQLite until the process does, so a
        killed holder's name is free at once.
        """
        return lock(self._engine, name)

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self._engine)

    @contextmanager
    def _changing(self, *, keep: bool = True) -> Iterator[Change]:
        """One transaction; its transitions go into the history at its end, and to the observer after it."""
        actor = self._begin_as() if keep else 0
        with transaction(self._engine, keep=keep) as connection:
            change = Change(connection=connection, now=self._asked(connection))
            yield change
            if change.made and keep:
                statements.insert_history(connection, [shapes.history_row(one, actor) for one in change.made])
        if change.made and keep:
            self._observer(change.made)

    def _begin_as(self) -> int:
        """The number of whoever works here, entered before their first change."""
        if not self._actor_id:
            with transaction(self._engine) as connection:
                now = self._asked(connection)
                self._actor_id = statements.insert_actor(connection, self._actor.who, self._actor.program, now)
        return self._actor_id
