"""Two answers side by side: what is left of their difference when what is bound to differ is taken away."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from sap_mock.wire.exchange import Response
from sap_mock.wire.layout import laid_out, verbatim
from sap_mock.wire.rules import LAYOUT, normalised


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """``where`` is ``status``, ``body``, ``answer`` (one came, one did not) or ``field NAME``."""

    where: str
    expected: tuple[str, ...] = ()
    actual: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An answer and the origin (``http://host:port``) by which the one who gave it was called."""

    response: Response | None
    origin: str


def differences(expected: Heard, actual: Heard, without: Collection[str] = ()) -> list[Difference]:
    """What differs, rule by rule normalised but for the rules named in ``without``."""
    if expected.response is None or actual.response is None:
        sides = [_came(expected.response), _came(actual.response)]
        return [] if sides[0] == sides[1] else [Difference(where="answer", expected=(sides[0],), actual=(sides[1],))]
    left = normalised(expected.response, expected.origin, without)
    right = normalised(actual.response, actual.origin, without)
    lines = verbatim if LAYOUT in without else laid_out
    return [*_heads(left, right), *_hunks(lines(left), lines(right))]


def _came(response: Response | None) -> str:
    return "no answer" if response is None else f"{response.status} {response.reason}".strip()


def _heads(left: Response, right: Response) -> Iterator[Difference]:
    if left.status != right.status:
        yield Difference(where="status", expected=(_came(left),), actual=(_came(right),))
    if left.cut != right.cut:
        ends = {True: "cut", False: "whole"}
        yield Difference(where="answer", expected=(ends[left.cut],), actual=(ends[right.cut],))
    for name in sorted({name.lower() for name, _ in (*left.fields, *right.fields)}):
        sides = [
            tuple(sorted(value for known, value in side.fields if known.lower() == name)) for side in (left, right)
        ]
        if sides[0] != sides[1]:
            yield Difference(where=f"field {name}", expected=sides[0], actual=sides[1])


def _hunks(left: list[str], right: list[str]) -> Iterator[Difference]:
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Difference(where="body", expected=tuple(left[i1:i2]), actual=tuple(right[j1:j2]))
