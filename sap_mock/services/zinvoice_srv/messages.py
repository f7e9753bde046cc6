"""Message class ZINVOICE of table T100: number → text; ``&1`` stands for the first variable."""

from __future__ import annotations

from sap_mock.odata.errors import T100Message

CLASS = "ZINVOICE"
_TEXTS = {
    "001": "Invoice &1 already exists",
    "002": "Enter an invoice ID",
    "003": "Enter the currency of invoice &1",
}


def message(number: str, *variables: str) -> T100Message:
    """The message with its variables filled in; raises ``KeyError`` for an unknown number."""
    text = _TEXTS[number]
    for index, value in enumerate(variables, start=1):
        text = text.replace(f"&{index}", value)
    return T100Message(class_=CLASS, number=number, text=text, variables=variables)
