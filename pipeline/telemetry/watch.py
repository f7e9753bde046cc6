"""What is told to those who look on, and to whom. Values and a list of listeners; imports no library of theirs.

A listener that breaks, where its folder is gone or its disk full, stops no work: an exchange with SAP that nobody could
count has still to be settled.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.ledger.rows import Transition

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Done:
    """One piece of work that took time: a page read, an exchange with SAP, a look, a settlement.

    `began` is an instant in milliseconds UTC; `results` says how many of the `count` ended how. `opens` is said of an
    exchange only: whether it opens the target's circuit breaker, or closes it.
    """

    what: str
    where: str
    began: int
    milliseconds: int
    count: int = 0
    results: Mapping[str, int] = field(default_factory=dict)
    opens: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Those who look on. Without any, nothing happens."""

    of_transitions: tuple[Callable[[Sequence[Transition]], None], ...] = ()
    of_work: tuple[Callable[[Done], None], ...] = ()
    of_wholes: tuple[Callable[[str, str], None], ...] = ()
    of_ends: tuple[Callable[[], None], ...] = ()

    def transitions(self, made: Sequence[Transition]) -> None:
        """The ledger has committed these."""
        _tell(self.of_transitions, made)

    def done(self, work: Done) -> None:
        """A piece of work has ended."""
        _tell(self.of_work, work)

    def ended(self, what: str, where: str) -> None:
        """All that was done in this process since the last time was a whole: a tick."""
        _tell(self.of_wholes, what, where)

    def close(self) -> None:
        """This process ends."""
        _tell(self.of_ends)


def _tell(listeners: Iterable[Callable[..., None]], *what: object) -> None:
    for listener in listeners:
        try:
            listener(*what)
        except Exception:
            _LOGGER.exception("listener broke")
