"""What may be posted under /_mock, checked by marshmallow before anything is done with it."""

import json
from decimal import Decimal
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class PlanSchema(Schema):
    """A fault plan; what is none of these is a parameter of the fault and checked there."""

    fault = fields.String(required=True)
    source = fields.String(allow_none=True)
    path = fields.String(allow_none=True)
    times = fields.Integer(strict=True, allow_none=True, validate=validate.Range(min=1))
    method = fields.String(allow_none=True, validate=validate.OneOf(METHODS))
    header = fields.String(allow_none=True, validate=validate.Regexp(r"[^:\s]+:", error="It is name: value."))
    skip = fields.Integer(strict=True, validate=validate.Range(min=0))
    every = fields.Integer(strict=True, validate=validate.Range(min=1))
    probability = fields.Float(validate=validate.Range(min=0, max=1))
    seed = fields.Integer(strict=True, allow_none=True, validate=validate.Range(min=0))


class MutationSchema(Schema):
    """A change to one invoice: another total, or no longer listed."""

    source = fields.String(required=True)
    id = fields.String()
    total_amount = fields.Decimal(data_key="totalAmount", allow_nan=False)
    remove = fields.String()

    @validates_schema
    def _one_of_the_two(self, data: dict[str, Any], **_: object) -> None:
        changes = {"id", "total_amount"} & data.keys()
        if ("remove" in data) == bool(changes) or len(changes) == 1:
            raise ValidationError('Either "id" with "totalAmount", or "remove" with the id.')


def posted(parse_float: type[Decimal | float] = float) -> dict[str, Any]:
    """The JSON object in the request; ValidationError if there is none."""
    try:
        body = json.loads(request.get_data(), parse_float=parse_float)
    except ValueError as wrong:
        raise ValidationError({"body": ["This is not JSON."]}) from wrong
    if not isinstance(body, dict):
        raise ValidationError({"body": ["A JSON object is wanted."]})
    return body


def known(name: str | None, names: Any) -> None:
    """ValidationError unless `name` is one of the vendors or None."""
    if name is not None and name not in names:
        raise ValidationError({"source": [f"There is no source {name!r}; there is: {', '.join(names)}."]})
