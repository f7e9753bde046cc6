"""ZJOURNAL_SRV posts what balances, refuses the rest with every reason at once, and reverses instead of changing."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from sap_mock.services.accounting import customizing
from sap_mock.testing import started_gateway

SERVICE = "ZJOURNAL_SRV"
ENTRY = {
    "ExternalID": "fynn:invoice:INV-2021-0001",
    "CompanyCode": "1010",
    "DocumentType": "DR",
    "DocumentDate": "2023-11-07T00:00:00",
    "PostingDate": "2023-11-07T00:00:00",
    "Currency": "EUR",
    "Reference": "INV-2021-0001",
    "HeaderText": "Fynn invoice postings",
}
ITEMS = [
    {"Item": "0001", "Customer": "10001", "DebitCreditCode": "S", "Amount": "119.00", "Text": "Line item"},
    {"Item": "0002", "GLAccount": "8400", "DebitCreditCode": "H", "Amount": "100.00", "TaxCode": "A1", "CostCenter": "KOST1"},
    {"Item": "0003", "GLAccount": "1776", "DebitCreditCode": "H", "Amount": "19.00", "TaxCode": "A1", "TaxBaseAmount": "100.00"},
]  # fmt: skip


def entry(*, items=(), **changes):
    """The journal entry of one invoice; ``items`` are (index, changes), ``None`` leaves a property out."""
    changed = [dict(item) for item in ITEMS]
    for index, values in items:
        changed[index] |= values
    rows = [{name: value for name, value in item.items() if value is not None} for item in changed]
    header = {name: value for name, value in {**ENTRY, **changes}.items() if value is not None}
    return {**header, "ToItems": rows}


@pytest.fixture
def journal(sap_gateway):
    with sap_gateway.session(SERVICE) as session:
        yield Journal(sap_gateway.service(SERVICE), session)


class Journal:
    def __init__(self, root, session):
        self.root = root
        self.session = session

    def post(self, body, path="JournalEntries"):
        return self.session.post(f"{self.root}{path}", json=body, timeout=20)

    def posted(self, body):
        answer = self.post(body)
        assert answer.status_code == 201, answer.text
        return answer.json()["d"]

    def get(self, path, **parameters):
        return self.session.get(f"{self.root}{path}", params=parameters, timeout=20)

    def all(self, path, **parameters):
        return self.get(path, **parameters).json()["d"]["results"]

    def reverse(self, posted, reason="01", posting_date=None):
        parameters = {
            "CompanyCode": f"'{posted['CompanyCode']}'",
            "FiscalYear": f"'{posted['FiscalYear']}'",
            "DocumentNumber": f"'{posted['DocumentNumber']}'",
            "ReversalReason": f"'{reason}'",
        }
        if posting_date:
            parameters["PostingDate"] = f"datetime'{posting_date}T00:00:00'"
        return self.session.post(f"{self.root}Reverse", params=parameters, timeout=20)


def address(posted):
    keys = ",".join(f"{name}='{posted[name]}'" for name in ("CompanyCode", "FiscalYear", "DocumentNumber"))
    return f"JournalEntries({keys})"


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


def test_a_posted_entry_is_echoed_with_its_number_and_its_items(journal):
    answer = journal.post(entry())

    created = answer.json()["d"]
    assert answer.status_code == 201
    assert (created["CompanyCode"], created["FiscalYear"], created["DocumentNumber"]) == ("1010", "2023", "1800000000")
    assert answer.headers["location"].endswith(
        "JournalEntries(CompanyCode='1010',FiscalYear='2023',DocumentNumber='1800000000')"
    )
    rows = created["ToItems"]["results"]
    assert [(row["Item"], row["GLAccount"], row["Customer"], row["Amount"], row["Currency"]) for row in rows] == [
        ("0001", "0000001400", "0000010001", "119.000", "EUR"),
        ("0002", "0000008400", "", "100.000", "EUR"),
        ("0003", "0000001776", "", "19.000", "EUR"),
    ]


def test_an_entry_is_read_again_with_its_items(journal):
    posted = journal.posted(entry())

    read = journal.get(address(posted), **{"$expand": "ToItems"}).json()["d"]
    deferred = journal.get(address(posted)).json()["d"]
    by_navigation = journal.all(f"{address(posted)}/ToItems", **{"$filter": "DebitCreditCode eq 'H'"})

    assert [row["Amount"] for row in read["ToItems"]["results"]] == ["119.000", "100.000", "19.000"]
    assert "__deferred" in deferred["ToItems"]
    assert [row["Item"] for row in by_navigation] == ["0002", "0003"]


def test_an_entry_is_found_by_its_external_id(journal):
    journal.posted(entry())
    journal.posted(entry(ExternalID="fynn:invoice:INV-2021-0002"))

    found = journal.all("JournalEntries", **{"$filter": "ExternalID eq 'fynn:invoice:INV-2021-0002'"})

    assert [one["DocumentNumber"] for one in found] == ["1800000001"]


def test_items_without_numbers_are_numbered(journal):
    posted = journal.posted(entry(items=[(0, {"Item": None}), (1, {"Item": "2"}), (2, {"Item": None})]))

    assert [row["Item"] for row in posted["ToItems"]["results"]] == ["0001", "0002", "0003"]


def test_what_the_system_assigns_is_not_taken_from_the_sender(journal):
    posted = journal.posted(entry(FiscalYear="1999", DocumentNumber="42", IsReversal=True, ReverseDocument="7"))

    assert (posted["FiscalYear"], posted["DocumentNumber"]) == ("2023", "1800000000")
    assert (posted["IsReversal"], posted["ReverseDocument"]) == (False, "")


YEN = {"Currency": "JPY", "items": [(1, {"Amount": "100"}), (2, {"Amount": "19", "TaxBaseAmount": "100"}), (0, {"Amount": "119"})]}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # header
        ({"CompanyCode": None},                                    [("002", "Enter the company code")]),
        ({"DocumentType": ""},                                     [("002", "Enter the document type")]),
        ({"DocumentDate": None},                                   [("002", "Enter the document date")]),
        ({"PostingDate": None},                                    [("002", "Enter the posting date")]),
        ({"Currency": None},                                       [("002", "Enter the currency")]),
        ({"CompanyCode": "9999"},                                  [("003", "Company code 9999 does not exist")]),
        ({"DocumentType": "XY"},                                   [("004", "Document type XY does not exist")]),
        ({"Currency": "EUX"},                                      [("005", "Currency EUX does not exist")]),
        ({"PostingDate": "2018-12-31T00:00:00"},                   [("006", "Posting period 012 2018 is not open")]),
        ({"PostingDate": "2999-02-01T00:00:00"},                   [("006", "Posting period 002 2999 is not open")]),
        # items
        ({"items": [(1, {"Item": "1"})]},                          [("010", "Item 0001 occurs more than once")]),
        ({"items": [(1, {"Item": "A"})]},                          [("022", "Item A: item number is not numeric")]),
        ({"items": [(1, {"Item": "²"})]},                          [("022", "Item ²: item number is not numeric")]),
        ({"items": [(1, {"GLAccount": None})]},                    [("011", "Item 0002: enter either a G/L account, a customer or a supplier")]),
        ({"items": [(0, {"Supplier": "70001"})]},                  [("011", "Item 0001: enter either a G/L account, a customer or a supplier")]),
        ({"items": [(1, {"GLAccount": "4711"})]},                  [("012", "Item 0002: G/L account 0000004711 does not exist in chart of accounts SKR03")]),
        ({"items": [(0, {"Customer": None, "GLAccount": "1400"})]}, [("013", "Item 0001: reconciliation account 0000001400 cannot be posted to directly; enter a customer")]),
        ({"items": [(0, {"Customer": None, "GLAccount": "1600"})]}, [("013", "Item 0001: reconciliation account 0000001600 cannot be posted to directly; enter a supplier")]),
        ({"items": [(0, {"Customer": "9"})]},                      [("014", "Item 0001: customer 0000000009 does not exist in company code 1010")]),
        ({"items": [(0, {"Customer": None, "Supplier": "9"})]},    [("014", "Item 0001: supplier 0000000009 does not exist in company code 1010")]),
        ({"items": [(1, {"Currency": "USD"})]},                    [("018", "Item 0002: currency USD differs from currency EUR of the document"),
                                                                    ("009", "Balance in transaction currency EUR is not zero: debits 119.00, credits 19.00"),
                                                                    ("009", "Balance in transaction currency USD is not zero: debits 0.00, credits 100.00")]),
        ({"items": [(1, {"TaxCode": "ZZ"})]},                      [("019", "Item 0002: tax code ZZ does not exist")]),
        ({"items": [(2, {"TaxBaseAmount": None})]},                [("020", "Item 0003: tax account 0000001776 needs a tax code and a tax base amount")]),
        ({"items": [(2, {"TaxCode": ""})]},                        [("020", "Item 0003: tax account 0000001776 needs a tax code and a tax base amount")]),
        ({"items": [(1, {"CostCenter": "NONE"})]},                 [("021", "Item 0002: cost center NONE does not exist")]),
        ({"items": [(2, {"TaxBaseAmount": "100.001"})]},           [("017", "Item 0003: amount 100.001 has more decimals than currency EUR")]),
        # balance
        ({"items": [(0, {"Amount": "118.99"})]},                   [("009", "Balance in transaction currency EUR is not zero: debits 118.99, credits 119.00")]),
        ({"items": [(0, {"DebitCreditCode": "H"})]},               [("009", "Balance in transaction currency EUR is not zero: debits 0.00, credits 238.00")]),
        ({"items": [(0, {"DebitCreditCode": "D"})]},               [("015", "Item 0001: debit/credit code 'D' is neither S nor H"),
                                                                    ("009", "Balance in transaction currency EUR is not zero: debits 0.00, credits 119.00")]),
        ({"items": [(0, {"Amount": "-119.00"})]},                  [("016", "Item 0001: enter an amount greater than zero"),
                                                                    ("009", "Balance in transaction currency EUR is not zero: debits -119.00, credits 119.00")]),
        ({"Currency": "JPY", "items": [(0, {"Amount": "119.5"}), (1, {"Amount": "100.5"})]},
                                                                   [("017", "Item 0001: amount 119.5 has more decimals than currency JPY"),
                                                                    ("017", "Item 0002: amount 100.5 has more decimals than currency JPY")]),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_posted_is_refused(journal, changes, expected):
    answer = journal.post(entry(**changes))

    assert messages(answer) == [(f"ZJOURNAL/{number}", text) for number, text in expected]
    assert journal.all("JournalEntries") == journal.all("JournalEntryItems") == []


def test_every_reason_is_told_at_once(journal):
    answer = journal.post(entry(CompanyCode="9999", DocumentType="XY", items=[(0, {"Amount": "1"})]))

    assert [code for code, _ in messages(answer)] == ["ZJOURNAL/003", "ZJOURNAL/004", "ZJOURNAL/009"]
    targets = [one["target"] for one in answer.json()["error"]["innererror"]["errordetails"]]
    assert targets[:2] == ["CompanyCode", "DocumentType"]


@pytest.mark.parametrize("items", [[], ITEMS[:1]])
def test_an_entry_has_at_least_two_items(journal, items):
    answer = journal.post({**ENTRY, "ToItems": items})

    assert ("ZJOURNAL/007", "A journal entry needs at least two items") in messages(answer)


def test_an_entry_without_items_is_refused_likewise(journal):
    assert messages(journal.post(ENTRY)) == [("ZJOURNAL/007", "A journal entry needs at least two items")]


def test_an_entry_has_at_most_999_items(journal):
    rows = [{"GLAccount": "1200", "DebitCreditCode": side, "Amount": "1.00"} for _ in range(500) for side in "SH"]

    answer = journal.post({**ENTRY, "ToItems": rows})

    assert messages(answer) == [("ZJOURNAL/008", "A journal entry has at most 999 items")]


@pytest.mark.parametrize(
    ("name", "value"),
    [("ExternalID", "x" * 61), ("CompanyCode", "10100"), ("Reference", "x" * 17), ("HeaderText", "x" * 26), ("Currency", "EUROPE")],
)  # fmt: skip
def test_a_text_that_is_too_long_is_refused_before_the_data_provider(journal, name, value):
    answer = journal.post(entry(**{name: value}))

    assert answer.status_code == 400
    assert "has invalid value" in answer.json()["error"]["message"]["value"]


def test_amounts_of_currencies_without_decimals_are_posted(journal):
    posted = journal.posted(entry(**YEN))

    assert [row["Amount"] for row in posted["ToItems"]["results"]] == ["119.000", "100.000", "19.000"]


def test_an_external_id_is_posted_once(journal):
    journal.posted(entry())

    again = journal.post(entry(PostingDate="2024-01-01T00:00:00", DocumentType="SA"))

    text = "External ID fynn:invoice:INV-2021-0001 was already posted as document 1010 1800000000 2023"
    assert messages(again) == [("ZJOURNAL/001", text)]


def test_entries_without_an_external_id_are_not_compared(journal):
    journal.posted(entry(ExternalID=None))
    journal.posted(entry(ExternalID=""))

    assert len(journal.all("JournalEntries")) == 2


# Numbers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"DocumentType": "SA"}, "0100000000"),
        ({"DocumentType": "KR"}, "1900000000"),
        ({"PostingDate": "2024-01-01T00:00:00"}, "1800000000"),
        ({"CompanyCode": "1020", "items": [(1, {"GLAccount": "4400"}), (2, {"GLAccount": "3806"})]}, "1800000000"),
    ],
)
def test_each_company_code_year_and_interval_counts_by_itself(journal, changes, number):
    journal.posted(entry(ExternalID="first"))

    assert journal.posted(entry(**changes))["DocumentNumber"] == number


def test_a_refused_entry_leaves_no_gap(journal):
    first = journal.posted(entry(ExternalID="a"))
    messages(journal.post(entry(ExternalID="b", items=[(0, {"Amount": "1.00"})])))
    messages(journal.post(entry(ExternalID="a")))
    second = journal.posted(entry(ExternalID="c"))

    assert [first["DocumentNumber"], second["DocumentNumber"]] == ["1800000000", "1800000001"]


def test_entries_posted_at_once_get_different_numbers(journal, sap_gateway):
    def post(number):
        with sap_gateway.session(SERVICE) as session:
            return Journal(journal.root, session).posted(entry(ExternalID=f"id {number}"))["DocumentNumber"]

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(post, range(16)))

    assert sorted(numbers) == [f"{1_800_000_000 + n}" for n in range(16)]


def test_one_external_id_posted_at_once_is_posted_once(journal, sap_gateway):
    def post(_):
        with sap_gateway.session(SERVICE) as session:
            return Journal(journal.root, session).post(entry()).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(post, range(8)))

    assert statuses == [201, *[400] * 7]


def test_entries_posted_at_once_by_several_processes_get_different_numbers(tmp_path):
    arguments = ["--database", f"sqlite:///{tmp_path}/journal.db", "--workers", "2", "--service", SERVICE]

    def post(number):
        with gateway.session(SERVICE) as session:
            client = Journal(gateway.service(SERVICE), session)
            return client.posted(entry(ExternalID=f"id {number}"))["DocumentNumber"]

    with started_gateway(arguments) as gateway, ThreadPoolExecutor(4) as pool:
        numbers = sorted(pool.map(post, range(12)))

    assert numbers == [f"{1_800_000_000 + n}" for n in range(12)]


# Other formats and changesets ---------------------------------------------------------------------------------------


def atom(*items, **header):
    """A deep insert as Atom: an entry with a feed inside its link."""

    def properties(values):
        return "".join(f"<d:{name}>{value}</d:{name}>" for name, value in values.items())

    entries = "".join(
        f'<entry><content type="application/xml"><m:properties>{properties(item)}</m:properties></content></entry>'
        for item in items
    )
    related = "http://schemas.microsoft.com/ado/2007/08/dataservices/related/ToItems"
    return (
        '<?xml version="1.0"?><entry xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"'
        ' xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">'
        f'<link rel="{related}" type="application/atom+xml;type=feed" title="ToItems" href="JournalEntries/ToItems">'
        f"<m:inline><feed>{entries}</feed></m:inline></link>"
        f'<content type="application/xml"><m:properties>{properties(header)}</m:properties></content></entry>'
    )


def test_an_entry_is_posted_as_atom_too(journal):
    body = atom(*ITEMS, **ENTRY)

    answer = journal.session.post(
        f"{journal.root}JournalEntries",
        data=body.encode(),
        headers={"Content-Type": "application/atom+xml", "Accept": "application/json"},
        timeout=20,
    )

    assert answer.status_code == 201, answer.text
    assert [row["Item"] for row in answer.json()["d"]["ToItems"]["results"]] == ["0001", "0002", "0003"]


def changeset(journal, *bodies):
    parts = [
        "--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        "POST JournalEntries HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        f"Content-Length: {len(text)}\r\n\r\n{text}\r\n"
        for text in map(json.dumps, bodies)
    ]
    body = f"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n{''.join(parts)}--c--\r\n--b--\r\n"
    return journal.session.post(
        f"{journal.root}$batch",
        data=body.encode(),
        headers={"Content-Type": "multipart/mixed; boundary=b"},
        timeout=20,
    )


def test_a_changeset_of_one_entry_is_posted(journal):
    answer = changeset(journal, entry())

    assert "HTTP/1.1 201 Created" in answer.text
    assert [one["DocumentNumber"] for one in journal.all("JournalEntries")] == ["1800000000"]


def test_a_changeset_of_many_is_posted_as_a_whole_or_not_at_all():
    arguments = ["--database", "sqlite://", "--changeset-operations", "many", "--service", SERVICE]
    with started_gateway(arguments) as gateway, gateway.session(SERVICE) as session:
        journal = Journal(gateway.service(SERVICE), session)
        refused = changeset(journal, entry(ExternalID="a"), entry(ExternalID="b", CompanyCode="9999"))
        nothing = journal.all("JournalEntries")
        twice = changeset(journal, entry(ExternalID="a"), entry(ExternalID="a"))
        still_nothing = journal.all("JournalEntries")
        posted = changeset(journal, entry(ExternalID="a"), entry(ExternalID="b"))
        numbers = [one["DocumentNumber"] for one in journal.all("JournalEntries")]

    assert "ZJOURNAL/003" in refused.text
    assert "ZJOURNAL/001" in twice.text
    assert nothing == still_nothing == []
    assert posted.text.count("HTTP/1.1 201 Created") == 2
    assert numbers == ["1800000000", "1800000001"]


# Posted is posted ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "MERGE", "PATCH", "DELETE"])
@pytest.mark.parametrize("behind", ["", "/ToItems(CompanyCode='1010',FiscalYear='2023',DocumentNumber='1800000000',Item='0001')"])  # fmt: skip
def test_a_posted_document_is_neither_changed_nor_deleted(journal, method, behind):
    posted = journal.posted(entry())
    body = None if method == "DELETE" else ({"Text": "other"} if behind else {"HeaderText": "other"})

    answer = journal.session.request(method, f"{journal.root}{address(posted)}{behind}", json=body, timeout=20)

    text = "Document 1010 2023 1800000000 is posted; posted documents cannot be changed or deleted"
    assert messages(answer) == [("ZJOURNAL/030", text)]


def test_a_document_that_does_not_exist_is_not_found(journal):
    key = {"CompanyCode": "1010", "FiscalYear": "2023", "DocumentNumber": "1"}

    answer = journal.session.delete(f"{journal.root}{address(key)}", timeout=20)

    assert answer.status_code == 404


def test_items_are_posted_only_with_their_entry(journal):
    posted = journal.posted(entry())

    alone = journal.post(ITEMS[0], "JournalEntryItems")
    added = journal.post({**ITEMS[0], "Item": "0004"}, f"{address(posted)}/ToItems")

    refusal = [("ZJOURNAL/031", "Items can be posted only together with their journal entry")]
    assert messages(alone) == messages(added) == refusal


def test_a_reversal_swaps_the_sides_and_ties_both_documents(journal):
    posted = journal.posted(entry())

    answer = journal.reverse(posted, "02", "2023-12-01")

    assert answer.status_code == 200
    reversal = answer.json()["d"]
    assert (reversal["DocumentNumber"], reversal["FiscalYear"]) == ("1800000001", "2023")
    assert reversal["PostingDate"] == "/Date(1701388800000)/"
    assert (reversal["IsReversal"], reversal["ReverseDocument"]) == (True, "1800000000")
    original = journal.get(address(posted)).json()["d"]
    assert (original["IsReversed"], original["ReverseDocument"]) == (True, "1800000001")
    assert original["ReversalReason"] == reversal["ReversalReason"] == "02"
    rows = journal.all(f"{address(reversal)}/ToItems")
    assert [(row["DebitCreditCode"], row["Amount"]) for row in rows] == [
        ("H", "119.000"),
        ("S", "100.000"),
        ("S", "19.000"),
    ]


def test_a_reversal_without_a_posting_date_takes_that_of_the_document(journal):
    posted = journal.posted(entry())

    assert journal.reverse(posted).json()["d"]["PostingDate"] == posted["PostingDate"]


def test_a_document_is_reversed_once_and_a_reversal_never(journal):
    posted = journal.posted(entry())
    reversal = journal.reverse(posted).json()["d"]

    again, of_reversal = journal.reverse(posted), journal.reverse(reversal)

    assert messages(again) == [
        ("ZJOURNAL/041", "Document 1010 2023 1800000000 was already reversed with document 1800000001")
    ]
    assert messages(of_reversal) == [
        ("ZJOURNAL/042", "Document 1010 2023 1800000001 is a reversal document and cannot be reversed")
    ]


@pytest.mark.parametrize(
    ("reason", "posting_date", "expected"),
    [
        ("99", None,         ("ZJOURNAL/043", "Reversal reason 99 does not exist")),
        ("01", "2018-12-31", ("ZJOURNAL/006", "Posting period 012 2018 is not open")),
    ],
)  # fmt: skip
def test_a_reversal_is_checked_too(journal, reason, posting_date, expected):
    posted = journal.posted(entry())

    assert messages(journal.reverse(posted, reason, posting_date)) == [expected]


def test_what_does_not_exist_is_not_reversed(journal):
    answer = journal.reverse({"CompanyCode": "1010", "FiscalYear": "2023", "DocumentNumber": "1"})

    assert messages(answer) == [("ZJOURNAL/040", "Document 1010 2023 0000000001 does not exist")]


def test_an_external_id_stays_taken_after_the_reversal(journal):
    journal.reverse(journal.posted(entry()))

    assert [code for code, _ in messages(journal.post(entry()))] == ["ZJOURNAL/001"]


# The company's own data ---------------------------------------------------------------------------------------------


@contextmanager
def over(folder, monkeypatch, **changes):
    """A gateway whose journal service works on changed company data."""
    data = json.loads(customizing._DEFAULT.read_text())
    (folder / "company.json").write_text(json.dumps(data | changes))
    (folder / "my_journal.py").write_text(
        "from pathlib import Path\n"
        "from sap_mock.services import zjournal_srv\n"
        "from sap_mock.services.accounting.customizing import Customizing\n"
        "SERVICE = zjournal_srv.service(Customizing.read(Path(__file__).with_name('company.json')))\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(folder))
    arguments = ["--database", "sqlite://", "--service", "my_journal"]
    with started_gateway(arguments) as gateway, gateway.session(SERVICE) as session:
        yield Journal(gateway.service(SERVICE), session)


def test_the_company_is_a_file_of_ones_own(tmp_path, monkeypatch):
    types = {"DR": {"name": "Invoice", "from": 7, "to": 7, "interval": "07"}}
    periods = {"open_from": "2023-11", "months_ahead": 12}
    with over(tmp_path, monkeypatch, document_types=types, posting_periods=periods) as journal:
        closed = journal.post(entry(PostingDate="2023-10-31T00:00:00"))
        posted = journal.posted(entry())
        exhausted = journal.post(entry(ExternalID="next"))

    assert messages(closed) == [("ZJOURNAL/006", "Posting period 010 2023 is not open")]
    assert posted["DocumentNumber"] == "0000000007"
    assert messages(exhausted) == [("ZJOURNAL/050", "Number range RF_BELEG 1010 2023 07 has no number left")]
