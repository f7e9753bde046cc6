"""The header fields of every kind of answer, compression and negotiation."""

import gzip
import re

import pytest

ANY_DATE = r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT"
RAN = "ODataBEP=,crp=,RAL=,st=X,MedCacheHub=Table,MedCacheBEP=Table,codeployed=X,softstate="
DID_NOT_RUN = "ODataBEP=,crp=,RAL=,st=,MedCacheHub=Table,codeployed=X,softstate="
NEVER = "no-store, no-cache, must-revalidate, max-age=0, post-check=0, pre-check=0"
KINDS = [
    # address, content-type, dataserviceversion, cache-control, whether the data provider ran
    ("", "application/json; charset=utf-8", "1.0", NEVER, False),
    ("?$format=xml", "application/atomsvc+xml", "1.0", NEVER, False),
    ("$metadata?$format=xml", "application/xml", "2.0", "max-age=0", False),
    ("Invoices", "application/json; charset=utf-8", "2.0", "no-store, no-cache", True),
    ("Invoices('1')", "application/json; charset=utf-8", "2.0", "no-store, no-cache", True),
    ("Invoices?$format=atom", "application/atom+xml;type=feed; charset=utf-8", "2.0", "no-store, no-cache", True),
    ("Invoices('1')?$format=atom", "application/atom+xml;type=entry; charset=utf-8", "2.0", "no-store, no-cache", True),
    ("Invoices/$count", "text/plain;charset=utf-8", "2.0", "no-store, no-cache", True),
    ("Invoices('1')/Value/$value", "text/plain;charset=utf-8", "2.0", "no-store, no-cache", True),
    ("Invoices('1')/Value?$format=xml", "application/xml; charset=utf-8", "2.0", "no-store, no-cache", True),
]


@pytest.fixture
def booked(invoices):
    invoices.create("Invoices", ID="1", Value="440", Currency="EUR")
    return invoices


@pytest.mark.parametrize(
    ("address", "kind", "version", "caching", "ran"), KINDS, ids=[row[0] or "root" for row in KINDS]
)
def test_each_kind_of_answer_has_its_header_fields(booked, address, kind, version, caching, ran):
    headers = booked.get(address).headers
    assert headers["content-type"] == kind
    assert headers["dataserviceversion"] == version
    assert headers["cache-control"] == caching
    assert headers["sap-processing-info"] == (RAN if ran else DID_NOT_RUN)
    assert headers["sap-server"] == "true"
    assert re.fullmatch(r"\d+\.0{6}", headers["sap-perf-fesrec"])
    assert "sap-contextid" not in headers
    assert "sap-statistics" not in headers


def test_documents_say_when_they_changed_and_data_does_not(booked):
    root, metadata, data = (booked.get(address).headers for address in ("", "$metadata?$format=xml", "Invoices"))
    assert re.fullmatch(ANY_DATE, root["last-modified"])
    assert root["last-modified"] == root["sap-metadata-last-modified"] == metadata["last-modified"]
    assert data["sap-metadata-last-modified"] == root["last-modified"]
    assert (root["expires"], root["pragma"]) == ("Tue, 03 Jul 2001 06:00:00 GMT", "no-cache")
    assert not {"last-modified", "expires", "pragma"} & {name.lower() for name in data}


def test_what_was_changed_is_answered_with_version_two_and_without_a_body(booked):
    for method, body in (("PUT", {"Currency": "EUR"}), ("PATCH", {"Status": "PAID"}), ("DELETE", None)):
        answer = booked.ask(method, "Invoices('1')", body)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["dataserviceversion"] == "2.0"
        assert "content-type" not in answer.headers
        assert answer.headers["content-length"] == "0"


def test_an_error_has_version_one(invoices):
    assert invoices.get("Invoices('x')").headers["dataserviceversion"] == "1.0"


def test_names_of_header_fields_are_in_lower_case(booked):
    assert [name for name in booked.get("Invoices").raw.headers if name != name.lower()] == []


@pytest.mark.parametrize(
    ("address", "fields"), [("Invoices?sap-statistics=true", {}), ("Invoices", {"sap-statistics": "true"})]
)
def test_statistics_are_given_to_one_who_asks(invoices, address, fields):
    assert re.match(
        r"total=\d+,fw=\d+,app=0,gwtotal=", invoices.ask("GET", address, headers=fields).headers["sap-statistics"]
    )


HEADS = ["", "$metadata?$format=xml", "Invoices", "Invoices('1')", "Invoices('1')/Value", "Invoices('1')/Value/$value",
         "Invoices/$count", "Invoices('x')", "Nothing", "Invoices?$top=x"]  # fmt: skip


@pytest.mark.parametrize("address", HEADS)
def test_head_answers_as_get_without_a_body(booked, address):
    varying = {"date", "sap-perf-fesrec", "content-length", "content-encoding"}
    got = booked.get(address, Accept_Encoding="identity")
    head = booked.ask("HEAD", address, headers={"Accept-Encoding": "identity"})
    assert head.content == b""
    assert head.status_code == got.status_code
    assert {n: v for n, v in head.headers.items() if n not in varying} == {
        n: v for n, v in got.headers.items() if n not in varying
    }
    assert head.headers["content-length"] == got.headers["content-length"]


def test_a_large_answer_is_compressed_for_one_who_accepts_it(invoices):
    for number in range(20):
        invoices.create("Invoices", ID=str(number), Currency="EUR")
    plain = invoices.get("Invoices", Accept_Encoding="identity")
    packed = invoices.ask("GET", "Invoices", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) == len(packed.content)
    raw = invoices.session.get(f"{invoices.root}Invoices", headers={"Accept-Encoding": "gzip"}, stream=True, timeout=30)
    assert gzip.decompress(raw.raw.read(decode_content=False)) == plain.content


@pytest.mark.parametrize(
    ("accept", "option", "kind"),
    [
        (None, "", "atom+xml"),
        ("*/*", "", "atom+xml"),
        ("", "", "atom+xml"),
        ("application/xml", "", "atom+xml"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", "atom+xml"),
        ("application/json", "", "json"),
        ("application/json;odata=verbose", "", "json"),
        ("application/xml;q=0.1,application/json", "", "json"),
        ("image/png, application/json", "", "json"),
        ("application/xml", "?$format=json", "json"),
        ("application/json", "?$format=atom", "atom+xml"),
        ("application/json", "?$format=xml", "atom+xml"),
        ("text/csv", "?$format=json", "json"),
    ],
)
def test_format_beats_accept_and_atom_is_the_default(invoices, accept, option, kind):
    assert f"application/{kind}" in invoices.get(f"Invoices{option}", Accept=accept).headers["content-type"]


def test_a_created_entity_comes_back_as_atom_to_one_who_does_not_say(invoices):
    answer = invoices.ask("POST", "Invoices", {"ID": "1", "Currency": "EUR"}, {"Accept": None})
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/atom+xml;type=entry; charset=utf-8"
