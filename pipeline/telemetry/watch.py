"""What is told to those who look on, and to whom. Values and a list of listeners; imports no library of theirs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.ledger.rows import Transition


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
        for listener in self.of_transitions:
            listener(made)

    def done(self, work: Done) -> None:
        """A piece of work has ended."""
        for listener in self.of_work:
            listener(work)

    def ended(self, what: str, where: str) -> None:
        """All that was done in this process since the last time was a whole: a tick."""
        for listener in self.of_wholes:
            listener(what, where)

    def close(self) -> None:
        """This process ends."""
        for listener in self.of_ends:
            listener()
