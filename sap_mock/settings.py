"""The settings of sap-mock: read once, checked together, frozen. Options of the command line come before SAP_MOCK_*."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

PREFIX = "SAP_MOCK_"
_OPTION_NAMES = {"services": "service", "users": "user"}
_URL_PASSWORD = re.compile(r"(://[^:/@]*:).*(@)")
DEFAULT_USER = ("DEVELOPER", "Sap-mock1")


class SettingsWrong(Exception):
    """One or more settings cannot be used; the message names each with its remedy, a line apiece."""


def _setting(default: Any, meaning: str) -> Any:
    if isinstance(default, tuple | Mapping):
        return field(default_factory=lambda: default, metadata={"meaning": meaning})
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set. ``users`` maps upper-case names to passwords and is never printed."""

    host: str = _setting("127.0.0.1", "the address to listen on")
    port: int = _setting(8000, "the port to listen on; 0 takes a free one")
    database: str = _setting("sqlite:///sap-mock.db", "where entities are kept; sqlite:// keeps nothing")
    services: tuple[str, ...] = _setting((), "NAME, [NAME=]FILE.xml or package.module, separated by blanks")
    users: Mapping[str, str] = _setting({DEFAULT_USER[0]: DEFAULT_USER[1]}, "NAME:PASSWORD, separated by blanks")
    sid: str = _setting("MCK", "the system id in cookies and realm: three letters or digits")
    sap_client: str = _setting("001", "the client: three digits")
    lenient: bool = _setting(False, "take JSON numbers for Edm.Decimal and bare dates for Edm.DateTime, with a warning")
    workers: int = _setting(1, "worker processes")
    threads: int = _setting(
        16, "requests at work at once in each process; one is fastest, but a latency fault holds it"
    )
    changeset_operations: str = _setting("one", "operations in a changeset: one, as SEGW's default, or many")
    idempotent: bool = _setting(False, "answer RequestID as an idempotent Gateway service does")
    journal_exchanges: int = _setting(1000, "how many exchanges /_mock/journal remembers; 0 remembers none")
    journal_bytes: int = _setting(16_000_000, "how many bytes it remembers of all exchanges together")
    journal_body_bytes: int = _setting(65_536, "how many bytes it remembers of each body")

    def __repr__(self) -> str:
        shown = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "users"}
        return f"Settings({shown}, users={sorted(self.users)})"


def from_environ(environ: Mapping[str, str], options: Mapping[str, Any]) -> Settings:
    """The settings from SAP_MOCK_* and the options given on the command line (None means not given).

    Raises :class:`SettingsWrong` naming every wrong value at once, unknown SAP_MOCK_* names among them.
    """
    names = {f"{PREFIX}{one.name.upper()}": one.name for one in fields(Settings)}
    wrong = [
        f"{name} is not a setting; known are {', '.join(sorted(names))}"
        for name in sorted(environ)
        if name.startswith(PREFIX) and name not in names and not name.startswith(f"{PREFIX}INTERNAL_")
    ]
    values: dict[str, Any] = {}
    for variable, name in names.items():
        given = options.get(name)
        shown = f"--{_OPTION_NAMES.get(name, name).replace('_', '-')}"
        if given in (None, ()):
            given, shown = environ.get(variable), variable
        if given is None:
            continue
        try:
            values[name] = _READERS[name](given)
        except ValueError as error:
            wrong.append(f"{shown}: {error}")
    if wrong:
        raise SettingsWrong("\n".join(wrong))
    return Settings(**values)


def _words(given: Any) -> tuple[str, ...]:
    return tuple(given.split()) if isinstance(given, str) else tuple(given)


def _users(given: Any) -> dict[str, str]:
    users = {}
    for entry in _words(given):
        name, colon, password = entry.partition(":")
        if not (name and colon and password):
            raise ValueError("write a user as NAME:PASSWORD")
        users[name.upper()] = password
    return users


def _number(lowest: int, highest: int) -> Any:
    def read(given: Any) -> int:
        try:
            number = int(given)
        except (TypeError, ValueError):
            number = lowest - 1
        if not lowest <= number <= highest:
            raise ValueError(f"{given!r} is not a whole number from {lowest} to {highest}")
        return number

    return read


def _matching(pattern: str, wanted: str) -> Any:
    def read(given: Any) -> str:
        if not re.fullmatch(pattern, str(given)):
            raise ValueError(f"{given!r} is not {wanted}")
        return str(given)

    return read


def _flag(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    answer = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
    if str(given).lower() not in answer:
        raise ValueError(f"{given!r} is neither true nor false")
    return answer[str(given).lower()]


_READERS: Mapping[str, Any] = {
    "host": str,
    "port": _number(0, 65535),
    "database": str,
    "services": _words,
    "users": _users,
    "sid": _matching(r"[A-Z0-9]{3}", "a system id of three upper-case letters or digits, such as MCK"),
    "sap_client": _matching(r"[0-9]{3}", "a client of three digits, such as 001"),
    "lenient": _flag,
    "workers": _number(1, 64),
    "threads": _number(1, 256),
    "changeset_operations": _matching("one|many", "'one' or 'many'"),
    "idempotent": _flag,
    "journal_exchanges": _number(0, 1_000_000),
    "journal_bytes": _number(1_000, 10_000_000_000),
    "journal_body_bytes": _number(0, 100_000_000),
}


def table(settings: Settings) -> list[tuple[str, str, str]]:
    """(variable, present value, meaning) of every setting, passwords masked."""
    rows = []
    for one in fields(Settings):
        value = getattr(settings, one.name)
        shown = [f"{name}:***" for name in value] if one.name == "users" else value
        shown = " ".join(shown) if isinstance(shown, tuple | list) else _URL_PASSWORD.sub(r"\1***\2", str(shown))
        rows.append((f"{PREFIX}{one.name.upper()}", shown, one.metadata["meaning"]))
    return rows
