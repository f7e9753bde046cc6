"""From the ledger into SAP: claim, make the intent durable, post, settle.

As many slots as SAP grants us work processes. Each slot is a thread with its own session and token per target. Nothing
here knows what a batch or a token looks like; nothing here decides what an answer means. A slot that meets trouble
which concerns all invoices stops all slots.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby

from pipeline.clock import Clock
from pipeline.delivery import retry
from pipeline.delivery.stop import Stop
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Claim, Verdict
from pipeline.ledger.states import State
from pipeline.model.outcome import Ambiguous, Delivered, NotTaken, Outcome, Refused
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.odata_client.entities import Document, Entities

MOST_CLAIMED = 50


@dataclass(frozen=True, kw_only=True)
class Route:
    """How invoices get to SAP: ledger, a connection per target, how many at once, in how many slots."""

    ledger: Ledger
    connect: Callable[[str], Entities]
    clock: Clock
    batch_size: int
    slots: int


@dataclass(kw_only=True)
class Run:
    """What one run has sent so far; shared by its slots."""

    sent: Counter[str] = field(default_factory=Counter)
    stops: list[Misconfigured | Unavailable] = field(default_factory=list)
    failures: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def end(self, why: Misconfigured | Unavailable) -> None:
        """No slot should go on."""
        with self.lock:
            if str(why) not in {str(known) for known in self.stops}:
                self.stops.append(why)

    def count(self, claims: Sequence[Claim], outcomes: Sequence[Outcome]) -> int:
        """Add one exchange; gives how many exchanges in a row SAP has taken nothing of."""
        with self.lock:
            self.sent.update(claim.source for claim in claims)
            self.failures = self.failures + 1 if all(isinstance(one, NotTaken) for one in outcomes) else 0
            return self.failures


def deliver(route: Route, sources: Sequence[str], *, stop: Stop, progress: Callable[[int], None]) -> Run:
    """Send everything that may be sent by now. Ends when nothing is left, nobody takes it, or somebody asks to stop."""
    run = Run()
    with ThreadPoolExecutor(max_workers=route.slots, thread_name_prefix="slot") as pool:
        slots = [pool.submit(_Slot(route, sources, run, stop, progress).work) for _ in range(route.slots)]
    for slot in slots:
        slot.result()
    return run


def _target(claim: Claim) -> str:
    return claim.target


class _Slot:
    """One thread's way through the work."""

    def __init__(
        self, route: Route, sources: Sequence[str], run: Run, stop: Stop, progress: Callable[[int], None]
    ) -> None:
        self._route = route
        self._sources = sources
        self._run = run
        self._stop = stop
        self._progress = progress
        self._owner = route.clock.guid()
        self._open: dict[str, Entities] = {}

    @property
    def _goes_on(self) -> bool:
        return not self._stop.is_set and not self._run.stops

    def work(self) -> None:
        try:
            while self._goes_on:
                claims = self._route.ledger.claim(self._sources, max(self._route.batch_size, MOST_CLAIMED), self._owner)
                if claims:
                    self._send_all(claims)
                elif not self._waits():
                    return
        except (Misconfigured, Unavailable) as trouble:
            self._run.end(trouble)
        finally:
            self._route.ledger.release(self._owner)
            for entities in self._open.values():
                entities.close()

    def _waits(self) -> bool:
        """Whether something may be sent soon; then waits for it."""
        due = self._route.ledger.next_send(self._sources)
        delay = None if due is None else due - self._route.clock.now()
        if delay is None or delay > retry.PATIENCE:
            return False
        self._stop.wait(min(max(delay, 50), retry.LOOK_ROUND))
        return True

    def _send_all(self, claims: Sequence[Claim]) -> None:
        for target, group in groupby(sorted(claims, key=_target), key=_target):
            if target not in self._open:
                self._open[target] = self._route.connect(target)
            self._send(self._open[target], list(group))

    def _send(self, entities: Entities, claims: Sequence[Claim]) -> None:
        entities.log_on()
        size = self._route.batch_size
        for start in range(0, len(claims), size):
            if not self._goes_on:
                return
            intended = self._route.ledger.sending(claims[start : start + size])
            if intended:
                self._exchange(entities, intended)

    def _exchange(self, entities: Entities, claims: Sequence[Claim]) -> None:
        outcomes = entities.create([Document(key=claim.doc_key, payload=claim.payload) for claim in claims])
        verdicts = [self._verdict(claim, outcome) for claim, outcome in zip(claims, outcomes, strict=True)]
        self._route.ledger.settle(verdicts)
        failures = self._run.count(claims, outcomes)
        self._progress(sum(verdict.after is not State.READY for verdict in verdicts))
        self._draw_conclusions(outcomes, failures)

    def _draw_conclusions(self, outcomes: Sequence[Outcome], failures: int) -> None:
        for outcome in outcomes:
            if isinstance(outcome, NotTaken | Refused) and outcome.stops:
                self._run.end(Misconfigured(outcome.stops))
        last = outcomes[-1]
        if failures and isinstance(last, NotTaken):
            if failures >= retry.FAILURES_IN_A_ROW:
                self._run.end(
                    Unavailable(f"SAP takes nothing at present: {last.why}. What waits stays ready; repeat later")
                )
            elif self._goes_on:
                self._stop.wait(min(retry.wait(last, failures, self._route.clock.chance), retry.PATIENCE))

    def _verdict(self, claim: Claim, outcome: Outcome) -> Verdict:
        now = self._route.clock.now()
        match outcome:
            case Delivered():
                return Verdict(claim=claim, after=State.DELIVERED, outcome="delivered", status=outcome.status)
            case Refused():
                return Verdict(
                    claim=claim,
                    after=State.REJECTED,
                    why=outcome.message,
                    reasons=outcome.reasons,
                    outcome="refused",
                    status=outcome.status,
                    code=outcome.code,
                )
            case NotTaken():
                return Verdict(
                    claim=claim,
                    after=State.READY,
                    why=outcome.why,
                    outcome="not taken",
                    status=outcome.status,
                    not_before=now + retry.wait(outcome, claim.attempts, self._route.clock.chance),
                )
            case Ambiguous():
                grace_ends = (claim.sent_at or now) + self._route.ledger.grace
                return Verdict(
                    claim=claim,
                    after=State.AMBIGUOUS,
                    why=outcome.why,
                    reasons=(outcome.why,),
                    outcome="ambiguous",
                    status=outcome.status,
                    look_at=now if outcome.exists else grace_ends,
                )
