"""`make demo`: a thousand invoices from a billing API into SAP, reconciled, on this machine and leaving nothing behind.

Starts billing-mock and sap-mock on free ports with SQLite files in a fresh folder, runs `billing-to-sap sync --all` and
`billing-to-sap reconcile`, stops what it started. Ends with the worst exit code of the two.
"""

import argparse
import contextlib
import json
import os
import re
import select
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

PROGRAMS = Path(sys.executable).parent
READY_SECONDS = 60
STOP_SECONDS = 15
READY = re.compile(rb"^\S+ ready at (\S+)\n", re.MULTILINE)
INTERRUPTED = 130
TERMINATED = 143
SAP_LOGON = {"B2S_SAP_USER": "DEVELOPER", "B2S_SAP_PASSWORD": "Sap-mock1"}  # sap-mock's default user


class DemoError(Exception):
    """Something could not be started; the message says what, and what it wrote."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A started stand-in that has said it is ready."""

    name: str
    url: str
    process: subprocess.Popen[bytes]


def main() -> int:
    """The whole demo; returns the exit code."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _terminated)
    try:
        with tempfile.TemporaryDirectory(prefix="billing-to-sap-", ignore_cleanup_errors=True) as folder:
            return _show(Path(folder), invoices=arguments.invoices, keep=arguments.keep)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; everything that was started is stopped.", file=sys.stderr)
        return INTERRUPTED


def _show(folder: Path, *, invoices: int, keep: bool) -> int:
    database = f"sqlite:///{folder / 'sap.db'}"
    with (
        _started(folder, "billing-mock", "serve", "--port", "0", "--invoices", str(invoices)) as billing,
        _started(folder, "sap-mock", "serve", "--port", "0", "--database", database) as sap,
    ):
        settings = {
            **_json(f"{billing.url}/_mock/settings"),
            **SAP_LOGON,
            "B2S_SAP_URL": sap.url,
            "B2S_LEDGER_URL": f"sqlite:///{folder / 'ledger.db'}",
        }
        _heading("A billing system and an SAP system, both stand-ins, are running on this machine")
        print(f"  billing  {billing.url}/postman  answers like the Postman Billing API: {invoices:,} invoices")
        print(f"  SAP      {sap.url}/sap/opu/odata/sap/ZINVOICE_SRV/  answers like an SAP Gateway: empty")
        synced = _step("every invoice into SAP, exactly once", settings, folder, "sync", "--all")
        if synced == INTERRUPTED:
            return synced
        reconciled = _step("billing, ledger and SAP side by side", settings, folder, "reconcile")
        _tell_the_truth(_json(f"{billing.url}/_mock/truth"))
        if keep:
            _wait(settings, billing, sap)
        return max(synced, reconciled)


def _step(meaning: str, settings: Mapping[str, str], folder: Path, *command: str) -> int:
    """Run one command of the pipeline; Ctrl-C reaches it too, and it is given the time to finish what it is at."""
    _heading(f"billing-to-sap {' '.join(command)}: {meaning}")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("B2S_")}
    process = subprocess.Popen([PROGRAMS / "billing-to-sap", *command], env={**environment, **settings}, cwd=folder)
    try:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                print("\nInterrupted: waiting for billing-to-sap to finish what it has begun ...", file=sys.stderr)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def _tell_the_truth(truth: dict[str, dict[str, dict[str, object]]]) -> None:
    _heading("What should have arrived, as billing-mock tells it")
    for source, told in truth["sources"].items():
        sums = told["sums"]
        listed = ", ".join(f"{currency} {total}" for currency, total in sums.items()) if isinstance(sums, dict) else ""
        print(f"  {source}  {told['delivered']:,} invoices  {listed}")


def _wait(settings: Mapping[str, str], billing: Server, sap: Server) -> None:
    _heading("Everything stays up until you press Ctrl-C")
    print(f"  billing  {billing.url}  /_mock/truth, /_mock/faults, /_mock/mutate")
    print(f"  SAP      {sap.url}  user {SAP_LOGON['B2S_SAP_USER']}, password {SAP_LOGON['B2S_SAP_PASSWORD']}")
    print("  In another shell, this points billing-to-sap at them:\n")
    for name, value in settings.items():
        print(f"export {name}={shlex.quote(value)}")
    print(f"\n  {PROGRAMS / 'billing-to-sap'} status", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    print()


@contextlib.contextmanager
def _started(folder: Path, name: str, *arguments: str) -> Iterator[Server]:
    """A stand-in, ready to answer; stopped at the end whatever happens. In a session of its own: Ctrl-C is for us."""
    errors = folder / f"{name}.stderr"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            [PROGRAMS / name, *arguments], stdout=subprocess.PIPE, stderr=stderr, cwd=folder, start_new_session=True
        )
    try:
        url, said = _ready_url(process)
        if not url:
            told = (said + errors.read_text(errors="replace")).strip() or "nothing"
            raise DemoError(f"{name} did not become ready. What it wrote:\n{told}")
        yield Server(name=name, url=url, process=process)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        if process.stdout:
            process.stdout.close()


def _ready_url(process: subprocess.Popen[bytes]) -> tuple[str, str]:
    """The address in the process's ready line, and what else it printed; no address if it ends or the time is over."""
    if process.stdout is None:
        return "", ""
    deadline = time.monotonic() + READY_SECONDS
    said = b""
    while select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
        piece = os.read(process.stdout.fileno(), 4096)
        said += piece
        ready = READY.search(said)
        if ready:
            return ready[1].decode(), said.decode(errors="replace")
        if not piece:
            break
    return "", said.decode(errors="replace")


def _json(url: str) -> dict[str, dict[str, dict[str, object]]]:
    with urllib.request.urlopen(url, timeout=READY_SECONDS) as answer:  # noqa: S310  # a ready line named it
        body: dict[str, dict[str, dict[str, object]]] = json.load(answer)
        return body


def _heading(text: str) -> None:
    print(f"\n── {text} ".ljust(100, "─"), flush=True)


def _terminated(*_: object) -> NoReturn:
    sys.exit(TERMINATED)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Invoices from a billing API into SAP, reconciled.")
    parser.add_argument("--invoices", type=_count, default=1000, metavar="N", help="how many (1000)")
    parser.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C")
    return parser.parse_args()


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of invoices")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
