"""A posting as a journal entry: balanced, in SAP's lengths, on accounts that the mapping knows."""

import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from pipeline.model.money import Money
from pipeline.model.posting import Account, Posting
from pipeline.model.stops import Misconfigured
from pipeline.odata_client.literals import typed
from pipeline.sap import mapping
from pipeline.sap.journal_entry import FORM, build, differences, worth

BOOKS = mapping.read()
DEBTOR, REVENUE, VAT = (
    Account(number="1400", type="debtor"),
    Account(number="40.8400", type="revenueGermany"),
    Account(number="1776", type="ledgerAccount"),
)
POSTING = Posting(
    source="fynn",
    id="p1",
    kind="revenue",
    day=date(2023, 11, 7),
    total=Money(amount=Decimal(100), currency="EUR"),
    debit=DEBTOR,
    credit=REVENUE,
    committed=True,
    invoice_number="INV-2021-0001",
    customer_number="CUST-2021-0001",
    cost_centre="KOST1",
    text="Line item description",
    tax_rate=Decimal(19),
)


def payload(**changes):
    built = build(replace(POSTING, **changes), BOOKS)
    assert not isinstance(built, tuple), built
    return json.loads(built.payload)


def gaps(books=BOOKS, **changes):
    found = build(replace(POSTING, **changes), books)
    assert isinstance(found, tuple)
    return found


def test_the_golden_example_field_by_field():
    assert payload() == {
        "ExternalID": "fynn:posting:p1",
        "CompanyCode": "1010",
        "DocumentType": "DR",
        "DocumentDate": "2023-11-07T00:00:00",
        "PostingDate": "2023-11-07T00:00:00",
        "Currency": "EUR",
        "Reference": "INV-2021-0001",
        "HeaderText": "Fynn revenue",
        "ToItems": [
            {
                "Item": "0001",
                "DebitCreditCode": "S",
                "Amount": "100.00",
                "Text": "Line item description",
                "Assignment": "CUST-2021-0001",
                "Customer": "0000010000",
            },
            {
                "Item": "0002",
                "DebitCreditCode": "H",
                "Amount": "100.00",
                "Text": "Line item description",
                "Assignment": "CUST-2021-0001",
                "GLAccount": "0000008400",
                "TaxCode": "A1",
                "CostCenter": "KOST1",
            },
        ],
    }


def test_the_key_is_the_postings_own():
    assert build(POSTING, BOOKS).key == "fynn:posting:p1"


@pytest.mark.parametrize(
    ("amount", "rate", "code", "base"),
    [("19.00", 19, "A1", "100.00"), ("15.96", 19, "A1", "84.00"), ("7", 7, "A2", "100.00"), ("0.01", 19, "A1", "0.05")],
)
def test_a_tax_line_has_its_code_and_the_base_that_gives_this_tax(amount, rate, code, base):
    total = Money(amount=Decimal(amount), currency="EUR")
    item = payload(kind="revenueTax", credit=VAT, total=total, tax_rate=Decimal(rate))["ToItems"][1]
    assert (item["GLAccount"], item["TaxCode"], item["TaxBaseAmount"]) == ("0000001776", code, base)


@pytest.mark.parametrize("rate", [None, Decimal(0), Decimal(16)])
def test_a_tax_line_without_a_rate_we_have_a_code_for_is_set_aside(rate):
    (reason,) = gaps(credit=VAT, tax_rate=rate)
    assert "tax account 1776" in reason


def test_a_reversal_says_so_in_its_header_and_names_what_it_reverses_in_both_items():
    sent = payload(reverses="8f8f8f8f-8f8f-8f8f-8f8f-8f8f8f8f8f8f", debit=REVENUE, credit=DEBTOR)
    assert sent["HeaderText"] == "Fynn reversal, revenue"
    assert {item["Text"] for item in sent["ToItems"]} == {"Reverses 8f8f8f8f-8f8f-8f8f-8f8f-8f8f8f8f8f8f"}


def test_texts_are_cut_to_saps_lengths_and_of_a_reference_the_end_is_kept():
    entry = payload(text="x" * 60 + "\n", invoice_number="RE-" + "0" * 12 + "12345", kind="k" * 40)
    assert (len(entry["ToItems"][0]["Text"]), entry["Reference"], len(entry["HeaderText"])) == (
        50,
        "0000000000012345",
        25,
    )


def test_a_cost_center_goes_as_sap_keeps_it_or_sap_would_show_another_one():
    books = mapping.read('[journal.cost_centers]\nKOST1 = "10101101"\n')
    for cost_centre, kept in (("KOST1", "0010101101"), ("10101102", "0010101102"), ("K1", "K1")):
        built = build(replace(POSTING, cost_centre=cost_centre), books)
        assert json.loads(built.payload)["ToItems"][1]["CostCenter"] == kept


@pytest.mark.parametrize(
    ("account", "cost_center"), [("revenueGermany", "KOST1"), ("bankAccount", None), ("passiveDeferral", None)]
)
def test_a_cost_center_goes_only_where_sap_takes_one(account, cost_center):
    item = payload(credit=Account(number="0990", type=account))["ToItems"][1]
    assert item.get("CostCenter") == cost_center
    assert item["GLAccount"] == "0000000990"


@pytest.mark.parametrize("number", ["", "Erlöse", "12345678901", "84.00x", "0x10"])
def test_an_account_that_is_none_is_set_aside_with_the_table_to_mend(number):
    (reason,) = gaps(credit=Account(number=number, type="ledgerAccount"))
    assert "[journal.accounts]" in reason


def test_all_gaps_are_told_together():
    books = replace(BOOKS, customers={})
    assert len(gaps(books, id="x" * 80, credit=Account(number="?", type="ledgerAccount"))) == 3


def test_a_customer_the_mapping_names_is_used_before_the_collective_one():
    books = mapping.read('[journal.customers]\n"CUST-2021-0001" = "10101"\n')
    item = json.loads(build(POSTING, books).payload)["ToItems"][0]
    assert item["Customer"] == "0000010101"


@pytest.mark.parametrize(
    ("currency", "amount", "text"), [("JPY", "1000", "1000"), ("KWD", "1.5", "1.500"), ("EUR", "0.01", "0.01")]
)
def test_amounts_are_written_in_their_currencys_decimals(currency, amount, text):
    entry = payload(total=Money(amount=Decimal(amount), currency=currency))
    assert [item["Amount"] for item in entry["ToItems"]] == [text, text]


SHOWN = {
    **{name: value for name, value in payload().items() if name != "ToItems"},
    "DocumentDate": "/Date(1699315200000)/",
    "PostingDate": "/Date(1699315200000)/",
    "DocumentNumber": "1800000000",
    "ToItems": {
        "results": [
            {**item, "Amount": "100.000", "GLAccount": item.get("GLAccount", "0000001400"), "TaxBaseAmount": "0.000"}
            for item in payload()["ToItems"]
        ]
    },
}


def test_what_sap_fills_in_itself_is_no_difference():
    assert differences(build(POSTING, BOOKS).payload, typed(SHOWN, FORM.types)) == ()


def test_another_amount_account_or_day_is_one():
    results = [
        {**SHOWN["ToItems"]["results"][0], "Amount": "99.000"},
        {**SHOWN["ToItems"]["results"][1], "GLAccount": "1"},
    ]
    shown = {**SHOWN, "PostingDate": "/Date(0)/", "ToItems": {"results": results}}
    told = differences(build(POSTING, BOOKS).payload, typed(shown, FORM.types))
    assert [one.partition(":")[0] for one in told] == ["PostingDate", "item 0001, Amount", "item 0002, GLAccount"]


def test_an_entry_with_fewer_items_is_another_one():
    shown = {**SHOWN, "ToItems": {"results": SHOWN["ToItems"]["results"][:1]}}
    assert any(
        "sent 2, SAP shows 1" in one for one in differences(build(POSTING, BOOKS).payload, typed(shown, FORM.types))
    )


def test_an_entry_is_worth_its_debits():
    seen = typed(SHOWN, FORM.types)
    assert worth(seen) == ("EUR", Decimal("100.000"))
    assert seen["PostingDate"] == datetime(2023, 11, 7)


PAYABLE = 'supplier = "10300099"\ngl_account = "600100"\ntax_code = "V0"\n'
WRONG_MAPPINGS = [
    ("[journal", ["the mapping file is not TOML"]),
    ("journal = 3", ["mapping file: journal: is no table"]),
    ("[charts]\nOWN = 3", ["mapping file: charts.OWN: is no table"]),
    ('[journal]\ncompany_code = "10"', ["mapping file: journal.company_code: is not four characters long"]),
    ('[journal]\nchart = "SKR99"', ["mapping file: journal.chart: there is no chart SKR99; there is: SKR03, SKR04"]),
    ("[supplier_invoices.postmann]\n" + PAYABLE, ["mapping file: supplier_invoices.postmann: there is no such source"]),
    (
        "[supplier_invoices.fynn]\n" + PAYABLE,
        ["mapping file: supplier_invoices.fynn: there is no such source of invoices"],
    ),
    ('[journal.tax_rates]\n"19 %" = "A1"', ["mapping file: journal.tax_rates.19 %: is no rate in per cent"]),
    (
        '[charts.SKR03.automatic_accounts]\n8400 = "1999"',
        ["mapping file: charts.SKR03.automatic_accounts.8400: 1999 is not one of the chart's tax_accounts"],
    ),
    (
        '[journal]\nchart = "OURS"\nautomatic_gross = true\n[charts.OURS]\ntax_accounts = []\ndebtors = []',
        ["mapping file: journal.automatic_gross: the chart OURS names no automatic_accounts"],
    ),
    (
        '[journal]\ncompany_code = "10"\nchart = "SKR99"\n[supplier_invoices.acme]\nsupplier = "1"',
        [
            "mapping file: supplier_invoices.acme.gl_account: Missing data",
            "mapping file: supplier_invoices.acme.tax_code: Missing data",
            "mapping file: journal.company_code: is not four characters long",
            "mapping file: journal.chart: there is no chart SKR99",
            "mapping file: supplier_invoices.acme: there is no such source of invoices",
        ],
    ),
    (
        '[journal]\ncolour = "red"\n[journal.accounts]\n"8400" = "x"\n[journal.customers]\nother = "12345678901"',
        [
            "mapping file: journal.customers.other: is longer than ten characters",
            "mapping file: journal.accounts.8400: is not a number of at most ten digits",
            "mapping file: journal.colour: Unknown field.",
        ],
    ),
]


@pytest.mark.parametrize(("text", "lines"), WRONG_MAPPINGS)
def test_everything_wrong_with_a_mapping_file_is_told_together(text, lines):
    with pytest.raises(Misconfigured) as raised:
        mapping.read(text)
    told = str(raised.value).split("\n")
    assert len(told) == len(lines)
    assert all(any(one.startswith(line) for one in told) for line in lines)


def test_the_other_chart_is_one_line_away():
    books = mapping.read('[journal]\nchart = "SKR04"\n')
    assert (books.chart, "3806" in books.tax_accounts, "1200" in books.debtors) == ("SKR04", True, True)


GROSS = mapping.read("[journal]\nautomatic_gross = true\n")
AUTOMATIC = Account(number="8400", type="revenueGermany")


def sides(**changes):
    """Side, account, amount and tax base of each item, where automatic accounts take gross amounts."""
    built = build(replace(POSTING, **{"total": Money(amount=Decimal(119), currency="EUR"), **changes}), GROSS)
    assert not isinstance(built, tuple), built
    items = json.loads(built.payload)["ToItems"]
    return [
        (
            one["DebitCreditCode"],
            one.get("GLAccount", one.get("Customer"))[-5:],
            one["Amount"],
            one.get("TaxBaseAmount"),
        )
        for one in items
    ]


SPLITS = [
    # what is booked on 8400: changes, what stands on it, and the tax beside it
    ({}, "100.00", "19.00"),
    ({"total": Money(amount=Decimal("99.99"), currency="EUR")}, "84.03", "15.96"),
    ({"total": Money(amount=Decimal(119), currency="JPY")}, "100", "19"),
    ({"total": Money(amount=Decimal("1.190"), currency="KWD")}, "1.000", "0.190"),
    ({"total": Money(amount=Decimal("0.02"), currency="EUR")}, "0.02", None),  # no tax on two cents
    ({"credit": REVENUE}, "119.00", None),  # posting key 40: without the automatism
    ({"kind": "resolveDeferal"}, "119.00", None),  # tax is not deferred
    ({"credit": Account(number="8120", type="revenueTaxFree")}, None, None),
]


@pytest.mark.parametrize(("changes", "net", "tax"), SPLITS)
def test_a_gross_amount_on_an_automatic_account_is_split_and_no_cent_is_lost(changes, net, tax):
    given = {"credit": AUTOMATIC, **changes}
    debit, *others = sides(**given)
    assert sum(Decimal(amount) for *_, amount, _ in others) == Decimal(debit[2])
    assert others == [
        ("H", f"0{given['credit'].number[-4:]}", net or debit[2], None),
        *([("H", "01776", tax, net)] if tax else []),
    ]


def test_what_takes_a_gross_revenue_back_is_split_on_its_own_side():
    assert sides(debit=AUTOMATIC, credit=DEBTOR, reverses="p0") == [
        ("S", "08400", "100.00", None),
        ("S", "01776", "19.00", "100.00"),
        ("H", "10000", "119.00", None),
    ]


def test_a_gross_amount_without_a_rate_is_set_aside():
    (reason,) = build(replace(POSTING, credit=AUTOMATIC, tax_rate=None), GROSS)
    assert "no tax rate" in reason


def test_revenue_is_net_unless_the_mapping_says_otherwise():
    assert [one["Amount"] for one in payload(credit=AUTOMATIC)["ToItems"]] == ["100.00", "100.00"]
