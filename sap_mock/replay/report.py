"""What a replay found: case by case for people, or as one JSON object; and what is approved of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from sap_mock.replay.player import Played, Player
from sap_mock.wire.approvals import Approval
from sap_mock.wire.case_file import CaseUnreadable, read_file
from sap_mock.wire.comparison import Difference
from sap_mock.wire.exchange import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference, where it was found, and the approval that covers it, if there is one."""

    case: str
    exchange: int
    request: str
    difference: Difference
    approval: Approval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that was found. ``idle`` are approvals that covered nothing."""

    cases: tuple[str, ...]
    exchanges: int
    findings: tuple[Finding, ...]
    idle: tuple[Approval, ...]

    @property
    def open(self) -> list[Finding]:
        """The differences that nobody has approved."""
        return [finding for finding in self.findings if finding.approval is None]


def cases_in(paths: Iterable[Path]) -> list[Case]:
    """The cases of files and folders, a folder's in the order of their names; raises :class:`CaseUnreadable`."""
    found: list[Case] = []
    for path in paths:
        files = sorted(path.glob("**/*.http")) if path.is_dir() else [path]
        if not files:
            raise CaseUnreadable(f"{path}: there is no .http file in this folder")
        found += [read_file(file) for file in files]
    return found


def replayed(cases: Sequence[Case], player: Player, approvals: Sequence[Approval]) -> Report:
    """Play the cases in one conversation; raises what :meth:`Player.play` raises."""
    findings: list[Finding] = []
    for case in cases:
        for number, played in enumerate(player.play(case), start=1):
            findings += _findings(case.name, number, played, approvals)
    used = {id(finding.approval) for finding in findings}
    return Report(
        cases=tuple(case.name for case in cases),
        exchanges=sum(len(case.exchanges) for case in cases),
        findings=tuple(findings),
        idle=tuple(approval for approval in approvals if id(approval) not in used),
    )


def approved(report: Report, approvals: Sequence[Approval], reason: str) -> list[Approval]:
    """The approvals together with new ones, all for one reason, for what is open in the report."""
    new = {
        (finding.case, finding.difference): Approval(
            case=finding.case,
            where=finding.difference.where,
            expected=finding.difference.expected,
            actual=finding.difference.actual,
            reason=reason,
        )
        for finding in report.open
    }
    return [*approvals, *new.values()]


def text(report: Report) -> str:
    """The report for people: ``-`` is what was recorded, ``+`` what was heard."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    for case in report.cases:
        found = [finding for finding in report.findings if finding.case == case]
        still = [finding for finding in found if finding.approval is None]
        yield f"{_verdict(len(still), len(found)):9} {case}"
        for (number, request, where), there in groupby(still, _place):
            yield f"  {number}  {request}  {where}"
            for finding in there:
                yield from (f"     - {line}" for line in finding.difference.expected)
                yield from (f"     + {line}" for line in finding.difference.actual)
    for approval in report.idle:
        yield f"unused    approval of {approval.where} in {approval.case}: {approval.reason}"
    yield (
        f"{len(report.cases)} cases, {report.exchanges} exchanges: {len(report.open)} differences, "
        f"{len(report.findings) - len(report.open)} approved"
    )


def _place(finding: Finding) -> tuple[int, str, str]:
    return finding.exchange, finding.request, finding.difference.where


def _verdict(still: int, found: int) -> str:
    if still:
        return "differs"
    return "approved" if found else "alike"


def as_json(report: Report) -> dict[str, Any]:
    """The report as ``--json`` prints it."""
    return {
        "cases": len(report.cases),
        "exchanges": report.exchanges,
        "open": len(report.open),
        "approved": len(report.findings) - len(report.open),
        "differences": [
            {
                "case": finding.case,
                "exchange": finding.exchange,
                "request": finding.request,
                "where": finding.difference.where,
                "expected": list(finding.difference.expected),
                "actual": list(finding.difference.actual),
                "approved": None if finding.approval is None else finding.approval.reason,
            }
            for finding in report.findings
        ],
        "unused_approvals": [{"case": one.case, "where": one.where, "reason": one.reason} for one in report.idle],
    }


def _findings(case: str, number: int, played: Played, approvals: Sequence[Approval]) -> Iterator[Finding]:
    request = f"{played.exchange.request.method} {played.exchange.request.target}"
    for difference in played.differences:
        covering = next((approval for approval in approvals if approval.covers(case, difference)), None)
        yield Finding(case=case, exchange=number, request=request, difference=difference, approval=covering)
