"""What the schemas of all vendors are made of: tolerant objects, days, texts, and one way to tell every reason.

A record that fails is told with all its reasons together; what a vendor adds is tolerated and counted.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from marshmallow.fields import Field

from pipeline.model.record import kind_of, plain, unsound_places
from pipeline.model.rejection import Rejection

Messages = dict[str, str | list[Any] | dict[Any, Any]]
Loaded = TypeVar("Loaded")
MISSING: Messages = {"required": "is missing", "null": "is null"}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Unfit(Exception):
    """A record whose fields are well-formed, yet together no document; it holds every reason."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class Day(Field[date]):
    """`YYYY-MM-DD` and nothing else → a calendar day."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        del attr, data, kwargs
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValidationError("is not a day of the form YYYY-MM-DD")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError(f"{value} is not a day of the calendar") from None


def text(**more: Any) -> fields.String:
    """A text that must be there and say something."""
    messages: Messages = {**MISSING, "invalid": "is not a text"}
    return fields.String(
        required=True, error_messages=messages, validate=validate.Length(min=1, error="is empty"), **more
    )


def optional_text() -> fields.String:
    """A text that may be absent or null: empty then."""
    return fields.String(load_default="", allow_none=True, error_messages={"invalid": "is not a text"})


def nested(schema: type[Schema], *, required: bool, many: bool = False) -> fields.Nested:
    """An object of this schema, or a list of them."""
    kind = "is not a list" if many else "is not an object"
    messages: Messages = {**MISSING, "type": kind}
    return fields.Nested(schema, required=required, many=many, allow_none=not required, error_messages=messages)


class Tolerant(Schema):
    """Knows what it needs; what a vendor adds does no harm."""

    class Meta:
        """marshmallow's place for it."""

        unknown = EXCLUDE

    error_messages = {"type": "is not an object"}  # noqa: RUF012 - marshmallow's own way to word its messages


def read(
    record: Any, schema: Schema, make: Callable[[dict[str, Any]], Loaded], *, source: str, source_id: str
) -> Loaded | Rejection:
    """A raw record → what `make` builds of its fields, or a rejection with all reasons together."""
    unsound = unsound_places(record)
    if unsound:
        return Rejection(source=source, id=source_id, reasons=tuple(unsound))
    if not isinstance(record, dict):
        return Rejection(source=source, id="", reasons=(f"the record is {kind_of(record)}, not an object",))
    try:
        return make(dict(schema.load(record)))
    except ValidationError as error:
        return Rejection(source=source, id=source_id, reasons=tuple(reasons(error.messages)))
    except Unfit as unfit:
        return Rejection(source=source, id=source_id, reasons=unfit.reasons)


def identity(record: Any, name: str = "id") -> str:
    """The record's own id, or nothing where it has none that can serve as one."""
    value = record.get(name) if isinstance(record, dict) else None
    return value if isinstance(value, str) else ""


def unknown(record: Any, known: Mapping[str, set[str]]) -> list[str]:
    """The fields of a record that a schema does not know, as dotted paths: the vendor's drift, to be counted."""
    found: set[str] = set()
    for place, names in known.items():
        for inner in _at(record, place.split(".") if place else []):
            found.update(plain(f"{place}.{name}".lstrip(".")) for name in inner.keys() - names)
    return sorted(found)


def _at(value: Any, path: list[str]) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for element in value:
            yield from _at(element, path)
    elif isinstance(value, dict):
        if path:
            yield from _at(value.get(path[0]), path[1:])
        else:
            yield value


def reasons(messages: Any, path: str = "") -> list[str]:
    """Marshmallow's messages as one line each: `totalAmount.value: is missing`."""
    match messages:
        case dict():
            return [reason for name, inner in messages.items() for reason in reasons(inner, _join(path, str(name)))]
        case list():
            return [reason for inner in messages for reason in reasons(inner, path)]
    return [f"{path}: {messages}" if path else str(messages)]


def _join(path: str, name: str) -> str:
    return path if name == "_schema" else f"{path}.{name}".lstrip(".")
