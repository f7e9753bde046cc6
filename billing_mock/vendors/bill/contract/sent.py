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
    try:
        sent = json.loads(body, parse_float=Decimal)
    except ValueError as wrong:
        raise NotUnderstoodError(["Request body is not valid JSON."]) from wrong
    try:
        read: dict[str, Any] = schema.load(sent)
    except ValidationError as wrong:
        raise NotUnderstoodError(list(_flat(wrong.messages))) from wrong
    return read


def _flat(messages: Any, path: str = "") -> Iterator[str]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
        return
    for message in messages:
        yield f"{path}: {message}"
