"""The routes under /_mock/journal: what is remembered, as JSON, as HAR and as .http; and forgetting it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import Any

from flask import Blueprint, Response, request
from marshmallow import Schema, ValidationError, fields, validate

from sap_mock.admin.foreign import refuse_foreign
from sap_mock.journal import case, har
from sap_mock.storage.exchange_journal import ExchangeJournal, Wanted

_HTTP_TYPE = "text/plain; charset=utf-8"
_LARGEST = 2**63 - 1  # what a database counts up to
Writer = Callable[[Sequence[Mapping[str, Any]]], str | bytes]
FORMATS: Mapping[str, tuple[str, Writer]] = {
    "json": ("application/json", json.dumps),
    "har": ("application/json", lambda documents: json.dumps(har.archive(documents))),
    "http": (_HTTP_TYPE, case.text),
}


_TEXT = validate.Regexp(r"[^\x00]*\Z", error="Must not hold the character NUL.")
_STATUS = validate.Regexp(r"[1-5][0-9]{2}\Z", error="Must be a status of HTTP, such as 404.")


class WantedSchema(Schema):
    """The query options of ``GET /_mock/journal``; see :class:`sap_mock.storage.exchange_journal.Wanted`."""

    service = fields.String(validate=_TEXT)
    entity_set = fields.String(validate=_TEXT)
    method = fields.String(validate=_TEXT)
    status = fields.String(validate=_STATUS)
    fault = fields.String(validate=_TEXT)
    transaction_id = fields.String(validate=_TEXT)
    since = fields.AwareDateTime(format="iso", default_timezone=UTC)
    after = fields.Integer(validate=validate.Range(max=_LARGEST))
    limit = fields.Integer(validate=validate.Range(min=1, max=_LARGEST))
    format = fields.String(validate=validate.OneOf(list(FORMATS)))


def blueprint(journal: ExchangeJournal | None) -> Blueprint:
    """The routes; without a journal they say how to have one."""
    routes = Blueprint("journal", __name__, url_prefix="/_mock/journal")
    routes.before_request(refuse_foreign)

    @routes.get("")
    def show() -> Response:
        if journal is None:
            return _refused("no exchange is remembered: start with SAP_MOCK_JOURNAL_EXCHANGES above 0", 404)
        try:
            wanted: dict[str, Any] = WantedSchema().load(request.args)
        except ValidationError as error:
            return _refused(_sentence(error), 400)
        content_type, write = FORMATS[wanted.pop("format", "json")]
        return Response(write(journal.find(Wanted(**wanted))), content_type=content_type)

    @routes.delete("")
    def forget() -> tuple[str, int]:
        if journal is not None:
            journal.empty()
        return "", 204

    return routes


def _refused(text: str, status: int) -> Response:
    return Response(json.dumps({"error": text}), status=status, content_type="application/json")


def _sentence(error: ValidationError) -> str:
    messages = error.messages if isinstance(error.messages, dict) else {"query": error.messages}
    told = [f"'{name}': {' '.join(map(str, found))}" for name, found in messages.items()]
    return f"{'; '.join(told)} Allowed are {', '.join(WantedSchema().fields)}."
