"""What one tick does: look up what is due, send what may be sent, read back what was sent. Knows nothing of Celery.

All of it within one turn; then it is somebody else's turn.
"""

from pipeline.assembly import Parts
from pipeline.delivery.confirm import confirm
from pipeline.delivery.deliver import work as deliver
from pipeline.delivery.guard import look_before_sending
from pipeline.delivery.resolve import resolve
from pipeline.delivery.stop import Stop
from pipeline.delivery.targets import Targets
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.telemetry import logs

TURN = 30_000
"""Milliseconds. Short against the broker's patience and a graceful stop, long against a request."""


class Bench:
    """What one process works with: its ledger, its way to SAP, what it has learnt of the targets. For one thread.

    `stop` is set when the whole worker is to end; until then each tick has one of its own.
    """

    def __init__(self, parts: Parts, batch_size: int | None, stop: Stop) -> None:
        self._watch = parts.watch
        self._ledger = parts.ledger()
        self._route = parts.route(self._ledger, stop, senders=1, batch_size=batch_size)
        self._lookout = parts.lookout(self._ledger, stop, batch_size=batch_size)
        self._confirm_age = parts.settings.confirm_age
        self._asked_about: dict[str, int] = {}

    def close(self) -> None:
        """Let go of the ledger."""
        self._ledger.close()

    def tick(self, target: str, stop: Stop) -> None:
        """Do what is to be done for one target until nothing is left or it is time to stop.

        Raises Misconfigured where a person must change something first. That SAP cannot be used just now is no error:
        the sweeper sends another tick.
        """
        sources = self._ledger.sources()
        try:
            stops = self._work(target, sources, stop)
        finally:
            self._watch.ended("tick", target)
        for trouble in stops:
            if isinstance(trouble, Misconfigured):
                raise trouble
            logs.event("tick ended early", level=logs.WARNING, target=target, why=str(trouble))

    def _work(self, target: str, sources: list[str], stop: Stop) -> list[Misconfigured | Unavailable]:
        """Look, send, and read back; look and send again as long as something came or what was sent lets it go.

        Whenever something came, whether SAP knows more than this ledger: it may be an old copy.
        """
        targets = Targets((target,))
        self._ledger.asked_about = self._asked_about.get(target, 0)
        while True:
            if self._has_news:
                look_before_sending(self._lookout, targets=targets)
            if target in targets:
                self._asked_about[target] = self._ledger.asked_about
                resolve(self._lookout, sources, stop=stop, targets=targets)
            if target in targets and not stop.is_set:
                deliver(self._route, sources, stop=stop, targets=targets)
            if targets.stops or stop.is_set:
                return targets.stops
            if not self._ledger.release_held() and not self._has_news:
                return confirm(self._lookout, sources, stop=stop, age=self._confirm_age, targets=targets).stops

    @property
    def _has_news(self) -> bool:
        """Whether the ledger has documents that SAP was not asked about."""
        return self._ledger.last_document() > self._ledger.asked_about
