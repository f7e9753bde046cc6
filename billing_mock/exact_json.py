"""JSON text in which a Decimal leaves exactly as it stands: no binary float, no exponent, no zeros at the end."""

import json
from decimal import Decimal
from json.encoder import encode_basestring


def number(amount: Decimal) -> str:
    """As JavaScript would write it: 440, 0.1, 1.005."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def dumps(value: object) -> str:
    """The JSON text of dicts, lists, strings, booleans, None, int and Decimal; TypeError for anything else."""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{dumps(name)}:{dumps(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    raise TypeError(f"{type(value).__name__} has no exact JSON text.")
