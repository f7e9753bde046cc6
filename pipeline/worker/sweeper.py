"""Makes up for lost ticks: looks into the ledger for work, and sends ticks where too few wait.

Every worker has one, in a process of its own; the ledger's lock lets one sweep at a time. It talks to no SAP system:
what is to be done there is done in a tick. It also answers scrapes of the metrics.
"""

from pipeline.assembly import Parts
from pipeline.delivery.slots import SYSTEM
from pipeline.ledger.ledger import Ledger
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.telemetry import logs
from pipeline.worker.ticks import Ticks
from pipeline.worker.turn import Rope

GUARD = "sweeper"


def run(parts: Parts, ticks: Ticks, rope: Rope, metrics_address: tuple[str, int] | None) -> None:
    """Sweep until the rope is cut; a broker or a ledger that is down is waited for.

    Raises Misconfigured where the address for the metrics cannot be had.
    """
    ledger = parts.ledger()
    standing = None
    if metrics_address:
        from pipeline.telemetry import metrics  # noqa: PLC0415 - a worker without an endpoint needs no such library

        standing = metrics.Standing(ledger, parts.clock, targets=(SYSTEM,))
        metrics.serve(*metrics_address, standing)
    while True:
        try:
            sent = sweep(parts, ledger, ticks)
            dead = ticks.dead()
        except (Misconfigured, Unavailable) as trouble:
            logs.event("sweep failed", level=logs.WARNING, why=str(trouble))
        else:
            if standing:
                standing.dead_letters = dead
            if sent:
                logs.event("swept", ticks=len(sent), targets=sorted(set(sent)))
        if rope.is_cut(parts.settings.sweep):
            ledger.close()
            return


def sweep(parts: Parts, ledger: Ledger, ticks: Ticks) -> list[str]:
    """Send what is missing; the targets of the ticks sent. Nothing where somebody else is sweeping.

    Raises Misconfigured or Unavailable.
    """
    with ledger.lock(GUARD) as mine:
        if not mine:
            return []
        wanted = targets(parts, ledger)
        waiting = ticks.waiting(wanted) if wanted else {}
        missing = [one for one in wanted for _ in range(parts.settings.sap_slots - waiting[one])]
        ticks.send(missing)
        return missing


def targets(parts: Parts, ledger: Ledger) -> list[str]:
    """Where there is something to do now: to send, to look up, to read back."""
    now = ledger.now()
    found = dict.fromkeys(ledger.targets_with_work(now))
    unconfirmed = ledger.unconfirmed_targets(ledger.sources(), now - parts.settings.confirm_age)
    return list(found | dict.fromkeys(unconfirmed))
