"""`billing-to-sap`: the commands, their options, their exit codes. Imports nothing heavy until a command runs.

Data goes to stdout, messages to stderr. Exit codes: 0 everything delivered or already there, 1 a defect of ours, 2
wrong usage or settings, 3 finished with some rejected or quarantined, 4 finished with some ambiguous, 5 a source or SAP
down, 6 reconciliation differs, 130 interrupted, 141 whoever read stdout went away.
"""

import errno
import gc
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from pipeline.cli.signals import Interrupted, end_when_asked

MISCONFIGURED = 2
UNAVAILABLE = 5
NOBODY_READS = 141
"""As a shell tells of what SIGPIPE ended."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
YOUNG = 50_000
"""Objects that are made before the garbage collector looks at them: modules are not looked at while they are loaded."""
Command = Callable[..., int]


def _ends_well(command: Command) -> Callable[..., None]:
    """Turns what a command gives or raises into an exit code, and a stop into its one sentence."""

    @wraps(command)
    def run(**options: Any) -> None:
        from pipeline.model.stops import Misconfigured, Unavailable

        try:
            code = command(**options)
            sys.stdout.flush()
        except Misconfigured as stop:
            click.echo(f"billing-to-sap: {stop}", err=True)
            code = MISCONFIGURED
        except Unavailable as stop:
            click.echo(f"billing-to-sap: {stop}", err=True)
            code = UNAVAILABLE
        except BrokenPipeError:
            _print_no_more()
            code = NOBODY_READS
        sys.exit(code)

    return run


def _print_no_more() -> None:
    """What is left of the output goes nowhere, so that the interpreter does not fail over it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout and nothing else.")
_metrics_file = click.option(
    "--metrics-file", type=click.Path(), help="Write Prometheus metrics there (default: B2S_METRICS_FILE)."
)
_sources = click.argument("sources", nargs=-1, metavar="[SOURCE]...")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="billing-to-sap")
def main() -> None:
    """Invoices from billing APIs into SAP, each exactly once.

    Settings come from B2S_* environment variables or from billing-to-sap.toml; `doctor` checks them.
    """


def program() -> None:
    """The process that is `main`. It spares the collector what stays anyway: a fifth of what a short command takes."""
    gc.set_threshold(YOUNG)
    end_when_asked()
    _open_what_is_closed()
    try:
        main()
    except Interrupted:
        click.echo("billing-to-sap: interrupted", err=True)
        raise
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        _print_no_more()
        click.echo(f"billing-to-sap: cannot write ({error.strerror}): make room, then repeat", err=True)
        sys.exit(MISCONFIGURED)
    finally:
        gc.freeze()


def _open_what_is_closed() -> None:
    """Where a shell closed one (`2>&-`), the next file opened, the ledger, would get its number, and then our words."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


@main.command()
@_sources
@click.option("--all", "every", is_flag=True, help="Every configured source.")
@click.option("--dry-run", is_flag=True, help="Read and judge, but store and send nothing.")
@_json
@click.option("--batch-size", type=click.IntRange(1, 100), help="At most so many invoices in a request; 1: each alone.")
@click.option("--concurrency", type=click.IntRange(1, 32), help="Requests at a time (default: B2S_SAP_SLOTS).")
@click.option("--limit", type=click.IntRange(1), help="Read at most so many invoices of each source.")
@_metrics_file
@_ends_well
def sync(**options: Any) -> int:
    """Bring invoices into SAP: read, judge, deliver, and look up what was left in doubt."""
    from pipeline.cli.syncing import Options
    from pipeline.cli.syncing import sync as command

    return command(Options(**options))


@main.command()
@_sources
@_json
@click.option("--lines", is_flag=True, help="Also line by line: what the source lists now with what was sent.")
@click.option("--repair", is_flag=True, help="First take over what SAP has, and send again what is safe.")
@_ends_well
def reconcile(**options: Any) -> int:
    """Source, ledger and SAP side by side, to the cent, per currency."""
    from pipeline.cli.reconciling import reconcile as command

    return command(**options)


@main.command()
@_json
@_ends_well
def status(**options: Any) -> int:
    """What the ledger holds: counts per source and state."""
    from pipeline.cli.showing import status as command

    return command(**options)


@main.command()
@click.argument("source")
@click.argument("source_id", metavar="ID")
@_ends_well
def show(**options: Any) -> int:
    """One invoice: every revision, state, attempt and answer."""
    from pipeline.cli.showing import show as command

    return command(**options)


@main.command()
@_sources
@click.option("--wait", is_flag=True, help="Wait until everything in doubt may be looked up.")
@_ends_well
def resolve(**options: Any) -> int:
    """Look up ambiguous deliveries in SAP, as soon as it is safe to."""
    from pipeline.cli.mending import resolve as command

    return command(**options)


@main.command()
@_sources
@click.option("--id", "ids", multiple=True, metavar="ID", help="Only this invoice; may be given several times.")
@_ends_well
def retry(**options: Any) -> int:
    """Put rejected and quarantined invoices back in line, judged anew, as a new revision.

    What SAP does not show any more, or shows otherwise, is asked for once more and goes back in line only by its --id.
    """
    from pipeline.cli.mending import retry as command

    return command(**options)


@main.command()
@click.argument("source")
@click.argument("source_id", metavar="ID")
@click.option("--reason", required=True, help="Why SAP is right; kept in the history with your name.")
@click.option(
    "--withdrawn", is_flag=True, help="Also what SAP has as it was sent, though its source lists it no longer."
)
@_ends_well
def accept(**options: Any) -> int:
    """End a conflict: the document stays as SAP has it."""
    from pipeline.cli.mending import accept as command

    return command(**options)


@main.command()
@_sources
@click.option("--format", "kind", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@_ends_well
def audit(**options: Any) -> int:
    """Every transition of every invoice: who, when, what digest, which answer."""
    from pipeline.cli.auditing import audit as command

    return command(**options)


@main.command()
@_ends_well
def doctor() -> int:
    """Check settings, sources, SAP's log-on and token, and its $metadata against the mapping."""
    from pipeline.cli.examining import doctor as command

    return command()


@main.command()
@_sources
@click.option("--all", "every", is_flag=True, help="Every configured source.")
@_json
@click.option("--limit", type=click.IntRange(1), help="Read at most so many invoices of each source.")
@_metrics_file
@_ends_well
def enqueue(**options: Any) -> int:
    """Read and judge invoices into the ledger, then wake the workers through RabbitMQ."""
    from pipeline.cli.working import Enqueue
    from pipeline.cli.working import enqueue as command

    return command(Enqueue(**options))


@main.command()
@click.option("--concurrency", type=click.IntRange(1, 32), help="Processes (default: B2S_SAP_SLOTS).")
@click.option("--batch-size", type=click.IntRange(1, 100), help="At most so many invoices in a request; 1: each alone.")
@click.option("--metrics-port", type=click.IntRange(1, 65_535), help="Answer Prometheus' scrapes on this port.")
@click.option("--metrics-host", default="127.0.0.1", show_default=True, help="Where that port is listened on.")
@_ends_well
def worker(**options: Any) -> int:
    """Deliver what is in the ledger, woken through RabbitMQ, until SIGTERM or Ctrl-C."""
    from pipeline.cli.working import worker as command

    return command(**options)
