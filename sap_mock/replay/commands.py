"""``sap-mock record`` and ``sap-mock replay``."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import click
import requests

from sap_mock.replay import report as reports
from sap_mock.replay.player import LogonNeeded, LogonRefused, Player, TargetUnreachable, origin
from sap_mock.replay.proxy import CannotListen, serve
from sap_mock.replay.recording import Recording
from sap_mock.wire import approvals
from sap_mock.wire.case_file import CaseUnreadable
from sap_mock.wire.rules import NAMES

_WRONG_USAGE, _UNREACHABLE, _DIFFERS = 2, 5, 6


def record(target: str, out: Path, port: int, personal: Sequence[str]) -> None:
    """Pass everything on to the target until told to stop, and write it to ``out``."""
    base = _origin(target)
    try:
        recording = Recording(out, urlsplit(base).netloc, personal)
    except OSError as error:
        _fail(f"--out {out}: {error.strerror}; choose another folder", _WRONG_USAGE)
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    def announce(address: str) -> None:
        click.echo(f"sap-mock record ready at {address}")
        sys.stdout.flush()

    try:
        serve(base, recording, port=port, announce=announce)
    except CannotListen as error:
        _fail(str(error), _WRONG_USAGE)
    except KeyboardInterrupt:
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """``sap-mock replay`` as it was called; the fields are its options."""

    cases: Sequence[Path]
    target: str
    user: str | None
    approve: Path | None
    reason: str | None
    without: Sequence[str]
    keep_host: bool
    as_json: bool

    def run(self) -> NoReturn:
        """Play the cases and say what differs; ends the program with its exit code."""
        self._check()
        file = self.approve or _beside(self.cases[0])
        try:
            known = approvals.read(file)
            report = reports.replayed(reports.cases_in(self.cases), self._player(), known)
        except (CaseUnreadable, approvals.ApprovalsWrong) as error:
            _fail(str(error), _WRONG_USAGE)
        except LogonNeeded:
            _fail("the cases are masked where they log on; give --user NAME:PASSWORD", _WRONG_USAGE)
        except LogonRefused as error:
            _fail(f"{error}: check --user NAME:PASSWORD", _WRONG_USAGE)
        except TargetUnreachable as error:
            _fail(str(error), _UNREACHABLE)
        click.echo(json.dumps(reports.as_json(report), ensure_ascii=False) if self.as_json else reports.text(report))
        if self.reason is None or not report.open:
            sys.exit(_DIFFERS if report.open else 0)
        approvals.write(file, reports.approved(report, known, self.reason))
        click.echo(f"{len(report.open)} differences approved in {file}", err=True)
        sys.exit(0)

    def _check(self) -> None:
        unknown = sorted(set(self.without) - set(NAMES))
        if unknown:
            _fail(f"--without {', '.join(unknown)}: there are the rules {', '.join(NAMES)}", _WRONG_USAGE)
        if self.reason is not None and not self.reason.strip():
            _fail("--reason is empty; say why what differs is right", _WRONG_USAGE)
        if self.approve is not None and self.reason is None and not self.approve.exists():
            _fail(f"--approve {self.approve}: there is no such file", _WRONG_USAGE)
        if self.user is not None and ":" not in self.user:
            _fail("--user must be NAME:PASSWORD", _WRONG_USAGE)

    def _player(self) -> Player:
        name, _, password = (self.user or "").partition(":")
        logon = None if self.user is None else (name, password)
        session = requests.Session()
        session.verify = os.environ.get("SSL_CERT_FILE") or True
        return Player(_origin(self.target), logon, session=session, without=self.without, keeps_host=self.keep_host)


def _beside(cases: Path) -> Path:
    return (cases if cases.is_dir() else cases.parent) / "approvals.toml"


def _origin(target: str) -> str:
    try:
        return origin(target)
    except ValueError as error:
        _fail(f"--target {error}", _WRONG_USAGE)


def _fail(message: str, code: int) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)
