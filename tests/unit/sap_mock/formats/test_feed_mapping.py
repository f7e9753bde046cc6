"""Properties that speak for the Atom entry itself: its title, its author, elements of the publisher's own."""

from __future__ import annotations

from datetime import datetime

import pytest
from lxml import etree

from sap_mock.edm import csdl_reader
from sap_mock.formats.atom import Atom
from sap_mock.formats.atom_reader import read_entry
from sap_mock.formats.view import View
from sap_mock.odata.entity import Entity

DOCUMENT = """<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"
 xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><edmx:DataServices>
<Schema Namespace="F" xmlns="http://schemas.microsoft.com/ado/2008/09/edm"><EntityType Name="Post">
<Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.String" Nullable="false"/>
<Property Name="Name" Type="Edm.String" m:FC_TargetPath="SyndicationTitle"/>
<Property Name="Writer" Type="Edm.String" m:FC_TargetPath="SyndicationAuthorName"/>
<Property Name="Site" Type="Edm.String" m:FC_TargetPath="SyndicationAuthorUri"/>
<Property Name="Written" Type="Edm.DateTime" m:FC_TargetPath="SyndicationUpdated"/>
<Property Name="Mood" Type="Edm.String" m:FC_TargetPath="mood" m:FC_NsUri="urn:own" m:FC_KeepInContent="false"/>
</EntityType><EntityContainer Name="C"><EntitySet Name="Posts" EntityType="F.Post"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""
ATOM = "{http://www.w3.org/2005/Atom}"
MODEL = csdl_reader.read(DOCUMENT.encode())
POSTS = MODEL.entity_sets["Posts"]
VALUES = {
    "Id": "1", "Name": "Öl & Ärger", "Writer": "Ada", "Site": "http://x/", "Written": datetime.fromisoformat("2020-02-29T12:00:00"),
    "Mood": "fine",
}  # fmt: skip


def written(values) -> bytes:
    return Atom().write_entry(Entity(values=values), POSTS, View(root="http://localhost/F/", model=MODEL))


@pytest.mark.parametrize(("path", "text"), [
    (f"{ATOM}title", "Öl & Ärger"), (f"{ATOM}author/{ATOM}name", "Ada"), (f"{ATOM}author/{ATOM}uri", "http://x/"),
    (f"{ATOM}updated", "2020-02-29T12:00:00Z"), ("{urn:own}mood", "fine"),
])  # fmt: skip
def test_a_mapped_property_is_shown_by_its_element(path, text):
    assert etree.fromstring(written(VALUES)).findtext(path) == text


def test_what_is_mapped_is_read_back_from_the_content():
    assert read_entry(written(VALUES), POSTS, MODEL).values == VALUES


def test_without_values_the_entry_speaks_for_itself():
    entry = etree.fromstring(written({"Id": "1"}))
    assert entry.findtext(f"{ATOM}title") == "Posts('1')"
    assert entry.find(f"{ATOM}author") is None
    assert not entry.findtext("{urn:own}mood")
