"""The messages of invoice verification.

SAP's numbers and texts where they are published (F5/201 and M8/534, in collections of SAP's message texts); the rest
stands in a class of our own, since no number is made up.
"""

from __future__ import annotations

from sap_mock.provider.message_class import MessageClass

document_editing = MessageClass(name="F5", texts={"201": "Posting period & & is not open"})
invoice_verification = MessageClass(name="M8", texts={"534": "Balance not zero: & debits: & credits: &"})
message = MessageClass(
    name="ZSUPPLIERINVOICE",
    texts={
        "001": "Enter the &1",
        "002": "Company code &1 does not exist",
        "003": "Supplier &1 does not exist in company code &2",
        "004": "Currency &1 does not exist",
        "005": "Document type &1 does not exist",
        "006": "Enter a gross amount greater than zero; a credit memo is told by its indicator",
        "007": "Amount &1 has more decimals than currency &2",
        "008": "Invoice document status &1 cannot be asked for; enter 5 (posted), A (parked) or nothing",
        "009": "Invoice &1 &2, which the credit memo refers to, does not exist",
        "010": "Enter at least one item",
        "011": "Item &1 occurs more than once",
        "012": "Item &1: G/L account &2 does not exist in chart of accounts &3",
        "013": "Item &1: reconciliation account &2 cannot be posted to directly",
        "014": "Item &1: tax code &2 does not exist",
        "015": "Item &1: cost center &2 does not exist",
        "016": "Item &1: debit/credit code '&2' is neither S nor H",
        "017": "Item &1: enter an amount greater than zero",
        "018": "Item &1: currency &2 differs from currency &3 of the invoice",
        "019": "Item &1: company code &2 differs from company code &3 of the invoice",
        "020": "Item &1: purchase order &2 does not exist",
        "021": "Item &1: item number is not numeric",
        "030": "Check if the invoice was already entered as invoice document &1 &2",
        "040": "Invoice document &1 &2 cannot be changed or deleted; cancel it and enter it anew",
        "041": "Items and taxes can be created only together with their invoice",
        "050": "Invoice document &1 &2 does not exist",
        "051": "Invoice document &1 &2 was already cancelled with invoice document &3 &4",
        "052": "Invoice document &1 &2 is a cancellation and cannot be cancelled",
        "053": "Invoice document &1 &2 is only parked",
        "054": "Reversal reason &1 does not exist",
        "055": "Invoice document &1 &2 is not blocked for payment",
        "056": "Invoice document &1 &2 is already posted",
        "060": "Number range &1 has no number left",
    },
)
