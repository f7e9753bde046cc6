"""An invoice as a payable: blocked where it is paid, a credit by its indicator, found by our own reference."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.model.invoice import Invoice
from pipeline.model.money import Money
from pipeline.model.stops import Misconfigured
from pipeline.odata_client.literals import typed
from pipeline.sap import mapping
from pipeline.sap.supplier_invoice import FORM, build, differences, worth

TABLE = '[supplier_invoices.postman]\nsupplier = "10300099"\ngl_account = "600100"\ncost_center = "10101101"\ntax_code = "V0"\n'
BOOKS = mapping.read(TABLE)
PAYABLE = BOOKS.payables["postman"]
SEED = Invoice(
    source="postman",
    id="inv_7UDSYBJPGQU93N7M",
    status="PAID",
    issued_on=date(2023, 10, 12),
    total=Money(amount=Decimal(440), currency="USD"),
    link="https://pay.postman.com/x",
)


def built(payable=PAYABLE, **changes):
    return build(replace(SEED, **changes), payable, "1010")


def payload(payable=PAYABLE, **changes):
    return json.loads(built(payable, **changes).payload)


def test_the_seeds_invoice_field_by_field():
    assert payload() == {
        "PaymentReference": "postman:inv_7UDSYBJPGQU93N7M",
        "CompanyCode": "1010",
        "DocumentDate": "2023-10-12T00:00:00",
        "PostingDate": "2023-10-12T00:00:00",
        "SupplierInvoiceIDByInvcgParty": "7UDSYBJPGQU93N7M",
        "InvoicingParty": "0010300099",
        "DocumentCurrency": "USD",
        "InvoiceGrossAmount": "440.00",
        "DocumentHeaderText": "inv_7UDSYBJPGQU93N7M",
        "PaymentBlockingReason": "A",
        "SupplierInvoiceIsCreditMemo": "",
        "TaxIsCalculatedAutomatically": False,
        "to_SupplierInvoiceItemGLAcct": [
            {
                "SupplierInvoiceItem": "0001",
                "GLAccount": "0000600100",
                "CostCenter": "0010101101",
                "SupplierInvoiceItemAmount": "440.00",
                "TaxCode": "V0",
                "DebitCreditCode": "S",
                "SupplierInvoiceItemText": "Postman inv_7UDSYBJPGQU93N7M",
                "CompanyCode": "1010",
                "DocumentCurrency": "USD",
            }
        ],
        "to_SupplierInvoiceTax": [
            {
                "TaxCode": "V0",
                "SupplierInvoiceTaxCounter": "000001",
                "DocumentCurrency": "USD",
                "TaxAmount": "0.00",
            }
        ],
    }


def test_what_is_not_paid_is_not_blocked():
    assert payload(status="OPEN")["PaymentBlockingReason"] == ""


def test_a_credit_is_positive_and_told_by_its_indicator():
    sent = payload(total=Money(amount=Decimal("-12.50"), currency="EUR"))
    assert (sent["InvoiceGrossAmount"], sent["SupplierInvoiceIsCreditMemo"]) == ("12.50", "X")
    assert sent["to_SupplierInvoiceItemGLAcct"][0]["DebitCreditCode"] == "H"


@pytest.mark.parametrize(
    ("gross", "rate", "net", "tax"),
    [("99.99", "19", "84.03", "15.96"), ("119", "19", "100.00", "19.00"), ("10", "0", "10.00", "0.00")],
)
def test_net_and_tax_add_up_to_the_gross(gross, rate, net, tax):
    sent = payload(replace(PAYABLE, tax_rate=Decimal(rate)), total=Money(amount=Decimal(gross), currency="EUR"))
    assert sent["to_SupplierInvoiceItemGLAcct"][0]["SupplierInvoiceItemAmount"] == net
    assert sent["to_SupplierInvoiceTax"][0]["TaxAmount"] == tax


def test_what_is_cancelled_is_another_content_than_what_was_posted():
    assert built(status="CANCELLED").digest != built().digest


def test_a_payment_moves_the_block_and_is_no_other_content():
    open_, paid = (built(status=status, standing="STANDS") for status in ("OPEN", "PAID_IN_FULL"))
    assert json.loads(paid.payload)["PaymentBlockingReason"] == "A"
    assert paid.digest == open_.digest
    assert built(status="CANCELLED", standing="CANCELLED").digest != open_.digest


def test_long_ids_that_differ_only_at_their_end_stay_two_invoices():
    keys = {built(id="inv_" + "A" * 35 + end).key for end in "AB"}
    assert len(keys) == 2
    assert {len(key) for key in keys} == {30}


def test_the_same_invoice_shown_by_sap_is_no_difference_and_another_amount_is():
    sent = payload()
    shown = {
        **sent,
        "DocumentDate": "/Date(1697068800000)/",
        "PostingDate": "/Date(1697068800000)/",
        "to_SupplierInvoiceItemGLAcct": {"results": sent["to_SupplierInvoiceItemGLAcct"]},
    }
    seen = typed(shown, FORM.types)
    assert differences(built().payload, seen) == ()
    assert worth(seen) == ("USD", Decimal("440.00"))
    assert len(differences(built().payload, {**seen, "InvoiceGrossAmount": Decimal(441)})) == 1
    assert worth({**seen, "SupplierInvoiceIsCreditMemo": "X"}) == ("USD", Decimal("-440.00"))


def test_every_gap_of_the_table_is_named():
    with pytest.raises(Misconfigured) as raised:
        mapping.read('[supplier_invoices.postman]\ngl_account = "x"\n')
    assert [line.split(": ")[1] for line in str(raised.value).split("\n")] == [
        "supplier_invoices.postman.supplier",
        "supplier_invoices.postman.gl_account",
        "supplier_invoices.postman.tax_code",
    ]
