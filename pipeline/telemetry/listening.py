"""Who looks on at a process: logs always, metrics where somebody wants them, spans where a collector waits for them."""

import os
from typing import TYPE_CHECKING

from pipeline.clock import Clock
from pipeline.ledger.ledger import Ledger
from pipeline.telemetry import logs, tracing
from pipeline.telemetry.watch import Watch

if TYPE_CHECKING:
    from pipeline.telemetry.metrics import Metrics

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus-client's own variable for counting together; it reads it when it is imported."""


class Listeners:
    """What a command's processes have in common. Libraries are imported only for what is wanted.

    `metrics_file` is where a command writes its metrics at its end; `shared_folder` is where the processes of a worker
    count together. Raises Misconfigured where that file cannot be written.
    """

    def __init__(self, *, metrics_file: str = "", shared_folder: str = "") -> None:
        self._metrics_file = metrics_file
        self._metrics: Metrics | None = None
        if metrics_file or shared_folder:
            self._metrics = _metrics(metrics_file, shared_folder)

    def watch(self) -> Watch:
        """The listeners of this process; called once in each, after any fork."""
        metrics = [self._metrics] if self._metrics else []
        spans = _spans()
        return Watch(
            of_transitions=(logs.transitions, *(one.transitions for one in metrics)),
            of_work=(*(one.done for one in metrics), *(one.done for one in spans)),
            of_wholes=tuple(one.ended for one in spans),
            of_ends=tuple(one.close for one in spans),
        )

    def write(self, ledger: Ledger, clock: Clock) -> None:
        """The metrics file, if one is wanted: what happened, and what is in the ledger. Raises Misconfigured."""
        if self._metrics and self._metrics_file:
            self._metrics.write(self._metrics_file, ledger, clock)


def _spans() -> list[tracing.Tracing]:
    if not tracing.wanted():
        return []
    if not tracing.installed():
        logs.event("no spans", level=logs.WARNING, why="its packages are missing: pip install '.[otel]' in the clone")
        return []
    try:
        return [tracing.Tracing()]
    except Exception as error:  # noqa: BLE001 - whatever its library finds wrong with its settings, the work goes on
        logs.event("no spans", level=logs.WARNING, why=f"OpenTelemetry refuses its settings: {error}")
        return []


def _metrics(file: str, shared_folder: str) -> "Metrics":
    if shared_folder:
        os.environ[SHARED_FOLDER] = shared_folder
    from pipeline.telemetry import metrics  # noqa: PLC0415 - only where metrics are wanted

    if file:
        metrics.check_file(file)
    return metrics.Metrics()
