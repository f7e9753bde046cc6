"""OData V2 spellings of the few Edm types we send and read.

UTC arithmetic only, so the machine's zone cannot move a day. Sources: OData V2 JSON format and URI conventions; SAP
Gateway writes Edm.DateTime as /Date(milliseconds)/ and Edm.Decimal as text.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - an Edm.DateTime has no zone
_TICKS = re.compile(r"/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)/", re.ASCII)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?", re.ASCII)
_MILLISECOND = timedelta(milliseconds=1)


class BadLiteral(ValueError):
    """SAP wrote a value that its Edm type does not allow."""


def string_literal(text: str) -> str:
    """A text as a URI literal, quotes doubled and percent-encoded: O'Brien → `'O%27%27Brien'`."""
    return "'" + quote(text.replace("'", "''"), safe="") + "'"


def key_predicate(entity_set: str, key: str) -> str:
    """The resource path of one entity: `Invoices('inv_1')`."""
    return f"{entity_set}({string_literal(key)})"


def ticks(moment: datetime) -> str:
    """An Edm.DateTime as SAP writes it in JSON."""
    return f"/Date({(moment - _EPOCH) // _MILLISECOND})/"


def moment(instant: int) -> str:
    """An instant in milliseconds as the idempotency framework's clients write it: UTC, to the second, no offset."""
    return (_EPOCH + instant // 1000 * timedelta(seconds=1)).isoformat()


def read_datetime(text: Any) -> datetime:
    """An Edm.DateTime from JSON, in either spelling that Gateway knows. Raises BadLiteral."""
    if isinstance(text, str):
        try:
            if found := _TICKS.fullmatch(text):
                return _EPOCH + int(found[1]) * _MILLISECOND
            if _ISO.fullmatch(text):
                return datetime.fromisoformat(text[:26])
        except (ValueError, OverflowError):
            pass
    raise BadLiteral(f"{text!r} is not an Edm.DateTime")


def read_decimal(text: Any) -> Decimal:
    """An Edm.Decimal from JSON, where it is a text. Raises BadLiteral."""
    try:
        number = Decimal(text) if isinstance(text, str | int | Decimal) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadLiteral(f"{text!r} is not an Edm.Decimal")
    return number


READERS = {"Edm.DateTime": read_datetime, "Edm.Decimal": read_decimal}


def typed(entity: Mapping[str, Any], types: Mapping[str, Any]) -> dict[str, Any]:
    """The named properties of an entity as JSON gave it → Python values; absent ones and null → None.

    A navigation property has the types of its entities for a type, and becomes their list. Raises BadLiteral.
    """
    values: dict[str, Any] = {}
    for name, edm_type in types.items():
        raw = entity.get(name)
        if isinstance(edm_type, Mapping):
            values[name] = [typed(one, edm_type) for one in _inline(raw)]
            continue
        reader = READERS.get(edm_type)
        values[name] = raw if raw is None or reader is None else reader(raw)
    return values


def _inline(value: Any) -> list[Mapping[str, Any]]:
    """The entities of an expanded navigation property: `{"results": [...]}`, or a bare list of older systems."""
    found = value.get("results") if isinstance(value, dict) else value
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadLiteral("the items are not shown")
    return found
