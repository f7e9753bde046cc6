"""A message class of table T100 (transaction SE91): number → text, with up to four variables to fill in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sap_mock.odata.errors import T100Message

_GAP = re.compile(r"&([1-4])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageClass:
    """Its name and texts. ``&1`` stands for the first variable; bare ``&`` for the next one."""

    name: str
    texts: Mapping[str, str]

    def __call__(self, number: str, *variables: object) -> T100Message:
        """The message as ``MESSAGE e001(zclass) WITH …`` gives it; one left out is blank. Raises ``KeyError``."""
        filled = tuple(str(variable) for variable in variables)
        unnumbered = iter(range(len(filled)))

        def fill(gap: re.Match[str]) -> str:
            index = int(gap[1]) - 1 if gap[1] else next(unnumbered, len(filled))
            return filled[index] if index < len(filled) else ""

        text = _GAP.sub(fill, self.texts[number])
        return T100Message(class_=self.name, number=number, text=text, variables=filled)
