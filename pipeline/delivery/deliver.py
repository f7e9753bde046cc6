"""From the ledger into SAP: claim, make the intent durable, post, settle.

As many senders as SAP grants us work processes. Each is a thread with its own session and token per target, and holds a
slot for as long as it has something under way (`slots`). Nothing here knows what a batch or a token looks like; nothing
here decides what an answer means. What a sender meets that concerns all invoices of a target ends it for all senders.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

from pipeline.clock import Clock
from pipeline.delivery import repeat, retry
from pipeline.delivery.pace import Pace, Paces
from pipeline.delivery.slots import Slots
from pipeline.delivery.stop import Stop
from pipeline.delivery.targets import Targets, stop_of
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.rows import Claim, Verdict
from pipeline.ledger.states import State
from pipeline.model.outcome import Ambiguous, Delivered, NotTaken, Outcome, Refused
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.odata_client.answers import came_to_nothing
from pipeline.odata_client.entities import Document, Entities

BUSY = frozenset({429, 503})


@dataclass(frozen=True, kw_only=True)
class Route:
    """How invoices get to SAP: ledger, a connection per target, how fast, and by how many senders."""

    ledger: Ledger
    connect: Callable[[str], Entities]
    clock: Clock
    slots: Slots
    paces: Paces
    senders: int


@dataclass(kw_only=True)
class Run:
    """What one run has sent so far; shared by its senders."""

    sent: Counter[str] = field(default_factory=Counter)
    targets: Targets = field(default_factory=Targets)
    remarks: list[str] = field(default_factory=list)
    repeatability: dict[str, str | None] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def stops(self) -> list[Misconfigured | Unavailable]:
        """What keeps the senders from going on, with a target or with all."""
        return self.targets.stops

    def remark(self, text: str) -> None:
        """Something that a person should know, once."""
        with self.lock:
            if text not in self.remarks:
                self.remarks.append(text)

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


def deliver(
    route: Route,
    sources: Sequence[str],
    *,
    stop: Stop,
    progress: Callable[[int], None],
    targets: Targets | None = None,
) -> Run:
    """Send everything that may be sent by now to these targets, or to all.

    Ends when nothing is left, nobody takes it, or somebody asks to stop.
    """
    run = Run(targets=targets or Targets())
    errand = Errand(sources=sources, stop=stop, progress=progress, patience=retry.PATIENCE)
    with ThreadPoolExecutor(max_workers=route.senders, thread_name_prefix="sender") as pool:
        senders = [pool.submit(_Sender(route, errand, run).work) for _ in range(route.senders)]
    for sender in senders:
        sender.result()
    return run


def work(route: Route, sources: Sequence[str], *, stop: Stop, targets: Targets | None = None) -> Run:
    """What one sender can send now to these targets, or to all; waits for nothing that is not due."""
    run = Run(targets=targets or Targets())
    _Sender(route, Errand(sources=sources, stop=stop), run).work()
    return run


class _Sender:
    """One thread's way through the work."""

    def __init__(self, route: Route, errand: Errand, run: Run) -> None:
        self._route = route
        self._errand = errand
        self._run = run
        self._stop = errand.stop
        self._owner = route.clock.guid()
        self._open: dict[str, Entities] = {}

    def _goes_on(self, target: str) -> bool:
        return not self._stop.is_set and target in self._run.targets

    def work(self) -> None:
        try:
            while not self._stop.is_set and not self._run.targets.are_over:
                if not any(self._send_to(target) for target in self._targets()) and not self._waits():
                    return
        except (Misconfigured, Unavailable) as trouble:
            self._run.targets.give_up(trouble)
        finally:
            for entities in self._open.values():
                entities.close()

    def _targets(self) -> list[str]:
        ready = self._route.ledger.ready_targets(self._errand.sources)
        return [target for target in ready if target in self._run.targets]

    def _waits(self) -> bool:
        """Whether something may be sent soon; then waits for it."""
        waiting = self._route.ledger.next_send(self._errand.sources)
        due = [instant for target, instant in waiting.items() if target in self._run.targets]
        if not due or (delay := min(due) - self._route.ledger.now()) > self._errand.patience:
            return False
        self._stop.wait(min(max(delay, 50), retry.LOOK_ROUND))
        return True

    def _send_to(self, target: str) -> bool:
        """Send what one target may get by now. Whether that was anything."""
        pace = self._route.paces.of(target)
        if target not in self._open:
            self._open[target] = self._route.connect(target)
            self._run.repeatability.setdefault(target, self._route.ledger.target(target).repeatability)
        sent_any = False
        while self._goes_on(target):
            if pace.breaker.failures and target not in self._targets():
                break  # nothing is left for which to wait until SAP recovers
            if not pace.admit(stop=self._stop, goes_on=partial(self._goes_on, target)):
                if self._goes_on(target):
                    asked = f"SAP asks to be left alone for {pace.breaker.rest // 1000} seconds"
                    self._run.targets.give_up(Unavailable(asked), target)
                break
            outcomes = self._exchange(target, pace)
            if not outcomes:
                break
            sent_any = True
            self._draw_conclusions(target, outcomes, pace)
        return sent_any

    def _exchange(self, target: str, pace: Pace) -> list[Outcome]:
        """Claim with a durable intent, post, and settle; nothing of it where nothing may be sent."""
        try:
            return self._admitted_exchange(target, pace)
        except (Misconfigured, Unavailable):
            pace.withdraw()
            raise

    def _admitted_exchange(self, target: str, pace: Pace) -> list[Outcome]:
        clock = self._route.clock
        try:
            self._open[target].log_on()  # a token that must be fetched is no part of what the grace period bears
        except (Misconfigured, Unavailable) as trouble:
            self._run.targets.give_up(trouble, target)
        with self._route.slots.held():
            claims = self._claim(target, pace) if self._goes_on(target) else []
            if not claims:
                pace.withdraw()
                return []
            began = clock.monotonic()
            outcomes = self._create(target, claims)
            took = clock.monotonic() - began
        self._learn(target, outcomes)
        nothing_taken, busy = all(map(came_to_nothing, outcomes)), any(map(_is_trouble, outcomes))
        waits = [one.wait for one in outcomes if isinstance(one, NotTaken | Ambiguous) and one.wait is not None]
        self._route.slots.observe(milliseconds=took, documents=len(claims), busy=busy)
        pace.observe(
            milliseconds=took,
            documents=len(claims),
            busy=busy,
            nothing_taken=nothing_taken,
            asked=max(waits, default=None),
        )
        verdicts = [self._verdict(claim, outcome) for claim, outcome in zip(claims, outcomes, strict=True)]
        self._route.ledger.settle(verdicts)
        self._run.count(claims)
        self._errand.progress(sum(verdict.after is not State.READY for verdict in verdicts))
        return outcomes

    def _claim(self, target: str, pace: Pace) -> list[Claim]:
        """What goes into the next request; what was sent before only while there is a budget for repeats."""
        anew = pace.budget.allows
        claims = self._route.ledger.claim(self._errand.sources, target, pace.size, self._owner, anew=anew)
        if any(claim.attempts > 1 for claim in claims):
            pace.budget.spend()
        elif claims:
            pace.budget.earn()
        return claims

    def _create(self, target: str, claims: Sequence[Claim]) -> list[Outcome]:
        """Post what was claimed a moment ago; who has slept since then must not (`Dispatch.is_stale`)."""
        if self._route.ledger.is_stale(claims[0]):
            return [NotTaken(why="its sender slept between the intent and the request")] * len(claims)
        return self._open[target].create(self._documents(target, claims))

    def _documents(self, target: str, claims: Sequence[Claim]) -> list[Document]:
        documents = [repeat.request_of(claim) for claim in claims]
        if self._run.repeatability[target] == repeat.UNSUPPORTED:
            return [replace(document, request_id="") for document in documents]
        return documents

    def _learn(self, target: str, outcomes: Sequence[Outcome]) -> None:
        """Remember what the target says of RequestIDs; say once that it takes none."""
        words = {outcome.repeatability for outcome in outcomes} - {"", self._run.repeatability[target]}
        for word in sorted(words):
            self._run.repeatability[target] = word
            self._route.ledger.note_repeatability(target, word)
            if word == repeat.UNSUPPORTED:
                self._run.remark(f"{target} takes no RequestID: what is lost on the way is looked up instead")

    def _draw_conclusions(self, target: str, outcomes: Sequence[Outcome], pace: Pace) -> None:
        for outcome in outcomes:
            if not isinstance(outcome, Delivered) and outcome.stops:
                self._run.targets.give_up(stop_of(outcome), target)
        if pace.breaker.failures >= retry.FAILURES_IN_A_ROW and outcomes:
            why = getattr(outcomes[-1], "why", "it refuses")
            told = f"SAP takes nothing at present: {why}. What waits stays ready; repeat later"
            self._run.targets.give_up(Unavailable(told), target)

    def _verdict(self, claim: Claim, outcome: Outcome) -> Verdict:
        clock = self._route.clock
        evidence = partial(Verdict, claim=claim, status=outcome.status, transaction_id=outcome.transaction_id)
        match outcome:
            case Delivered():
                return evidence(after=State.DELIVERED, outcome="delivered")
            case Refused():
                return evidence(
                    after=State.REJECTED,
                    why=outcome.message,
                    reasons=outcome.reasons,
                    outcome="refused",
                    code=outcome.code,
                )
            case NotTaken():
                not_before = self._route.ledger.now() + retry.wait(outcome, claim.attempts, clock.chance)
                return evidence(after=State.READY, why=outcome.why, outcome="not taken", not_before=not_before)
            case Ambiguous():
                at_once = outcome.exists or self._run.repeatability[claim.target] == repeat.ACCEPTED
                now, asked = self._route.ledger.now(), retry.asked(outcome)
                look_at = now + asked if at_once else (claim.sent_at or 0) + self._route.ledger.grace
                return evidence(
                    after=State.AMBIGUOUS,
                    why=outcome.why,
                    reasons=(outcome.why,),
                    outcome="ambiguous",
                    look_at=look_at,
                )


def _is_trouble(outcome: Outcome) -> bool:
    """Whether the target shows that it has too much to do, or does not show anything."""
    busy = isinstance(outcome, NotTaken) and outcome.status in BUSY
    return busy or (isinstance(outcome, Ambiguous) and outcome.general)
