"""API_SUPPLIERINVOICE_PROCESS_SRV posts, parks, releases and cancels invoices as SAP's own API does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pyodata
import pytest

SERVICE = "API_SUPPLIERINVOICE_PROCESS_SRV"
INVOICE = {
    "CompanyCode": "1010",
    "DocumentDate": "2023-10-12T00:00:00",
    "PostingDate": "2023-10-12T00:00:00",
    "SupplierInvoiceIDByInvcgParty": "7UDSYBJPGQU93N7M",
    "InvoicingParty": "0010300099",
    "DocumentCurrency": "USD",
    "InvoiceGrossAmount": "440.00",
    "DocumentHeaderText": "inv_7UDSYBJPGQU93N7M",
    "PaymentBlockingReason": "A",
    "TaxIsCalculatedAutomatically": False,
    "SupplierInvoiceIsCreditMemo": "",
}
ITEM = {
    "SupplierInvoiceItem": "0001",
    "CompanyCode": "1010",
    "GLAccount": "0000600100",
    "CostCenter": "0010101101",
    "DocumentCurrency": "USD",
    "SupplierInvoiceItemAmount": "440.00",
    "TaxCode": "V0",
    "DebitCreditCode": "S",
    "SupplierInvoiceItemText": "Postman subscription inv_7UDSYBJPGQU93N7M",
}
TAX = {"TaxCode": "V0", "SupplierInvoiceTaxCounter": "000001", "DocumentCurrency": "USD", "TaxAmount": "0.00"}
NUMBER = 5105600101


def given(values, changes):
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


def invoice(*, item=None, items=None, tax=None, taxes=None, orders=None, **changes):
    """The seed's invoice; ``item`` and ``tax`` change the one, ``items`` and ``taxes`` replace them."""
    body = given(INVOICE, changes)
    body["to_SupplierInvoiceItemGLAcct"] = {"results": [given(ITEM, item or {})] if items is None else items}
    body["to_SupplierInvoiceTax"] = {"results": [given(TAX, tax or {})] if taxes is None else taxes}
    if orders is not None:
        body["to_SuplrInvcItemPurOrdRef"] = {"results": orders}
    return body


class Invoices:
    def __init__(self, root, session):
        self.root = root
        self.session = session

    def post(self, body, path="A_SupplierInvoice"):
        return self.session.post(f"{self.root}{path}", json=body, timeout=20)

    def posted(self, body):
        answer = self.post(body)
        assert answer.status_code == 201, answer.text
        return answer.json()["d"]

    def read(self, posted, behind=""):
        answer = self.session.get(f"{self.root}{address(posted)}{behind}", timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()["d"]

    def all(self):
        return self.session.get(f"{self.root}A_SupplierInvoice", timeout=20).json()["d"]["results"]

    def call(self, action, posted, **parameters):
        key = {name: f"'{posted[name]}'" for name in ("SupplierInvoice", "FiscalYear")}
        return self.session.post(f"{self.root}{action}", params=key | parameters, timeout=20)

    def cancel(self, posted, reason="01", **parameters):
        return self.call("Cancel", posted, ReversalReason=f"'{reason}'", **parameters)


def address(posted):
    return f"A_SupplierInvoice(SupplierInvoice='{posted['SupplierInvoice']}',FiscalYear='{posted['FiscalYear']}')"


@pytest.fixture
def invoices(sap_gateway):
    with sap_gateway.session(SERVICE) as session:
        yield Invoices(sap_gateway.service(SERVICE), session)


def messages(answer):
    """The business messages of a refusal: (code, text), without the exception that carried them."""
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    details = error["innererror"]["errordetails"]
    found = [(one["code"], one["message"]) for one in details if one["code"] != "/IWBEP/CX_MGW_BUSI_EXCEPTION"]
    if found:
        assert (error["code"], error["message"]["value"]) == found[0]
        return found
    return [(error["code"], error["message"]["value"])]


# Posting ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("currency", ["JPY", "KWD", "EUR"])
def test_a_currency_may_have_any_number_of_decimals(invoices, currency):
    posted = invoices.posted(
        invoice(
            DocumentCurrency=currency,
            InvoiceGrossAmount="440",
            item={"DocumentCurrency": currency, "SupplierInvoiceItemAmount": "440"},
            tax={"DocumentCurrency": currency, "TaxAmount": "0"},
        )
    )

    assert posted["DocumentCurrency"] == currency


def test_a_posted_invoice_is_echoed_with_its_number_its_items_and_its_tax(invoices):
    answer = invoices.post(invoice())

    created = answer.json()["d"]
    assert answer.status_code == 201
    assert (created["SupplierInvoice"], created["FiscalYear"]) == (str(NUMBER), "2023")
    assert (created["SupplierInvoiceStatus"], created["AccountingDocumentType"]) == ("5", "RE")
    assert answer.headers["location"].endswith(f"A_SupplierInvoice(SupplierInvoice='{NUMBER}',FiscalYear='2023')")
    (item,) = created["to_SupplierInvoiceItemGLAcct"]["results"]
    (tax,) = created["to_SupplierInvoiceTax"]["results"]
    assert (item["SupplierInvoice"], item["SupplierInvoiceItem"], item["GLAccount"]) == (
        str(NUMBER),
        "0001",
        "0000600100",
    )
    assert (tax["TaxCode"], tax["TaxAmount"]) == ("V0", "0.000")


def test_an_invoice_is_read_again_with_everything_below(invoices):
    posted = invoices.posted(invoice())

    read = invoices.read(
        posted, "?$expand=to_SupplierInvoiceItemGLAcct,to_SupplierInvoiceTax,to_SuplrInvcItemPurOrdRef"
    )
    taxes = invoices.read(posted, "/to_SupplierInvoiceTax")

    assert [row["SupplierInvoiceItemAmount"] for row in read["to_SupplierInvoiceItemGLAcct"]["results"]] == ["440.000"]
    assert read["to_SuplrInvcItemPurOrdRef"] == {"results": []}
    assert [row["TaxCode"] for row in taxes["results"]] == ["V0"]


def test_an_invoice_is_found_by_the_suppliers_number(invoices):
    invoices.posted(invoice())
    other = invoices.posted(invoice(SupplierInvoiceIDByInvcgParty="OTHER"))
    query = {"$filter": "SupplierInvoiceIDByInvcgParty eq 'OTHER' and CompanyCode eq '1010'"}

    found = invoices.session.get(f"{invoices.root}A_SupplierInvoice", params=query, timeout=20).json()["d"]["results"]

    assert [one["SupplierInvoice"] for one in found] == [other["SupplierInvoice"]]


def test_what_the_system_assigns_is_not_taken_from_the_sender(invoices):
    posted = invoices.posted(invoice(SupplierInvoice="1", FiscalYear="1999", IsReversal=True, ReverseDocument="7"))

    assert (posted["SupplierInvoice"], posted["FiscalYear"]) == (str(NUMBER), "2023")
    assert (posted["IsReversal"], posted["ReverseDocument"]) == (False, "")


def test_numbers_get_their_leading_zeros(invoices):
    posted = invoices.posted(invoice(InvoicingParty="10300099", item={"GLAccount": "600100", "CostCenter": None}))

    assert posted["InvoicingParty"] == "0010300099"
    assert posted["to_SupplierInvoiceItemGLAcct"]["results"][0]["GLAccount"] == "0000600100"


def test_items_and_taxes_take_from_the_header_what_they_leave_out(invoices):
    left_out = dict.fromkeys(("SupplierInvoiceItem", "CompanyCode", "DocumentCurrency"))
    posted = invoices.posted(
        invoice(item=left_out, tax=dict.fromkeys(("SupplierInvoiceTaxCounter", "DocumentCurrency")))
    )

    (item,) = posted["to_SupplierInvoiceItemGLAcct"]["results"]
    (tax,) = posted["to_SupplierInvoiceTax"]["results"]
    assert (item["SupplierInvoiceItem"], item["CompanyCode"], item["DocumentCurrency"]) == ("0001", "1010", "USD")
    assert (tax["SupplierInvoiceTaxCounter"], tax["DocumentCurrency"]) == ("000001", "USD")


def test_debits_less_credits_and_tax_are_the_gross_amount(invoices):
    items = [
        {**ITEM, "SupplierInvoiceItem": "1", "SupplierInvoiceItemAmount": "100.00", "TaxCode": "V1"},
        {**ITEM, "SupplierInvoiceItem": "2", "SupplierInvoiceItemAmount": "10.00", "DebitCreditCode": "H"},
    ]
    taxes = [{**TAX, "TaxCode": "V1", "TaxAmount": "19.00", "TaxBaseAmountInTransCrcy": "100.00"}]

    posted = invoices.posted(invoice(InvoiceGrossAmount="109.00", items=items, taxes=taxes))

    assert posted["InvoiceGrossAmount"] == "109.000"


@pytest.mark.parametrize(
    ("net", "code", "gross", "tax"),
    [
        ("84.03", "V1", "100.00", "15.970"),   # 15.9657
        ("0.50",  "V1", "0.60",   "0.100"),    # 0.095, half up
        ("10.00", "V2", "10.70",  "0.700"),
        ("10.00", "V0", "10.00",  "0.000"),
    ],
)  # fmt: skip
def test_tax_is_calculated_where_that_is_asked_for(invoices, net, code, gross, tax):
    posted = invoices.posted(
        invoice(
            TaxIsCalculatedAutomatically=True,
            InvoiceGrossAmount=gross,
            item={"SupplierInvoiceItemAmount": net, "TaxCode": code},
            taxes=[],
        )
    )

    rows = invoices.read(posted, "/to_SupplierInvoiceTax")["results"]
    assert [(row["TaxCode"], row["TaxAmount"]) for row in rows] == [(code, tax)]


def test_an_invoice_for_a_purchase_order_is_posted(invoices):
    order = {"PurchaseOrder": "4500000001", "PurchaseOrderItem": "00010", "SupplierInvoiceItemAmount": "440.00", "TaxCode": "V0"}  # fmt: skip

    posted = invoices.posted(invoice(items=[], orders=[order]))

    (item,) = posted["to_SuplrInvcItemPurOrdRef"]["results"]
    assert (item["SupplierInvoiceItem"], item["PurchaseOrder"]) == ("000001", "4500000001")


def test_a_credit_memo_has_positive_amounts_and_credit_items(invoices):
    original = invoices.posted(invoice())
    reference = {"InvoiceReference": original["SupplierInvoice"], "InvoiceReferenceFiscalYear": "2023"}

    memo = invoices.posted(invoice(SupplierInvoiceIsCreditMemo="X", item={"DebitCreditCode": "H"}, **reference))

    assert (memo["SupplierInvoiceIsCreditMemo"], memo["InvoiceGrossAmount"]) == ("X", "440.000")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # header
        ({"CompanyCode": None, "item": {"CompanyCode": None}}, [("001", "Enter the company code")]),
        ({"DocumentDate": None},                       [("001", "Enter the invoice date")]),
        ({"PostingDate": None},                        [("001", "Enter the posting date")]),
        ({"InvoicingParty": ""},                       [("001", "Enter the invoicing party")]),
        ({"DocumentCurrency": None, "item": {"DocumentCurrency": None}, "tax": {"DocumentCurrency": None}},
                                                       [("001", "Enter the currency")]),
        ({"CompanyCode": "9999", "item": {"CompanyCode": None}}, [("002", "Company code 9999 does not exist")]),
        ({"InvoicingParty": "10000"},                  [("003", "Supplier 0000010000 does not exist in company code 1010")]),
        ({"DocumentCurrency": "EUX", "item": {"DocumentCurrency": None}, "tax": {"DocumentCurrency": None}},
                                                       [("004", "Currency EUX does not exist")]),
        ({"AccountingDocumentType": "XY"},             [("005", "Document type XY does not exist")]),
        ({"SupplierInvoiceStatus": "B"},               [("008", "Invoice document status B cannot be asked for; enter 5 (posted), A (parked) or nothing")]),
        ({"SupplierInvoiceIsCreditMemo": "X", "InvoiceReference": "5", "InvoiceReferenceFiscalYear": "2023", "item": {"DebitCreditCode": "H"}},
                                                       [("009", "Invoice 0000000005 2023, which the credit memo refers to, does not exist")]),
        # items
        ({"items": [ITEM | {"SupplierInvoiceItemAmount": "220.00"}] * 2}, [("011", "Item 0001 occurs more than once")]),
        ({"item": {"GLAccount": "4711"}},              [("012", "Item 0001: G/L account 0000004711 does not exist in chart of accounts SKR03")]),
        ({"item": {"GLAccount": None}},                [("012", "Item 0001: G/L account  does not exist in chart of accounts SKR03")]),
        ({"item": {"GLAccount": "1600"}},              [("013", "Item 0001: reconciliation account 0000001600 cannot be posted to directly")]),
        ({"item": {"TaxCode": "ZZ"}},                  [("014", "Item 0001: tax code ZZ does not exist")]),
        ({"tax": {"TaxCode": "ZZ"}},                   [("014", "Item 000001: tax code ZZ does not exist")]),
        ({"item": {"CostCenter": "NONE"}},             [("015", "Item 0001: cost center NONE does not exist")]),
        ({"item": {"DebitCreditCode": None}},          [("016", "Item 0001: debit/credit code '' is neither S nor H")]),
        ({"item": {"DocumentCurrency": "EUR"}},        [("018", "Item 0001: currency EUR differs from currency USD of the invoice")]),
        ({"tax": {"DocumentCurrency": "EUR"}},         [("018", "Item 000001: currency EUR differs from currency USD of the invoice")]),
        ({"item": {"CompanyCode": "1020"}},            [("019", "Item 0001: company code 1020 differs from company code 1010 of the invoice")]),
        ({"items": [], "orders": [{"PurchaseOrder": "1", "SupplierInvoiceItemAmount": "440.00"}]},
                                                       [("020", "Item 000001: purchase order 0000000001 does not exist")]),
        ({"item": {"SupplierInvoiceItem": "A"}},       [("021", "Item A: item number is not numeric")]),
        # amounts
        ({"InvoiceGrossAmount": "440.001", "item": {"SupplierInvoiceItemAmount": "440.001"}},
                                                       [("007", "Amount 440.001 has more decimals than currency USD")] * 2),
        ({"tax": {"TaxBaseAmountInTransCrcy": "0.001"}}, [("007", "Amount 0.001 has more decimals than currency USD")]),
    ],
)  # fmt: skip
def test_an_invoice_that_cannot_be_posted_is_refused(invoices, changes, expected):
    answer = invoices.post(invoice(**changes))

    assert messages(answer) == [(f"ZSUPPLIERINVOICE/{number}", text) for number, text in expected]
    assert invoices.all() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"InvoiceGrossAmount": "439.99"}, ("M8/534", "Balance not zero: 0.01 debits: 440.00 credits: 439.99")),
        ({"tax": {"TaxAmount": "83.60"}}, ("M8/534", "Balance not zero: 83.60 debits: 523.60 credits: 440.00")),
        ({"item": {"DebitCreditCode": "H"}}, ("M8/534", "Balance not zero: -880.00 debits: -440.00 credits: 440.00")),
        ({"SupplierInvoiceIsCreditMemo": "X"}, ("M8/534", "Balance not zero: 880.00 debits: 440.00 credits: -440.00")),
        ({"PostingDate": "2018-12-31T00:00:00"}, ("F5/201", "Posting period 012 2018 is not open")),
        ({"PostingDate": "2999-01-01T00:00:00"}, ("F5/201", "Posting period 001 2999 is not open")),
    ],
)
def test_sums_and_periods_are_refused_with_saps_own_messages(invoices, changes, expected):
    assert messages(invoices.post(invoice(**changes))) == [expected]


def test_every_reason_is_told_at_once(invoices):
    answer = invoices.post(
        invoice(CompanyCode="9999", InvoicingParty="1", InvoiceGrossAmount="0", item={"CompanyCode": None})
    )

    codes = [code for code, _ in messages(answer)]
    assert codes == ["ZSUPPLIERINVOICE/002", "ZSUPPLIERINVOICE/003", "ZSUPPLIERINVOICE/006", "M8/534"]


def test_an_invoice_without_items_is_refused(invoices):
    assert [code for code, _ in messages(invoices.post(INVOICE))] == ["ZSUPPLIERINVOICE/010", "M8/534"]


def test_amounts_are_entered_without_a_sign(invoices):
    answer = invoices.post(invoice(InvoiceGrossAmount="-440.00", item={"SupplierInvoiceItemAmount": "-440.00"}))

    assert [code for code, _ in messages(answer)] == ["ZSUPPLIERINVOICE/006", "ZSUPPLIERINVOICE/017"]


@pytest.mark.parametrize(
    ("name", "length"),
    [("SupplierInvoiceIDByInvcgParty", 17), ("DocumentHeaderText", 26), ("InvoicingParty", 11), ("PaymentReference", 31)],
)  # fmt: skip
def test_a_text_that_is_too_long_is_refused_before_the_data_provider(invoices, name, length):
    answer = invoices.post(invoice(**{name: "1" * length}))

    assert answer.status_code == 400
    assert "has invalid value" in answer.json()["error"]["message"]["value"]


# Twice --------------------------------------------------------------------------------------------------------------

SAME = [
    {},
    {"PostingDate": "2023-11-01T00:00:00"},
    {"DocumentHeaderText": "other"},
    {"PaymentBlockingReason": ""},
    {"InvoicingParty": "10300099"},
]
OTHER = [
    {"SupplierInvoiceIDByInvcgParty": "other"},
    {"SupplierInvoiceIDByInvcgParty": ""},
    {"DocumentDate": "2023-10-13T00:00:00"},
    {"InvoicingParty": "10300001"},
    {"InvoiceGrossAmount": "440.01", "item": {"SupplierInvoiceItemAmount": "440.01"}},
    {"DocumentCurrency": "EUR", "item": {"DocumentCurrency": None}, "tax": {"DocumentCurrency": None}},
    {"CompanyCode": "1020", "item": {"CompanyCode": None, "GLAccount": "6837"}},
    {"SupplierInvoiceIsCreditMemo": "X", "item": {"DebitCreditCode": "H"}},
]


@pytest.mark.parametrize("changes", SAME)
def test_the_same_invoice_is_not_entered_twice(invoices, changes):
    invoices.posted(invoice())

    text = f"Check if the invoice was already entered as invoice document {NUMBER} 2023"
    assert messages(invoices.post(invoice(**changes))) == [("ZSUPPLIERINVOICE/030", text)]


@pytest.mark.parametrize("changes", OTHER)
def test_an_invoice_that_differs_in_what_is_compared_is_another(invoices, changes):
    invoices.posted(invoice())

    invoices.posted(invoice(**changes))


def test_without_a_reference_nothing_is_compared(invoices):
    for _ in range(2):
        invoices.posted(invoice(SupplierInvoiceIDByInvcgParty=""))


def test_a_cancelled_invoice_may_be_entered_anew(invoices):
    invoices.cancel(invoices.posted(invoice()))

    assert invoices.posted(invoice())["SupplierInvoice"] == str(NUMBER + 2)


def test_one_invoice_posted_at_once_is_posted_once(invoices, sap_gateway):
    def post(_):
        with sap_gateway.session(SERVICE) as session:
            return Invoices(invoices.root, session).post(invoice()).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(post, range(8)))

    assert statuses == [201, *[400] * 7]


def test_invoices_posted_at_once_get_numbers_without_gaps(invoices, sap_gateway):
    def post(number):
        body = invoice(SupplierInvoiceIDByInvcgParty=f"inv {number}")
        with sap_gateway.session(SERVICE) as session:
            client = Invoices(invoices.root, session)
            client.post({**body, "CompanyCode": "9999"})
            return client.posted(body)["SupplierInvoice"]

    with ThreadPoolExecutor(8) as pool:
        numbers = sorted(pool.map(post, range(16)))

    assert numbers == [str(NUMBER + n) for n in range(16)]


# Cancel, Post, Release ----------------------------------------------------------------------------------------------


def test_a_cancellation_is_the_opposite_document_tied_both_ways(invoices):
    posted = invoices.posted(invoice())

    answer = invoices.cancel(posted, PostingDate="datetime'2024-01-15T00:00:00'")

    assert answer.status_code == 200
    result = answer.json()["d"]["Cancel"]
    assert (result["ReverseDocument"], result["FiscalYear"], result["Success"]) == ("5105600101", "2024", True)
    cancelled = invoices.read(posted)
    assert (cancelled["IsReversed"], cancelled["ReverseDocument"], cancelled["ReverseDocumentFiscalYear"]) == (
        True,
        "5105600101",
        "2024",
    )
    cancellation = {"SupplierInvoice": "5105600101", "FiscalYear": "2024"}
    opposite = invoices.read(cancellation)
    assert (opposite["IsReversal"], opposite["ReverseDocument"], opposite["SupplierInvoiceIsCreditMemo"]) == (
        True,
        str(NUMBER),
        "X",
    )
    (item,) = invoices.read(cancellation, "/to_SupplierInvoiceItemGLAcct")["results"]
    assert (item["DebitCreditCode"], item["SupplierInvoiceItemAmount"]) == ("H", "440.000")


def test_a_cancellation_without_a_posting_date_takes_that_of_the_invoice(invoices):
    posted = invoices.posted(invoice())

    result = invoices.cancel(posted).json()["d"]["Cancel"]

    opposite = invoices.read({"SupplierInvoice": result["ReverseDocument"], "FiscalYear": result["FiscalYear"]})
    assert opposite["PostingDate"] == posted["PostingDate"]


def test_an_invoice_is_cancelled_once_and_a_cancellation_never(invoices):
    posted = invoices.posted(invoice())
    invoices.cancel(posted)

    again = invoices.cancel(posted)
    of_cancellation = invoices.cancel({"SupplierInvoice": str(NUMBER + 1), "FiscalYear": "2023"})

    assert messages(again) == [
        (
            "ZSUPPLIERINVOICE/051",
            f"Invoice document {NUMBER} 2023 was already cancelled with invoice document {NUMBER + 1} 2023",
        )
    ]
    assert messages(of_cancellation) == [
        ("ZSUPPLIERINVOICE/052", f"Invoice document {NUMBER + 1} 2023 is a cancellation and cannot be cancelled")
    ]


@pytest.mark.parametrize(
    ("reason", "more", "expected"),
    [
        ("99", {}, ("ZSUPPLIERINVOICE/054", "Reversal reason 99 does not exist")),
        ("01", {"PostingDate": "datetime'2018-12-31T00:00:00'"}, ("F5/201", "Posting period 012 2018 is not open")),
    ],
)
def test_a_cancellation_is_checked_too(invoices, reason, more, expected):
    posted = invoices.posted(invoice())

    assert messages(invoices.cancel(posted, reason, **more)) == [expected]
    assert invoices.read(posted)["IsReversed"] is False


@pytest.mark.parametrize("action", ["Cancel", "Post", "Release"])
def test_nothing_can_be_done_with_an_invoice_that_does_not_exist(invoices, action):
    more = {"ReversalReason": "'01'"} if action == "Cancel" else {}

    answer = invoices.call(action, {"SupplierInvoice": "1", "FiscalYear": "2023"}, **more)

    assert messages(answer) == [("ZSUPPLIERINVOICE/050", "Invoice document 0000000001 2023 does not exist")]


def test_a_parameter_that_is_missing_is_refused_before_the_data_provider(invoices):
    answer = invoices.call("Cancel", invoices.posted(invoice()))

    assert answer.status_code == 400
    assert answer.json()["error"]["message"]["value"] == "Invalid Function Import Parameter"


def test_an_invoice_is_released_for_payment_once(invoices):
    posted = invoices.posted(invoice())

    released, again = invoices.call("Release", posted), invoices.call("Release", posted)

    assert released.json()["d"]["Release"]["Success"] is True
    assert invoices.read(posted)["PaymentBlockingReason"] == ""
    text = f"Invoice document {NUMBER} 2023 is not blocked for payment"
    assert messages(again) == [("ZSUPPLIERINVOICE/055", text)]


def test_an_invoice_is_parked_whatever_its_sums_and_posted_when_they_are_right(invoices):
    parked = invoices.posted(invoice(SupplierInvoiceStatus="A"))

    posted = invoices.call("Post", parked)

    assert parked["SupplierInvoiceStatus"] == "A"
    assert posted.json()["d"]["Post"]["Success"] is True
    assert invoices.read(parked)["SupplierInvoiceStatus"] == "5"
    assert [code for code, _ in messages(invoices.call("Post", parked))] == ["ZSUPPLIERINVOICE/056"]


def test_a_parked_invoice_with_wrong_sums_is_not_posted(invoices):
    parked = invoices.posted(invoice(SupplierInvoiceStatus="A", InvoiceGrossAmount="1.00"))

    assert [code for code, _ in messages(invoices.call("Post", parked))] == ["M8/534"]
    assert invoices.read(parked)["SupplierInvoiceStatus"] == "A"


@pytest.mark.parametrize("action", ["Cancel", "Release"])
def test_a_parked_invoice_is_neither_cancelled_nor_released(invoices, action):
    parked = invoices.posted(invoice(SupplierInvoiceStatus="A"))
    more = {"ReversalReason": "'01'"} if action == "Cancel" else {}

    answer = invoices.call(action, parked, **more)

    assert messages(answer) == [("ZSUPPLIERINVOICE/053", f"Invoice document {NUMBER} 2023 is only parked")]


def test_a_parked_invoice_does_not_count_as_entered(invoices):
    invoices.posted(invoice(SupplierInvoiceStatus="A"))

    invoices.posted(invoice())


def test_pyodata_posts_reads_and_cancels(sap_gateway):
    day = datetime(2023, 10, 12, tzinfo=UTC)
    with sap_gateway.session(SERVICE) as session:
        session.headers.pop("Accept")
        client = pyodata.Client(sap_gateway.service(SERVICE), session)
        values = {**INVOICE, "DocumentDate": day, "PostingDate": day}
        below = {"to_SupplierInvoiceItemGLAcct": [ITEM], "to_SupplierInvoiceTax": [TAX]}
        posted = client.entity_sets.A_SupplierInvoice.create_entity().set(**values, **below).execute()
        key = {"SupplierInvoice": posted.SupplierInvoice, "FiscalYear": posted.FiscalYear}
        read = client.entity_sets.A_SupplierInvoice.get_entity(**key).expand("to_SupplierInvoiceItemGLAcct").execute()
        cancel = client.functions.Cancel.parameter("ReversalReason", "01").parameter("PostingDate", day)
        for name, value in key.items():
            cancel = cancel.parameter(name, value)
        cancelled = cancel.execute()

    assert [item.GLAccount for item in read.to_SupplierInvoiceItemGLAcct] == ["0000600100"]
    assert cancelled["Cancel"]["ReverseDocument"] == str(NUMBER + 1)


# Changing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "MERGE", "PATCH", "DELETE"])
def test_an_invoice_is_neither_changed_nor_deleted(invoices, method):
    posted = invoices.posted(invoice())
    body = None if method == "DELETE" else {"DocumentHeaderText": "other"}

    answer = invoices.session.request(method, f"{invoices.root}{address(posted)}", json=body, timeout=20)

    text = f"Invoice document {NUMBER} 2023 cannot be changed or deleted; cancel it and enter it anew"
    assert messages(answer) == [("ZSUPPLIERINVOICE/040", text)]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("A_SupplierInvoiceItemGLAcct", ITEM),
        ("A_SupplierInvoiceTax", TAX),
        (f"A_SupplierInvoice(SupplierInvoice='{NUMBER}',FiscalYear='2023')/to_SupplierInvoiceItemGLAcct", ITEM),
    ],
)
def test_items_and_taxes_are_created_only_with_their_invoice(invoices, path, body):
    invoices.posted(invoice())

    text = "Items and taxes can be created only together with their invoice"
    assert messages(invoices.post(body, path)) == [("ZSUPPLIERINVOICE/041", text)]
