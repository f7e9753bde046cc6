"""$metadata, read for what our mapping needs, and compared with it."""

import pytest

from pipeline.delivery.checks import mismatches
from pipeline.odata_client.metadata import BadMetadata, Described, read_entity_type
from pipeline.sap.invoice_entity import PROPERTIES

DOCUMENT = b"""<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx">
<edmx:DataServices xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" m:DataServiceVersion="2.0">
<Schema Namespace="ZINVOICE_SRV" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">
<EntityType Name="Invoice"><Key><PropertyRef Name="ID"/></Key>
<Property Name="ID" Type="Edm.String" Nullable="false" MaxLength="40"/>
<Property Name="Status" Type="Edm.String" MaxLength="20"/>
<Property Name="IssuedAt" Type="Edm.DateTime" Precision="0"/>
<Property Name="Value" Type="Edm.Decimal" Precision="16" Scale="3"/>
<Property Name="Currency" Type="Edm.String" MaxLength="5"/>
<Property Name="Link" Type="Edm.String" MaxLength="1024"/>
</EntityType>
<EntityContainer Name="C"><EntitySet Name="Invoices" EntityType="ZINVOICE_SRV.Invoice"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""


def test_the_entity_type_is_read_with_its_key_types_and_lengths():
    described, keys = read_entity_type(DOCUMENT, "Invoices")
    assert keys == ("ID",)
    assert described["Value"] == Described(type="Edm.Decimal", max_length=None, precision=16, scale=3)


def test_the_reference_service_fits_the_mapping():
    assert mismatches(*read_entity_type(DOCUMENT, "Invoices"), PROPERTIES, ("ID",)) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b'MaxLength="40"', b'MaxLength="20"', "ID: MaxLength 20, not 40"),
        (b'Name="Link"', b'Name="Url"', "Link is missing"),
        (b'Type="Edm.DateTime"', b'Type="Edm.DateTimeOffset"', "IssuedAt is Edm.DateTimeOffset, not Edm.DateTime"),
        (b'Scale="3"', b'Scale="2"', "Value: Scale 2, not 3"),
        (b'Precision="16"', b'Precision="13"', "Value: Precision 13, not 16"),
        (b'PropertyRef Name="ID"', b'PropertyRef Name="Number"', "the key is Number, not ID"),
    ],
)
def test_a_service_that_holds_less_than_the_mapping_needs_is_named(old, new, problem):
    assert mismatches(*read_entity_type(DOCUMENT.replace(old, new), "Invoices"), PROPERTIES, ("ID",)) == [problem]


@pytest.mark.parametrize(
    "document",
    [
        b"<html>",
        b"",
        DOCUMENT.replace(b'EntitySet Name="Invoices"', b'EntitySet Name="Bills"'),
        DOCUMENT.replace(b'EntityType Name="Invoice"', b'EntityType Name="Bill"'),
        b'<!DOCTYPE x [<!ENTITY e "x">]><x/>',
    ],
)
def test_what_is_no_readable_metadata_is_refused(document):
    with pytest.raises(BadMetadata):
        read_entity_type(document, "Invoices")
