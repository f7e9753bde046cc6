"""Message class ZJOURNAL of table T100."""

from __future__ import annotations

from sap_mock.provider.message_class import MessageClass

message = MessageClass(
    name="ZJOURNAL",
    texts={
        "001": "External ID &1 was already posted as document &2 &3 &4",
        "002": "Enter the &1",
        "003": "Company code &1 does not exist",
        "004": "Document type &1 does not exist",
        "005": "Currency &1 does not exist",
        "006": "Posting period &1 &2 is not open",
        "007": "A journal entry needs at least two items",
        "008": "A journal entry has at most &1 items",
        "009": "Balance in transaction currency &1 is not zero: debits &2, credits &3",
        "010": "Item &1 occurs more than once",
        "011": "Item &1: enter either a G/L account, a customer or a supplier",
        "012": "Item &1: G/L account &2 does not exist in chart of accounts &3",
        "013": "Item &1: reconciliation account &2 cannot be posted to directly; enter a &3",
        "014": "Item &1: &2 &3 does not exist in company code &4",
        "015": "Item &1: debit/credit code '&2' is neither S nor H",
        "016": "Item &1: enter an amount greater than zero",
        "017": "Item &1: amount &2 has more decimals than currency &3",
        "018": "Item &1: currency &2 differs from currency &3 of the document",
        "019": "Item &1: tax code &2 does not exist",
        "020": "Item &1: tax account &2 needs a tax code and a tax base amount",
        "021": "Item &1: cost center &2 does not exist",
        "022": "Item &1: item number is not numeric",
        "030": "Document &1 &2 &3 is posted; posted documents cannot be changed or deleted",
        "031": "Items can be posted only together with their journal entry",
        "040": "Document &1 &2 &3 does not exist",
        "041": "Document &1 &2 &3 was already reversed with document &4",
        "042": "Document &1 &2 &3 is a reversal document and cannot be reversed",
        "043": "Reversal reason &1 does not exist",
        "050": "Number range &1 has no number left",
    },
)
