"""Text of $filter or $orderby → tokens with positions (counted from 1, as a Gateway reports them)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sap_mock.odata.errors import Refusal, refused

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<literal>
        [A-Za-z]*'(?:[^']|'')*'                                   # 'text' datetime'…' X'…'
      | -?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[LlMmDdFf]?(?![\w.])  # 12 12L 1.5M 1E+2D
      | (?:true|false|null|-?INF[DdFf]?|NaN[DdFf]?)(?![\w./'(])
    )
  | (?P<name>[^\W\d][\w-]*)
  | (?P<mark>[(),/*-])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``kind`` is literal, name, mark or end."""

    kind: str
    text: str
    position: int


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of ``text``, closed by one of kind ``end``; raises ODataError (400) at the first foreign character."""
    index = 0
    while index < len(text):
        match = _TOKEN.match(text, index)
        if match is None:
            raise refused(Refusal.FILTER_SYNTAX, position=index + 1)
        if match.lastgroup != "space":
            yield Token(str(match.lastgroup), match.group(), index + 1)
        index = match.end()
    yield Token("end", "", len(text) + 1)
