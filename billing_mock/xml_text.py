"""XML text from dicts: one element per member, lists as their items, nothing as a self-closing element."""

import re
from collections.abc import Mapping
from decimal import Decimal
from xml.sax.saxutils import escape

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Writer:
    """Writes elements; `items` names the element of each list, `point` stands in amounts."""

    def __init__(self, items: Mapping[str, str], *, point: str = ".") -> None:
        self._items = items
        self._point = point

    def element(self, name: str, value: object) -> str:
        """The element with everything in it; an empty value, None or no members is `<Name />`."""
        inside = self._inside(name, value)
        return f"<{name}>{inside}</{name}>" if inside else f"<{name} />"

    def _inside(self, name: str, value: object) -> str:
        if isinstance(value, dict):
            return "".join(self.element(member, inner) for member, inner in value.items())
        if isinstance(value, list):
            return "".join(self.element(self._items[name], item) for item in value)
        if isinstance(value, Decimal):
            return f"{value:f}".replace(".", self._point)
        if isinstance(value, bool):
            return "true" if value else "false"
        return "" if value is None else escape(_FORBIDDEN.sub("", str(value)))
