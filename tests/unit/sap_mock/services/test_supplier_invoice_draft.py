"""An invoice's sums: debits less credits plus tax, the other way round for a credit memo, exact to the last digit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sap_mock.services.api_supplierinvoice_process_srv.draft import GL_ITEMS, ORDER_ITEMS, TAXES, draft

RATES = {"V0": Decimal(0), "V1": Decimal(19), "V2": Decimal(7)}


def items(*amounts, tax_code="V1"):
    """Items from signed amounts."""
    return [
        {
            "SupplierInvoiceItemAmount": abs(Decimal(amount)),
            "DebitCreditCode": "H" if Decimal(amount) < 0 else "S",
            "TaxCode": tax_code,
        }
        for amount in amounts
    ]


def total(rows, **header):
    return draft({"DocumentCurrency": "EUR", **header}, rows, RATES).total


@pytest.mark.parametrize(
    ("rows", "header", "expected"),
    [
        ({GL_ITEMS: items("100", "-10")},                                        {}, "90"),
        ({GL_ITEMS: items("100"), TAXES: [{"TaxAmount": Decimal(19)}]},        {}, "119"),
        ({GL_ITEMS: items("-100"), TAXES: [{"TaxAmount": Decimal(19)}]},       {"SupplierInvoiceIsCreditMemo": "X"}, "119"),
        ({GL_ITEMS: items("100")},                                               {"SupplierInvoiceIsCreditMemo": "X"}, "-100"),
        ({ORDER_ITEMS: items("40"), GL_ITEMS: items("2")},                       {}, "42"),
        ({ORDER_ITEMS: items("40")},                                             {"SupplierInvoiceIsCreditMemo": "X"}, "40"),
        ({GL_ITEMS: items("100")},                                               {"TaxIsCalculatedAutomatically": True}, "119.00"),
        ({GL_ITEMS: items("-100")},                                              {"TaxIsCalculatedAutomatically": True, "SupplierInvoiceIsCreditMemo": "X"}, "119.00"),
        ({GL_ITEMS: items("100"), TAXES: [{"TaxAmount": Decimal(1)}]},         {"TaxIsCalculatedAutomatically": True}, "119.00"),
        ({GL_ITEMS: items("100"), ORDER_ITEMS: items("100")},                    {"TaxIsCalculatedAutomatically": True}, "238.00"),
        ({GL_ITEMS: items("0.01", tax_code="unknown")},                          {"TaxIsCalculatedAutomatically": True}, "0.01"),
        ({},                                                                     {}, "0"),
        # tax on the sum of a code's items, not item by item
        ({GL_ITEMS: items("0.03", "0.03", "0.03")},                              {"TaxIsCalculatedAutomatically": True}, "0.11"),
    ],
)  # fmt: skip
def test_the_total_is_what_the_gross_amount_has_to_be(rows, header, expected):
    assert total(rows, **header) == Decimal(expected)


@pytest.mark.parametrize(("currency", "tax"), [("EUR", "0.10"), ("JPY", "0"), ("KWD", "0.095")])
def test_calculated_tax_is_rounded_half_up_to_the_currencys_decimals(currency, tax):
    header = {"DocumentCurrency": currency, "TaxIsCalculatedAutomatically": True}

    (row,) = draft(header, {GL_ITEMS: items("0.50")}, RATES).taxes

    assert (row["TaxAmount"], row["TaxBaseAmountInTransCrcy"]) == (Decimal(tax), Decimal("0.50"))


@given(st.lists(st.decimals(-10_000, 10_000, places=2), min_size=1, max_size=20))
def test_a_credit_memo_is_the_opposite_of_the_invoice_to_the_cent(amounts):
    opposite = [-amount for amount in amounts]

    assert total({GL_ITEMS: items(*opposite)}, SupplierInvoiceIsCreditMemo="X") == total({GL_ITEMS: items(*amounts)})
    assert total({GL_ITEMS: items(*amounts)}) == sum(amounts)
