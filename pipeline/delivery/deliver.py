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
from pipeline.delivery.capacity import Capacity
from pipeline.delivery.pace import Pace, Paces
from pipeline.delivery.stop import Stop
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Claim, Verdict
from pipeline.ledger.states import State
from pipeline.model.outcome import Ambiguous, Delivered, NotTaken, Outcome, Refused
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.odata_client.entities import Document, Entities

MOST_CLAIMED = 50
BUSY = frozenset({429, 503})


@dataclass(frozen=True, kw_only=True)
class Route:
    """How invoices get to SAP: ledger, a connection per target, how fast, and in how many slots at once."""

    ledger: Ledger
    connect: Callable[[str], Entities]
    clock: Clock
    capacity: Capacity
    paces: Paces
    batch_size: int
    slots: int


@dataclass(kw_only=True)
class Run:
    """What one run has sent so far; shared by its slots."""

    sent: Counter[str] = field(default_factory=Counter)
    stops: list[Misconfigured | Unavailable] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def end(self, why: Misconfigured | Unavailable) -> None:
        """No slot should go on."""
        with self.lock:
            if str(why) not in {str(known) for known in self.stops}:
                self.stops.append(why)

    def count(self, claims: Sequence[Claim]) -> None:
        """Add one exchange."""
        with self.lock:
            self.sent.update(claim.source for claim in claims)


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What is to be sent, until when, and who is told of it."""

    sources: Sequence[str]
    stop: Stop
    progress: Callable[[int], None] = lambda _count: None
    patience: int = 0


def deliver(route: Route, sources: Sequence[str], *, stop: Stop, progress: Callable[[int], None]) -> Run:
    """Send everything that may be sent by now. Ends when nothing is left, nobody takes it, or somebody asks to stop."""
    run = Run()
    errand = Errand(sources=sources, stop=stop, progress=progress, patience=retry.PATIENCE)
    with ThreadPoolExecutor(max_workers=route.slots, thread_name_prefix="slot") as pool:
        slots = [pool.submit(_Slot(route, errand, run).work) for _ in range(route.slots)]
    for slot in slots:
        slot.result()
    return run


def _target(claim: Claim) -> str:
    return claim.target


class _Slot:
    """One thread's way through the work."""

    def __init__(self, route: Route, errand: Errand, run: Run) -> None:
        self._route = route
        self._errand = errand
        self._run = run
        self._stop = errand.stop
        self._owner = route.clock.guid()
        self._open: dict[str, Entities] = {}

    def _goes_on(self) -> bool:
        return not self._stop.is_set and not self._run.stops

    def work(self) -> None:
        try:
            while self._goes_on():
                count = max(self._route.batch_size, MOST_CLAIMED)
                claims = self._route.ledger.claim(self._errand.sources, count, self._owner)
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
        due = self._route.ledger.next_send(self._errand.sources)
        delay = None if due is None else due - self._route.clock.now()
        if delay is None or delay > self._errand.patience:
            return False
        self._stop.wait(min(max(delay, 50), retry.LOOK_ROUND))
        return True

    def _send_all(self, claims: Sequence[Claim]) -> None:
        for target, group in groupby(sorted(claims, key=_target), key=_target):
            if target not in self._open:
                self._open[target] = self._route.connect(target)
            self._open[target].log_on()
            self._send(target, list(group))

    def _send(self, target: str, claims: list[Claim]) -> None:
        pace = self._route.paces.of(target)
        while claims and self._goes_on():
            repeats = any(claim.attempts for claim in claims[: pace.size])
            if not pace.admit(repeats=repeats, stop=self._stop, goes_on=self._goes_on):
                if self._goes_on():
                    self._run.end(Unavailable(f"SAP asks to be left alone for {pace.breaker.rest // 1000} seconds"))
                return
            size = pace.size
            outcomes = self._exchange(target, claims[:size], pace)
            claims = claims[size:]
            self._draw_conclusions(outcomes, pace)

    def _exchange(self, target: str, claims: Sequence[Claim], pace: Pace) -> list[Outcome]:
        """Make the intent durable, post, and settle; nothing of it where the claims hold no longer."""
        clock = self._route.clock
        with self._route.capacity.slot(target, self._stop):
            claims = self._route.ledger.sending(claims) if self._goes_on() else []
            if not claims:
                pace.withdraw()
                return []
            began = clock.monotonic()
            outcomes = self._open[target].create([_document(claim) for claim in claims])
            took = clock.monotonic() - began
        nothing_taken, busy = all(map(_came_to_nothing, outcomes)), any(map(_is_trouble, outcomes))
        asked = max((one.wait for one in outcomes if isinstance(one, NotTaken) and one.wait is not None), default=None)
        self._route.capacity.observe(target, milliseconds=took, busy=busy)
        pace.observe(milliseconds=took, busy=busy, nothing_taken=nothing_taken, asked=asked)
        verdicts = [self._verdict(claim, outcome) for claim, outcome in zip(claims, outcomes, strict=True)]
        self._route.ledger.settle(verdicts)
        self._run.count(claims)
        self._errand.progress(sum(verdict.after is not State.READY for verdict in verdicts))
        return outcomes

    def _draw_conclusions(self, outcomes: Sequence[Outcome], pace: Pace) -> None:
        for outcome in outcomes:
            if not isinstance(outcome, Delivered) and outcome.stops:
                self._run.end(Misconfigured(outcome.stops))
        if pace.breaker.failures >= retry.FAILURES_IN_A_ROW and outcomes:
            why = getattr(outcomes[-1], "why", "it refuses")
            self._run.end(Unavailable(f"SAP takes nothing at present: {why}. What waits stays ready; repeat later"))

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


def _document(claim: Claim) -> Document:
    return Document(key=claim.doc_key, payload=claim.payload, request_id=claim.attempt, created=claim.sent_at or 0)


def _came_to_nothing(outcome: Outcome) -> bool:
    """Whether the target took nothing, for a reason that is not the document's own."""
    return isinstance(outcome, NotTaken) or (isinstance(outcome, Ambiguous) and outcome.general)


def _is_trouble(outcome: Outcome) -> bool:
    """Whether the target shows that it has too much to do, or does not show anything."""
    busy = isinstance(outcome, NotTaken) and outcome.status in BUSY
    return busy or (isinstance(outcome, Ambiguous) and outcome.general)
