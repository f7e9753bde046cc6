"""What one gateway is made of, as those see it who look on or control it from beside: the routes under /_mock/."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sap_mock.faults.fault import Fault
from sap_mock.faults.plan import Score
from sap_mock.faults.plan_reader import check_names, id_of, read
from sap_mock.provider.catalog import Service
from sap_mock.storage.database import Database
from sap_mock.storage.exchange_journal import ExchangeJournal
from sap_mock.storage.shared_state import SharedState


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts of one gateway; ``addressed`` are all services that a fault plan may name."""

    services: Sequence[Service]
    addressed: Iterable[Service]
    database: Database
    state: SharedState
    faults: Mapping[str, Fault]
    journal: ExchangeJournal | None

    def reset(self) -> None:
        """Empty entities, numbers, sessions, fault plans and the journal."""
        self.database.empty([service.tables for service in self.services])
        self.state.reset()
        if self.journal is not None:
            self.journal.empty()

    def add_plan(self, document: Mapping[str, Any]) -> str:
        """Put a fault plan in force and give its id; raises ``PlanRefused``."""
        plan = read(document, self.faults)
        check_names(plan, self.addressed)
        plan_id = id_of(plan, self.state.has_plan)
        self.state.add_plan(plan_id, document)
        return plan_id

    def score(self, plan_id: str) -> tuple[Score, Mapping[str, Any]] | None:
        """How a fault plan stands, and the plan as it was given; None where there is no such plan."""
        kept = self.state.score(plan_id)
        if kept is None:
            return None
        document, seen, fired = kept
        return Score(id=plan_id, plan=read(document, self.faults), seen=seen, fired=fired), document
