"""What all worker processes share besides entities: the secret of sessions, and fault plans with their scores.

It lies in the database; a counter in a memory-mapped file tells every process, for a few nanoseconds a request, whether
to read it anew.
"""

from __future__ import annotations

import json
import mmap
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Engine, Integer, LargeBinary, MetaData, Table, Text, select
from sqlalchemy.schema import CreateTable

from sap_mock import clock
from sap_mock.storage.engine import defining, writing

_METADATA = MetaData()
_SECRET = Table("session_secret", _METADATA, Column("id", Integer, primary_key=True), Column("secret", LargeBinary))
_PLANS = Table(
    "fault_plan",
    _METADATA,
    Column("id", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("plan", Text, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("fired", Integer, nullable=False),
)


class Generation:
    """A number in a file that several processes map into memory; it grows when shared state changes."""

    def __init__(self, path: Path) -> None:
        path.touch(exist_ok=True)
        with path.open("r+b") as file:
            if path.stat().st_size < 8:
                file.truncate(8)
            self._map = mmap.mmap(file.fileno(), 8)

    def read(self) -> bytes:
        """The present number, to be compared only."""
        return self._map[:8]

    def advance(self) -> None:
        """Tell every process to read anew."""
        self._map[:8] = ((int.from_bytes(self._map[:8]) + 1) % 2**64).to_bytes(8)


class SharedState:
    """The shared state as one process sees it. ``fresh_secret`` makes a new session secret."""

    def __init__(self, engine: Engine, generation: Generation, fresh_secret: Callable[[], bytes]) -> None:
        self._engine = engine
        self._generation = generation
        self._fresh_secret = fresh_secret
        self._lock = threading.Lock()
        self._seen = b""
        self._plans: tuple[tuple[str, Mapping[str, Any]], ...] = ()
        self._secret = b""
        with defining(engine) as connection:
            for table in (_SECRET, _PLANS):
                connection.execute(CreateTable(table, if_not_exists=True))
            if connection.execute(select(_SECRET.c.id)).first() is None:
                connection.execute(_SECRET.insert(), {"id": 1, "secret": fresh_secret()})

    @property
    def secret(self) -> bytes:
        """The secret that sessions and tokens are signed with."""
        self._refresh()
        return self._secret

    def plans(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """The fault plans in force as JSON documents, oldest first, with their ids."""
        self._refresh()
        return self._plans

    def has_plan(self, plan_id: str) -> bool:
        """Whether a plan with this id is in force."""
        return self.score(plan_id) is not None

    def add_plan(self, plan_id: str, document: Mapping[str, Any]) -> None:
        """Put a plan in force; one that ends after some seconds remembers when it began."""
        if document.get("seconds") is not None:
            document = {**document, "begun": clock.now().timestamp()}
        with writing(self._engine) as connection:
            position = len(connection.execute(select(_PLANS.c.id)).all())
            row = {"id": plan_id, "position": position, "plan": json.dumps(dict(document)), "seen": 0, "fired": 0}
            connection.execute(_PLANS.insert(), row)
        self._generation.advance()

    def remove_plan(self, plan_id: str) -> None:
        """Take a plan out of force."""
        with writing(self._engine) as connection:
            connection.execute(_PLANS.delete().where(_PLANS.c.id == plan_id))
        self._generation.advance()

    def score(self, plan_id: str) -> tuple[Mapping[str, Any], int, int] | None:
        """A plan with how often it matched and struck, or None when there is no such plan."""
        with self._engine.connect() as connection:
            columns = _PLANS.c.plan, _PLANS.c.seen, _PLANS.c.fired
            row = connection.execute(select(*columns).where(_PLANS.c.id == plan_id)).first()
        return None if row is None else (json.loads(row[0]), row[1], row[2])

    def strike(self, plan_id: str, strikes: Callable[[int, int], bool]) -> int:
        """Count a match; ask ``strikes(seen, fired)`` whether it is struck, and count that too.

        The number of the strike from 1, or 0 where it is none.
        """
        with writing(self._engine) as connection:
            score = select(_PLANS.c.seen, _PLANS.c.fired).where(_PLANS.c.id == plan_id)
            row = connection.execute(score.with_for_update()).first()
            if row is None:
                return 0
            struck = strikes(row[0] + 1, row[1])
            values = {"seen": row[0] + 1, "fired": row[1] + struck}
            connection.execute(_PLANS.update().where(_PLANS.c.id == plan_id).values(values))
            return row[1] + 1 if struck else 0

    def reset(self) -> None:
        """End every session and every plan."""
        with writing(self._engine) as connection:
            connection.execute(_PLANS.delete())
            connection.execute(_SECRET.update().values(secret=self._fresh_secret()))
        self._generation.advance()

    def _refresh(self) -> None:
        current = self._generation.read()
        if current == self._seen and self._secret:
            return
        with self._lock, self._engine.connect() as connection:
            self._secret = bytes(connection.execute(select(_SECRET.c.secret)).scalar_one())
            rows = connection.execute(select(_PLANS.c.id, _PLANS.c.plan).order_by(_PLANS.c.position)).all()
            self._plans = tuple((row[0], json.loads(row[1])) for row in rows)
            self._seen = current
