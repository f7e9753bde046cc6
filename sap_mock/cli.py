"""The commands of sap-mock. A user's mistake ends in one sentence on stderr and exit code 2."""

from __future__ import annotations

import http.client
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import click

from sap_mock.settings import SettingsWrong, from_environ, table

_OPTIONS = [
    click.option("--host", help="The address to listen on (127.0.0.1)."),
    click.option("--port", help="The port to listen on (8000); 0 takes a free one."),
    click.option("--database", help="SQLite or PostgreSQL URL (sqlite:///sap-mock.db); sqlite:// keeps nothing."),
    click.option(
        "--service", "services", multiple=True, help="NAME, [NAME=]FILE.xml or package.module; may be repeated."
    ),
    click.option("--user", "users", multiple=True, help="NAME:PASSWORD (DEVELOPER:Sap-mock1); may be repeated."),
    click.option("--sid", help="The system id (MCK)."),
    click.option("--sap-client", help="The client (001)."),
    click.option("--lenient", is_flag=True, default=None, help="Take JSON numbers and bare dates, with a warning."),
    click.option("--workers", help="Worker processes (1)."),
    click.option("--threads", help="Requests at work at once in each process (16)."),
    click.option("--changeset-operations", help="Operations in a changeset: one, as SEGW's default, or many."),
    click.option("--idempotent", is_flag=True, default=None, help="Answer RequestID as an idempotent service does."),
    click.option("--journal-exchanges", help="How many exchanges /_mock/journal remembers (1000); 0: none."),
    click.option("--journal-bytes", help="How many bytes of all exchanges together (16000000)."),
    click.option("--journal-body-bytes", help="How many bytes of each body (65536)."),
]
JOURNAL_FILTERS = {
    "service": "About this service.",
    "entity_set": "About this entity set.",
    "method": "By this method.",
    "status": "Answered with this status.",
    "fault": "Struck by this fault, or by the plan with this id.",
    "transaction_id": "Whose error showed this id.",
    "since": "Begun at this moment or later (ISO 8601, UTC unless it says otherwise).",
    "after": "With a greater id than this one.",
    "limit": "The newest so many.",
}
"""Which exchanges: as the query options of /_mock/journal, which checks them."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="billing-to-sap", prog_name="sap-mock")
def main() -> None:
    """An SAP Gateway OData V2 service to test against."""


def _with_filters(command: Any) -> Any:
    for name, meaning in reversed(JOURNAL_FILTERS.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, help=meaning)(command)
    return command


def _with_options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@main.command()
@_with_options
def serve(**options: Any) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Every option can also be set as SAP_MOCK_<NAME>; the two that may be repeated as SAP_MOCK_SERVICES and
    SAP_MOCK_USERS, separated by blanks. `sap-mock settings` lists all.
    """
    from sap_mock.web.server import CannotServe, serve  # noqa: PLC0415 - help must not wait for a server

    try:
        serve(from_environ(os.environ, options), _announce)
    except (SettingsWrong, CannotServe) as error:
        _fail(str(error))


@main.command()
@_with_options
def settings(**options: Any) -> None:
    """Show every setting with its value and meaning; passwords are masked."""
    try:
        rows = table(from_environ(os.environ, options))
    except SettingsWrong as error:
        _fail(str(error))
    width = max(len(name) for name, _, _ in rows)
    for name, value, meaning in rows:
        click.echo(f"{name:{width}}  {value or '-':24}  {meaning}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Say whether this $metadata can be served, and every reason why not."""
    from sap_mock.edm.consistency import Severity, findings  # noqa: PLC0415 - help must not wait for lxml

    if not file.is_file():
        _fail(f"{file}: there is no such file")
    found = findings(file.read_bytes())
    for finding in found:
        click.echo(str(finding))
    errors = sum(finding.severity is Severity.ERROR for finding in found)
    if errors:
        _fail(f"{file} cannot be served: {errors} error{'s' if errors > 1 else ''}", code=1)
    click.echo(f"{file} can be served" + (f"; {len(found)} harmless findings" if found else ""))


@click.group()
def journal() -> None:
    """What a running sap-mock remembers of its exchanges."""


main.add_command(journal)


@journal.command()
@click.option("--url", required=True, help="Where it runs, up to the port: http://127.0.0.1:8000.")
@click.option("--format", "format_", type=click.Choice(["har", "http", "json"]), default="har", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write; without one, stdout.")
@_with_filters
def export(url: str, format_: str, output: Path | None, **filters: str | None) -> None:
    """Write the exchanges as HAR, which browsers open, as .http texts, or as JSON: all, or those that are wanted."""
    wanted = {name: text for name, text in filters.items() if text is not None}
    address = f"{url.rstrip('/')}/_mock/journal?{urllib.parse.urlencode({'format': format_, **wanted})}"
    if not address.startswith(("http://", "https://")):
        _fail(f"--url {url}: is no address; it begins with http:// or https://")
    stand_in = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is near: no proxy stands before it
    try:
        with stand_in.open(address, timeout=30) as answer:
            content = answer.read()
    except urllib.error.HTTPError as error:
        _fail(f"--url {url}: gives no journal: {_refusal(error)}", code=2 if error.code == 400 else 5)
    except (http.client.InvalidURL, ValueError) as error:
        _fail(f"--url {url}: is no address: {error}")
    except (OSError, http.client.HTTPException) as error:
        _fail(f"--url {url}: gives no journal: {getattr(error, 'reason', error)}", code=5)
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        _fail(f"--output {output}: cannot be written: {error.strerror}")


@main.command()
@click.option("--target", required=True, help="The Gateway, up to the port: https://sap.example.com:44300.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("recorded"), show_default=True, help="Folder.")
@click.option("--port", type=int, default=0, show_default=True, help="The port to listen on; 0 takes a free one.")
@click.option("--mask", "personal", multiple=True, help="A property that holds personal data; may be repeated.")
def record(target: str, out: Path, port: int, personal: tuple[str, ...]) -> None:
    """Stand between a client and a Gateway and write what passes as cases, secrets and persons masked.

    Point the client at the address that is printed; Ctrl-C or SIGTERM ends it. See docs/record-and-replay.md.
    """
    from sap_mock.replay import commands  # noqa: PLC0415 - help must not wait for a proxy

    commands.record(target, out, port, personal)


@main.command()
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--target", required=True, help="The server, up to the port: http://127.0.0.1:8000.")
@click.option("--user", help="NAME:PASSWORD, put in where the cases are masked.")
@click.option("--approve", type=click.Path(path_type=Path), help="File of approvals (approvals.toml beside the cases).")
@click.option("--reason", help="Approve in that file what differs now, for this reason.")
@click.option("--without", multiple=True, help="A rule to switch off; may be repeated. layout: compare bytes.")
@click.option("--keep-host", is_flag=True, help="Call the server by the host name that stands in the cases.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def replay(cases: tuple[Path, ...], **options: Any) -> None:
    """Play cases (files, or folders in the order of names) against a server and show what it answers differently.

    Exit codes: 0 alike or approved, 2 wrong usage or a refused log-on, 5 the server cannot be reached, 6 it
    differs. See docs/record-and-replay.md for the rules and the approvals.
    """
    from sap_mock.replay import commands  # noqa: PLC0415 - help must not wait for a client

    commands.Replay(cases=cases, **options).run()


def _refusal(error: urllib.error.HTTPError) -> str:
    """What a stand-in says about it, or what any server does."""
    try:
        return str(json.load(error)["error"])
    except (OSError, ValueError, LookupError, TypeError):
        return f"{error.code} {error.reason}"


def _announce(address: str) -> None:
    click.echo(f"sap-mock ready at {address}")
    sys.stdout.flush()


def _fail(message: str, code: int = 2) -> Any:
    click.echo(message, err=True)
    sys.exit(code)
