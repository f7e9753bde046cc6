"""Differences that somebody has looked at and accepts, each with a reason: a TOML file beside the cases."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sap_mock.wire.comparison import Difference

_HEADING = "# Differences that are accepted, each with its reason (docs/record-and-replay.md).\n"
_DELETE = re.compile("\x7f")


class ApprovalsWrong(Exception):
    """The file cannot be used; the message names the entry and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """``case`` and ``where`` are patterns with ``*``. Without ``expected`` or ``actual`` any lines will do there."""

    case: str
    where: str
    reason: str
    expected: tuple[str, ...] | None = None
    actual: tuple[str, ...] | None = None

    def covers(self, case: str, difference: Difference) -> bool:
        """Whether this is the difference that was approved."""
        return (
            fnmatchcase(case, self.case)
            and fnmatchcase(difference.where, self.where)
            and self.expected in (None, difference.expected)
            and self.actual in (None, difference.actual)
        )


def read(path: Path) -> list[Approval]:
    """The approvals of a file, none where there is no file; raises :class:`ApprovalsWrong`."""
    if not path.exists():
        return []
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ApprovalsWrong(f"{path}: {error}") from error
    entries = document.get("approved", [])
    if set(document) - {"approved"} or not isinstance(entries, list):
        raise ApprovalsWrong(f"{path}: only entries [[approved]] may stand here")
    return [_approval(entry, f"{path}: entry {number}") for number, entry in enumerate(entries, start=1)]


def write(path: Path, approvals: Iterable[Approval]) -> None:
    """Write the file anew."""
    path.write_text(_HEADING + "".join(f"\n[[approved]]\n{_entry(one)}" for one in approvals), encoding="utf-8")


def _approval(entry: Mapping[str, Any], place: str) -> Approval:
    names = {one.name for one in fields(Approval)}
    if set(entry) - names:
        raise ApprovalsWrong(
            f"{place}: {', '.join(sorted(set(entry) - names))} is unknown; use {', '.join(sorted(names))}"
        )
    for name in ("case", "where", "reason"):
        if not isinstance(entry.get(name), str) or not entry[name].strip():
            raise ApprovalsWrong(f"{place}: '{name}' is missing; write it as a text that is not empty")
    lines: dict[str, tuple[str, ...] | None] = {"expected": None, "actual": None}
    for name in lines:
        value = entry.get(name)
        if value is not None and not (isinstance(value, list) and all(isinstance(line, str) for line in value)):
            raise ApprovalsWrong(f"{place}: '{name}' must be a list of lines")
        lines[name] = None if value is None else tuple(value)
    return Approval(case=entry["case"], where=entry["where"], reason=entry["reason"], **lines)


def _entry(approval: Approval) -> str:
    lines = [f"{name} = {_text(getattr(approval, name))}" for name in ("case", "where")]
    for name in ("expected", "actual"):
        value = getattr(approval, name)
        if value is not None:
            lines.append(f"{name} = [{', '.join(_text(line) for line in value)}]")
    return "\n".join([*lines, f"reason = {_text(approval.reason)}", ""])


def _text(text: str) -> str:
    """A TOML string: JSON's escapes are a part of TOML's, but for the delete character."""
    return _DELETE.sub(r"\\u007f", json.dumps(text, ensure_ascii=False))
