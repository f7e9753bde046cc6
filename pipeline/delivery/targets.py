"""To which of SAP's services a run goes, and which it has given up, and why.

One target's trouble stops no other; a refused log-on stops all, since user and password are the same for each. Shared
by all steps and threads of a run.
"""

import threading
from collections.abc import Collection

from pipeline.model.outcome import Ambiguous, NotTaken, Refused
from pipeline.model.stops import LogOnRefused, Misconfigured, Unavailable
from pipeline.odata_client.answers import LOG_ON_REFUSED


class Targets:
    """All targets, or those named, but for those that were given up; `stops` says why, each sentence once."""

    def __init__(self, names: Collection[str] | None = None) -> None:
        self.stops: list[Misconfigured | Unavailable] = []
        self._names = names
        self._given_up: set[str] = set()
        self._all_given_up = False
        self._lock = threading.Lock()

    def __contains__(self, target: str) -> bool:
        named = self._names is None or target in self._names
        return named and not self.are_over and target not in self._given_up

    @property
    def are_over(self) -> bool:
        """Whether the run goes nowhere any more."""
        return self._all_given_up

    def give_up(self, why: Misconfigured | Unavailable, target: str = "") -> None:
        """Go to this target no longer, or to none: where none is named, or SAP refuses the log-on."""
        with self._lock:
            self._given_up.add(target)
            self._all_given_up |= not target or isinstance(why, LogOnRefused)
            if str(why) not in {str(known) for known in self.stops}:
                self.stops.append(why)


def stop_of(outcome: Refused | NotTaken | Ambiguous) -> Misconfigured:
    """What an outcome's `stops` says, as that which keeps us from a target, or from all."""
    return (LogOnRefused if outcome.status == LOG_ON_REFUSED else Misconfigured)(outcome.stops)
