"""What callers send, read by a schema: every mistake at once, each as `member: reason`."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError


class NotUnderstoodError(Exception):
    """What was sent does not fit; `messages` says every reason."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


def read(schema: Schema, body: bytes) -> dict[str, Any]:
    """The JSON object as the schema understands it; NotUnderstoodError."""
    told: dict[str, Any] = _loaded(schema, _json(body))
    return told


def read_many(schema: Schema, body: bytes, *, most: int) -> list[dict[str, Any]]:
    """The JSON array of one to `most` objects as the schema understands each; NotUnderstoodError, of all together."""
    sent = _json(body)
    if not isinstance(sent, list) or not 1 <= len(sent) <= most:
        raise NotUnderstoodError([f"Request body must be an array of 1 to {most} objects."])
    told: list[dict[str, Any]] = _loaded(schema, sent, many=True)
    return told


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as wrong:
        raise NotUnderstoodError(["Request body is not valid JSON."]) from wrong


def _loaded(schema: Schema, sent: Any, *, many: bool = False) -> Any:
    try:
        return schema.load(sent, many=many)
    except ValidationError as wrong:
        raise NotUnderstoodError(list(_flat(wrong.messages))) from wrong


def _flat(messages: Any, path: str = "") -> Iterator[str]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
        return
    for message in messages:
        yield f"{path}: {message}"
