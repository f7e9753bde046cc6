"""Structured logs on stderr: JSON where nobody looks, lines where a terminal is; every handler without secrets.

One event for each transition of an invoice. Its correlation id is the attempt's id, which SAP is sent as RequestID; the
transaction id of SAP's answer stands beside it, so that SAP's own log (/IWFND/ERROR_LOG) can be found from ours.
"""

import logging
import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import TextIO

import structlog

from pipeline.ledger.rows import Transition
from pipeline.telemetry.redaction import Redactor

INFO, WARNING, ERROR = logging.INFO, logging.WARNING, logging.ERROR
LOGGER = logging.getLogger("billing_to_sap")
QUIET = {
    "celery.worker.strategy": logging.WARNING,  # tells at INFO of each message that came, our own events say more
    "celery.app.trace": logging.WARNING,  # the same of each that went
    "urllib3": logging.ERROR,  # warns of each connect that it repeats; what came of it is said in one sentence
    "opentelemetry.exporter.otlp.proto.http.trace_exporter": logging.ERROR,  # the same of spans
}
"""What libraries say below these levels is told only at DEBUG."""
_CHAIN = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Renders ours and everybody else's records alike; the redactor has the last word."""

    def __init__(self, redactor: Redactor, *, for_people: bool) -> None:
        last = (
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
            if for_people
            else structlog.processors.JSONRenderer(ensure_ascii=False)
        )
        shown = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redactor.by_name]
        shown += [] if for_people else [structlog.processors.format_exc_info]
        super().__init__(processors=[*shown, last], foreign_pre_chain=_CHAIN)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.clean(super().format(record))


def set_up(level: str, redactor: Redactor, *, stream: TextIO | None = None) -> None:
    """Send everything that is logged in this process to stderr, or to `stream`, from this level on."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(_Formatter(redactor, for_people=out.isatty()))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    LOGGER.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(logging.NOTSET if level == "DEBUG" else least)
    sys.excepthook = _unexpected
    threading.excepthook = _unexpected_in_a_thread


def event(name: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Log something that happened, with its facts."""
    LOGGER.log(level, name, extra=fields)


def transitions(made: Sequence[Transition]) -> None:
    """An observer for the ledger: one event for each transition."""
    if not LOGGER.isEnabledFor(logging.INFO):
        return
    for one in made:
        event(
            "transition",
            source=one.source,
            source_id=one.source_id,
            revision=one.revision,
            before=one.before,
            after=one.after,
            why=one.why,
            attempt=one.attempt,
            sap_transaction=one.transaction_id,
            owner=one.owner,
        )


def _unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    LOGGER.critical("unexpected", exc_info=(kind, error, trace))


def _unexpected_in_a_thread(what: threading.ExceptHookArgs) -> None:
    LOGGER.critical("unexpected", exc_info=what.exc_value)
