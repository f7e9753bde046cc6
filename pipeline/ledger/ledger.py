"""What we know of every invoice, durably. The truth of the pipeline: whatever is not written here has not happened.

Each method is one transaction. All changes go through the transition table and are compare-and-set, so that two runs on
one ledger cannot send the same invoice, and a late answer cannot move one that somebody else owns by now.
"""

from contextlib import suppress
from pathlib import Path
from typing import Self

from pipeline.clock import Clock
from pipeline.ledger import engine
from pipeline.ledger.actor import Actor
from pipeline.ledger.aftercare import Aftercare
from pipeline.ledger.dispatch import Dispatch
from pipeline.ledger.intake import Intake
from pipeline.ledger.migrate import migrate
from pipeline.ledger.reading import Reading
from pipeline.ledger.store import Observer, nobody
from pipeline.ledger.witness import OLD, Witness, files
from pipeline.model.stops import Misconfigured


class Ledger(Intake, Dispatch, Aftercare, Reading):
    """A ledger: invoices come in, go out, are looked after, and are told of."""

    @classmethod
    def open(  # noqa: PLR0913 - as the constructor
        cls,
        url: str,
        clock: Clock,
        *,
        grace: int,
        lease: int,
        observer: Observer = nobody,
        actor: Actor | None = None,
        state: Path | None = None,
    ) -> Self:
        """Open or create it, on sqlite:///FILE or postgresql://..., and bring it to this program's version.

        `state` is the folder where this machine remembers how far each ledger had come; a ledger that is shorter than
        it was is distrusted. Raises Misconfigured or Unavailable.
        """
        opened = engine.open_engine(url)
        try:
            guid = migrate(opened, clock)
            witness = Witness(guid, files(opened, guid, state))
            ledger = cls(opened, clock, grace=grace, lease=lease, observer=observer, actor=actor, witness=witness)
            seen = witness.last()
            if seen > ledger.end() and not ledger.distrusted():
                with suppress(Misconfigured):  # where nothing can be written down, nothing is sent
                    ledger.distrust(OLD.format(name=engine.name(opened)))
        except BaseException:
            opened.dispose()
            raise
        return ledger

    def unwitnessed(self) -> list[str]:
        """Where it cannot be noted how far this ledger has come, each with why."""
        return self._witness.unwritable()

    @staticmethod
    def exists(url: str) -> bool:
        """Whether there is a ledger where the URL points. Raises Misconfigured or Unavailable."""
        return engine.exists(url)
