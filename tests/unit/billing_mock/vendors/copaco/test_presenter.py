"""The Commerce Platform's dialect: the documented members and formulas, credits, and each way to be bad."""

from datetime import date
from decimal import Decimal

import pytest

from billing_mock.books import Books
from billing_mock.dataset import DEFECTS, SEED_DOCUMENT_INVOICE, Dataset
from billing_mock.documents import Document
from billing_mock.options import Options
from billing_mock.vendors.copaco import presenter
from billing_mock.vendors.copaco.presenter import Paper

HEADER = (
    "InvoiceID Date ExpirationDate Currency Type TypeIdentifier TermsOfPaymentDays Description Language LanguageCode"
)
CUSTOMER = "AccountID CompanyName CustomerNumber CostCenter Subscriptions"
SUBSCRIPTION = "SubscriptionID SubscriptionName SubscriptionPONumber PlanID PlanName PlanCategoryName BillingModel StartDate PriceLines"
LINE = (
    "LineId UID SKU Description Quantity QuantityType UnitPrice Discount Duration DurationType ExtendedPrice StartDate "
    "EndDate TaxPercentage TaxZoneID VAT ChargeType InvoiceRowHash"
)


def papers(sold=False, **choices):
    for document in Books(Dataset(**choices)).documents():
        yield Paper(document=document, credit=False, sold=sold)
        if document.credit:
            yield Paper(document=document, credit=True, sold=sold)


def lines(told):
    return [
        line
        for customer in told["Customers"]
        for subscription in customer["Subscriptions"]
        for line in subscription["PriceLines"]
    ]


def adds_up(told):
    totals = told["Totals"]
    for line in lines(told):
        extended = (line["Quantity"] * line["UnitPrice"] - line["Discount"]) * line["Duration"]
        assert extended == line["ExtendedPrice"]
    assert sum(line["ExtendedPrice"] for line in lines(told)) == totals["TotalExcludingVAT"]
    assert sum(line["VAT"] for line in lines(told)) == totals["TotalVAT"]
    assert totals["TotalExcludingVAT"] + totals["TotalVAT"] == totals["TotalIncludingVAT"]


@pytest.mark.parametrize("sold", [False, True])
@pytest.mark.parametrize("sign", ["negative", "positive"])
def test_in_every_invoice_and_credit_the_documented_formulas_hold(sold, sign):
    for paper in papers(sold=sold, size=1200):
        told = presenter.invoice(paper, Options(copaco_credit_sign=sign))
        adds_up(told)
        if paper.credit:
            assert told["Header"]["Type"] == "Credit"
            assert (told["Totals"]["TotalIncludingVAT"] < 0) is (sign == "negative")
        if not sold:
            total = paper.document.credit.total if paper.credit else paper.document.invoice.total
            assert abs(told["Totals"]["TotalIncludingVAT"]) == total


def test_each_section_has_the_documented_members():
    for paper in papers(size=100):
        told = presenter.invoice(paper, Options())
        assert list(told) == ["Header", "Sender", "Receiver", "Customers", "Totals"]
        assert list(told["Header"]) == HEADER.split()
        for customer in told["Customers"]:
            assert list(customer) == CUSTOMER.split()
            assert [list(one) for one in customer["Subscriptions"]] == [SUBSCRIPTION.split()] * len(
                customer["Subscriptions"]
            )
        assert {tuple(line) for line in lines(told)} == {tuple(LINE.split())}
        assert len(told["Header"]["InvoiceID"]) <= 40


def test_the_first_invoice_is_the_one_that_all_vendors_have():
    document = Document(invoice=SEED_DOCUMENT_INVOICE, seed=1)
    told = presenter.invoice(Paper(document=document, credit=False), Options())
    assert told["Header"]["InvoiceID"] == "COP-7UDSYBJPGQU93N7M"
    assert (told["Header"]["Date"], told["Header"]["Currency"]) == ("2023-10-12", "USD")
    assert told["Totals"] == {"TotalExcludingVAT": 440, "TotalVAT": 0, "TotalIncludingVAT": 440}
    assert told["Header"]["Description"].endswith("Btw verlegd")


def test_days_can_be_written_with_midnight():
    paper = next(papers(size=1))
    assert presenter.invoice(paper, Options(copaco_dates="datetime"))["Header"]["Date"] == "2023-10-12T00:00:00"


def test_amounts_have_the_decimals_of_their_currency():
    for paper in papers(size=600):
        told = presenter.invoice(paper, Options())
        decimals = paper.document.decimals
        for amount in (*told["Totals"].values(), *(line["UnitPrice"] for line in lines(told))):
            assert isinstance(amount, Decimal)
            assert amount.as_tuple().exponent == -decimals


def test_a_line_has_one_hash_where_it_is_bought_sold_and_joined():
    for bought, sold in zip(papers(size=80), papers(size=80, sold=True), strict=True):
        purchase, sale = (presenter.invoice(paper, Options()) for paper in (bought, sold))
        joined = presenter.consolidated(bought, Options())
        hashes = [line["InvoiceRowHash"] for line in lines(purchase)]
        assert hashes == [line["InvoiceRowHash"] for line in lines(sale)]
        assert hashes == [line["InvoiceRowHash"] for line in lines(joined)]
        assert joined["Totals"] == purchase["Totals"]
        assert [line["PurchasePrice"] for line in lines(joined)] == [line["UnitPrice"] for line in lines(purchase)]
        assert [line["SalesPrice"] for line in lines(joined)] == [line["UnitPrice"] for line in lines(sale)]
        assert all("CustomerCostCenter" in customer for customer in joined["Customers"])


def test_what_happens_to_real_ones_happens():
    told = [presenter.invoice(paper, Options()) for paper in papers(size=500)]
    charges = {line["ChargeType"] for one in told for line in lines(one)}
    assert charges == {"Cycle Fee", "Usage Fee", "Correction"}
    assert {len(one["Customers"]) for one in told} >= {1, 2, 3}
    assert {line["TaxPercentage"] for one in told for line in lines(one)} == {0, 7, 19}
    assert any(customer["AccountID"] is None for one in told for customer in one["Customers"])
    assert {one["Header"]["Type"] for one in told} == {"Invoice", "Credit"}


def test_in_xml_the_receiver_has_a_street_and_the_header_its_tax():
    paper = next(papers(size=1))
    told = presenter.for_xml(presenter.invoice(paper, Options()), paper.document)
    assert "Street" in told["Receiver"]
    assert "Address" not in told["Receiver"]
    assert "Address" in told["Sender"]
    assert (told["Header"]["TaxZoneID"], told["Header"]["TaxPercentage"]) == ("EU", 0)
    assert presenter.for_xml("no record", paper.document) == "no record"


BAD = {
    "amount_missing": lambda told: told["Totals"]["TotalIncludingVAT"] is None,
    "date_malformed": lambda told: told["Header"]["Date"] == "12/10/2023",
    "amount_too_fine": lambda told: told["Totals"]["TotalIncludingVAT"] == Decimal("12.3456"),
    "number_too_long": lambda told: len(told["Header"]["InvoiceID"]) > 40,
    "amount_as_text": lambda told: told["Totals"]["TotalIncludingVAT"] == "1.234,56",
    "currency_missing": lambda told: told["Header"]["Currency"] is None,
    "not_a_record": lambda told: isinstance(told, str),
    "date_impossible": lambda told: told["Header"]["Date"] == "2023-02-30",
    "number_missing": lambda told: told["Header"]["InvoiceID"] is None,
    "amount_too_big": lambda told: told["Totals"]["TotalIncludingVAT"] > 10**18,
}


def test_each_defect_can_be_seen():
    told = [(paper.document.invoice.defect, presenter.invoice(paper, Options())) for paper in papers(size=0, bad=10)]
    assert [defect for defect, _ in told] == list(DEFECTS)
    for defect, record in told:
        assert BAD[defect](record), defect


def test_invoices_and_credits_are_expected_and_credits_count_below_zero():
    books = Books(Dataset(size=400, bad=3))
    expected = presenter.expected(books.documents())
    good = [document for document in books.documents() if not document.invoice.defect]
    credits_ = [document.credit for document in good if document.credit]
    assert (expected.delivered, expected.held, expected.quarantined) == (400 + len(credits_), 0, 3)
    assert sum(expected.sums.values()) == sum(one.invoice.total for one in good) - sum(one.total for one in credits_)
    assert date(2019, 1, 1) < min(credit.issued for credit in credits_)
