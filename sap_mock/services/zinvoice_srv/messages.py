"""Message class ZINVOICE of table T100."""

from __future__ import annotations

from sap_mock.provider.message_class import MessageClass

message = MessageClass(
    name="ZINVOICE",
    texts={
        "001": "Invoice &1 already exists",
        "002": "Enter an invoice ID",
        "003": "Enter the currency of invoice &1",
    },
)
