"""`make demo`: a thousand invoices of four billing systems into SAP, reconciled, on this machine, nothing left behind.

Starts billing-mock and sap-mock on free ports with SQLite files in a fresh folder, runs `billing-to-sap sync --all` and
`billing-to-sap reconcile`, compares with what billing-mock says should have arrived, stops what it started. Ends with 0
when source, ledger and SAP agree and every source is as told: what must be held or cannot be booked is part of that.
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
from typing import Any, NoReturn

PROGRAMS = Path(sys.executable).parent
READY_SECONDS = 60
STOP_SECONDS = 15
READY = re.compile(rb"^\S+ ready at (\S+)\n", re.MULTILINE)
VENDORS = {"postman": "Postman", "bill": "BILL", "copaco": "Copaco", "fynn": "Fynn"}
SOME_REFUSED = 3
PLACES = {"delivered": ("DELIVERED", "CONFIRMED"), "held": ("HELD",), "quarantined": ("QUARANTINED",)}
INTERRUPTED = 130
TERMINATED = 143
HERE = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy stands before loopback
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
            "B2S_STATE_DIR": str(folder),
        }
        _heading("Four billing systems and an SAP system, all stand-ins, are running on this machine")
        print(f"  billing  {billing.url}  {', '.join(VENDORS.values())}: {invoices:,} invoices each")
        print(f"  SAP      {sap.url}/sap/opu/odata/sap/  answers like an SAP Gateway: empty")
        synced = _step("every invoice into SAP, exactly once", settings, folder, "sync", "--all")
        if synced not in (0, SOME_REFUSED):
            return synced
        reconciled = _step("billing, ledger and SAP side by side", settings, folder, "reconcile")
        if reconciled == INTERRUPTED:
            return reconciled
        _heading("What billing-mock says should have arrived, beside what did")
        as_told = _as_told(settings, folder, _json(f"{billing.url}/_mock/truth")["sources"])
        if keep:
            _wait(settings, billing, sap)
        return reconciled or (0 if as_told else SOME_REFUSED)


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


def _machine_readable(settings: Mapping[str, str], folder: Path, *command: str) -> dict[str, Any]:
    """What one command of the pipeline says with --json."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("B2S_")}
    done = subprocess.run(
        [PROGRAMS / "billing-to-sap", *command, "--json"],
        env={**environment, **settings},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise DemoError(f"billing-to-sap {' '.join(command)} ended with {done.returncode}: {done.stderr}") from None
    return found


def _as_told(settings: Mapping[str, str], folder: Path, truth: dict[str, dict[str, Any]]) -> bool:
    """Sync once more, then print each source beside what billing-mock says of it; tells whether all is the same."""
    sent = _machine_readable(settings, folder, "sync", "--all")["totals"]["sent"]
    states = _machine_readable(settings, folder, "status")
    in_sap = _machine_readable(settings, folder, "reconcile")["sources"]
    print(f"  a second sync sent {sent}")
    same = sent == 0
    for source, told in truth.items():
        sums = {currency: one["sum"] for currency, one in in_sap[source]["sap"].items()}
        counted = states.get(source, {})
        places = {place: sum(counted.get(state, 0) for state in names) for place, names in PLACES.items()}
        right = sums == told["sums"] and all(places[place] == told[place] for place in PLACES)
        same = same and right
        counts = ", ".join(f"{places[place]:,} of {told[place]:,} {place}" for place in PLACES if told[place])
        verdict = "every sum to the cent" if right else f"WRONG: {sums}, told {told}"
        print(f"  {source:8} {counts or 'nothing to deliver'}; {verdict}")
    return same


def _wait(settings: Mapping[str, str], billing: Server, sap: Server) -> None:
    _heading("Everything stays up until you press Ctrl-C")
    print(f"  billing  {billing.url}  /_mock/truth, /_mock/faults, /_mock/mutate")
    print(f"  SAP      {sap.url}  user {SAP_LOGON['B2S_SAP_USER']}, password {SAP_LOGON['B2S_SAP_PASSWORD']}")
    print("  In another shell, this points billing-to-sap at them:\n")
    for name, value in settings.items():
        print(f"export {name}={shlex.quote(value)}")
    with contextlib.suppress(KeyboardInterrupt):
        print(f"\n  {PROGRAMS / 'billing-to-sap'} status", flush=True)
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


def _json(url: str) -> dict[str, Any]:
    with HERE.open(url, timeout=READY_SECONDS) as answer:
        body: dict[str, Any] = json.load(answer)
        return body


def _heading(text: str) -> None:
    print(f"\n-- {text} ".ljust(100, "-"), flush=True)


def _terminated(*_: object) -> NoReturn:
    sys.exit(TERMINATED)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Invoices of four billing systems into SAP, reconciled.")
    parser.add_argument(
        "--invoices", type=_count, default=250, metavar="N", help="how many in each of the four systems (250)"
    )
    parser.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C")
    return parser.parse_args()


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of invoices")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
