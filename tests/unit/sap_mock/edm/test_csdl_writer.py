"""What is served as $metadata: the document as it was, completed as SEGW does, with this server's address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sap_mock.edm.csdl_reader import MetadataError, read
from sap_mock.edm.csdl_writer import write
from sap_mock.edm.model import Model

ROOT = Path(__file__).parents[4]
DOCUMENTS = {
    path.parent.name: path.read_bytes()
    for path in (
        ROOT / "tests/reference_service/metadata.xml",
        ROOT / "sap_mock/services/zinvoice_srv/metadata.xml",
    )
}
SERVICE = "https://sap.example:44300/sap/opu/odata/sap/ZINVOICE_SRV/"
HREF = f"{SERVICE}$metadata"

BARE = b"""<?xml version='1.0' encoding='ISO-8859-1'?>
<edmx:Edmx xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" Version="1.0">
  <edmx:Reference xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Uri="../catalogservice;v=2/Vocabularies/$value">
    <edmx:Include Alias="UI" Namespace="com.sap.vocabularies.UI.v1"/>
  </edmx:Reference>
  <edmx:DataServices>
    <Schema xmlns="http://schemas.microsoft.com/ado/2008/09/edm" Namespace="NS" unknown="kept">
      <EntityType xmlns:sap="http://www.sap.com/Protocols/SAPData" sap:label="Gr\xf6\xdfe" Name="Thing" sap:creatabel="never">
        <!-- a remark --><Key><PropertyRef Name="Id"/></Key>
        <Property Type="Edm.String" Nullable="false" Name="Id"/>
      </EntityType>
      <EntityContainer Name="C"><EntitySet EntityType="NS.Thing" Name="Things"/></EntityContainer>
      <Annotations xmlns="http://docs.oasis-open.org/odata/ns/edm" Target="NS.Thing"><Annotation Term="UI.X"/></Annotations>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>"""

A = "{http://www.w3.org/2005/Atom}"
M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
S = "{http://www.sap.com/Protocols/SAPData}"
E = "{http://schemas.microsoft.com/ado/2008/09/edm}"


def written(document: bytes, service_url: str = SERVICE, language: str = "en") -> bytes:
    return write(read(document), service_url=service_url, language=language)


def schema_of(document: bytes):
    return next(etree.fromstring(document).iter(f"{E}Schema"))


def test_the_declaration_is_spelled_as_segw_spells_it():
    assert written(BARE).startswith(b'<?xml version="1.0" encoding="utf-8"?><edmx:Edmx ')


def test_the_text_is_utf_8_whatever_it_was():
    assert 'sap:label="Größe"'.encode() in written(BARE)


def test_the_links_stand_last_in_the_schema_with_this_servers_address():
    links = schema_of(written(BARE))[-2:]
    assert [(link.tag, link.get("rel"), link.get("href")) for link in links] == [
        (f"{A}link", "self", HREF),
        (f"{A}link", "latest-version", HREF),
    ]


def test_old_links_are_replaced_and_others_kept():
    other = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="related" href="http://x/"/>'
    document = DOCUMENTS["zinvoice_srv"].replace(b"</Schema>", other.encode() + b"</Schema>")
    links = schema_of(written(document)).findall(f"{A}link")
    assert [(link.get("rel"), link.get("href")) for link in links] == [
        ("related", "http://x/"),
        ("self", HREF),
        ("latest-version", HREF),
    ]


def test_an_address_is_escaped():
    assert b'href="http://h/a&amp;b&lt;&quot;/$metadata"' in written(BARE, service_url='http://h/a&b<"/')


@pytest.mark.parametrize("service_url", [SERVICE, SERVICE.rstrip("/")])
def test_the_service_may_be_given_with_or_without_its_slash(service_url):
    assert f'href="{HREF}"'.encode() in written(BARE, service_url=service_url)


def test_what_segw_always_writes_is_added_where_it_is_missing():
    root = etree.fromstring(written(BARE, language="de"))
    schema = next(root.iter(f"{E}Schema"))
    assert schema.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"
    assert schema.get(f"{S}schema-version") == "1"
    assert next(root.iter(f"{E}EntityContainer")).get(f"{M}IsDefaultEntityContainer") == "true"
    assert root[-1].get(f"{M}DataServiceVersion") == "2.0"


def test_what_the_document_says_itself_is_kept():
    document = (
        DOCUMENTS["zinvoice_srv"]
        .replace(b'xml:lang="en"', b'xml:lang="fr"')
        .replace(b'sap:schema-version="1"', b'sap:schema-version="0000"')
        .replace(b'DataServiceVersion="2.0"', b'DataServiceVersion="1.0"')
    )
    answer = written(document, language="de")
    for kept in (b'xml:lang="fr"', b'sap:schema-version="0000"', b'DataServiceVersion="1.0"'):
        assert kept in answer


def test_the_prefixes_are_the_usual_ones():
    answer = written(BARE)
    assert b"ns0" not in answer
    assert b' sap:schema-version="1"' in answer
    assert b' m:IsDefaultEntityContainer="true"' in answer


def without_links_and_additions(document: bytes):
    """Every element with its attributes in order and its text, without what the writer may add."""
    added = {"{http://www.w3.org/XML/1998/namespace}lang", f"{S}schema-version", f"{M}IsDefaultEntityContainer"}
    added.add(f"{M}DataServiceVersion")
    return [
        (
            str(element.tag),
            [(name, value) for name, value in element.attrib.items() if name not in added],
            (element.text or "").strip(),
        )
        for element in etree.fromstring(document).iter()
        if element.tag != f"{A}link"
    ]


@pytest.mark.parametrize("document", [BARE, *DOCUMENTS.values()])
def test_nothing_is_lost_or_moved(document):
    assert without_links_and_additions(written(document)) == without_links_and_additions(document)


@pytest.mark.parametrize("document", [BARE, *DOCUMENTS.values()])
def test_what_is_served_reads_as_the_same_model(document):
    model = read(document)
    again = read(write(model, service_url=SERVICE, language="en"))
    assert again == model
    assert [(f.oddity, f.place) for f in again.findings] == [(f.oddity, f.place) for f in model.findings]


@pytest.mark.parametrize("document", [BARE, *DOCUMENTS.values()])
def test_serving_what_was_served_changes_nothing(document):
    once = written(document)
    assert written(once) == once


def test_the_reference_service_is_served_as_it_stands_but_for_the_address():
    answer = written(DOCUMENTS["zinvoice_srv"]).decode()
    attributes = re.findall(r"<Property (.*)/>", answer)
    assert attributes == re.findall(r"<Property (.*)/>", DOCUMENTS["zinvoice_srv"].decode())


def test_a_model_without_a_document_cannot_be_written():
    model = Model(
        namespace="NS",
        entity_types={},
        complex_types={},
        associations={},
        entity_sets={},
        association_sets={},
        function_imports={},
    )
    with pytest.raises(MetadataError):
        write(model, service_url=SERVICE, language="en")


XML_TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=30)


@given(label=XML_TEXT)
def test_any_label_comes_back_as_it_was(label):
    root = etree.fromstring(BARE)
    next(root.iter(f"{E}EntityType")).set(f"{S}label", label)
    model = read(written(etree.tostring(root)))
    assert model.entity_types["NS.Thing"].sap["label"] == label
