"""What the reader makes of each element of a $metadata document."""

from __future__ import annotations

from pathlib import Path

import pytest

from sap_mock.edm.csdl_reader import MetadataError, read
from sap_mock.edm.facets import Facets
from sap_mock.edm.model import ComplexType, EntityType, Multiplicity
from sap_mock.edm.primitives import TYPES, DecimalType

REFERENCE = read((Path(__file__).parents[3] / "reference_service" / "metadata.xml").read_bytes())


def document(body: str, *, edm: str = "2008/09", around: str = "", attributes: str = "") -> bytes:
    """A document with one schema NS around the body; ``around`` stands beside the schema."""
    return f"""<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"
      xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
      xmlns:sap="http://www.sap.com/Protocols/SAPData"><edmx:DataServices>
      <Schema Namespace="NS" xmlns="http://schemas.microsoft.com/ado/{edm}/edm" {attributes}>{body}</Schema>
      {around}</edmx:DataServices></edmx:Edmx>""".encode()


THING = """<EntityType Name="Thing"><Key><PropertyRef Name="Id"/></Key>
  <Property Name="Id" Type="Edm.String" Nullable="false"/>{}</EntityType>"""
THINGS = '<EntityContainer Name="C"><EntitySet Name="Things" EntityType="NS.Thing"/>{}</EntityContainer>'


def property_of(attributes: str):
    model = read(document(THING.format(f'<Property Name="P" {attributes}/>') + THINGS.format("")))
    return model.entity_types["NS.Thing"].by_name["P"]


def test_the_reference_service_has_nothing_odd():
    assert REFERENCE.findings == ()


def test_the_document_is_kept_byte_for_byte():
    body = document(THING.format("") + THINGS.format(""))
    assert read(body).document is body


@pytest.mark.parametrize(
    ("written", "facets"),
    [
        ('Type="Edm.String"', Facets()),
        ('Type="Edm.String" Nullable="false"', Facets(nullable=False)),
        ('Type="Edm.String" Nullable="true" MaxLength="10"', Facets(max_length=10)),
        ('Type="Edm.String" MaxLength="Max"', Facets()),
        ('Type="Edm.String" MaxLength="max"', Facets()),
        ('Type="Edm.String" MaxLength="0"', Facets()),
        ('Type="Edm.String" MaxLength="2147483647"', Facets(max_length=2147483647)),
        ('Type="Edm.String" MaxLength="many"', Facets()),
        ('Type="Edm.Decimal" Precision="16" Scale="3"', Facets(precision=16, scale=3)),
        ('Type="Edm.Decimal" Scale="3"', Facets(scale=3)),
        ('Type="Edm.Decimal" Precision="2" Scale="3"', Facets(scale=3)),
        ('Type="Edm.DateTime" Precision="0"', Facets(precision=0)),
        ('Type="Edm.DateTime" Precision="-1"', Facets()),
    ],
)
def test_facets_are_read_as_written_and_odd_ones_ignored(written, facets):
    assert property_of(written).facets == facets


@pytest.mark.parametrize("name", TYPES)
def test_every_edm_type_is_known(name):
    assert property_of(f'Type="{name}"').type is TYPES[name]


def test_a_type_that_v2_does_not_have_is_read_as_a_string():
    assert property_of('Type="Edm.Date"').type is TYPES["Edm.String"]


def test_sap_annotations_are_kept_as_written_misspelt_ones_too():
    prop = property_of(
        'Type="Edm.String" sap:label="Größe" sap:creatabel="never" other="x" xmlns:sap2="u" sap2:label="no"'
    )
    assert prop.sap == {"label": "Größe", "creatabel": "never"}


def test_concurrency_mode_fixed_makes_a_property_part_of_the_etag():
    assert [prop.name for prop in REFERENCE.entity_types["REFERENCE_SRV.Customer"].etag_properties] == ["Version"]
    assert [prop.name for prop in REFERENCE.entity_types["REFERENCE_SRV.Employee"].etag_properties] == ["ChangedAt"]


def test_a_default_value_is_kept():
    assert property_of('Type="Edm.Int32" DefaultValue="7"').default == "7"


@pytest.mark.parametrize("year", ["2006/04", "2007/05", "2008/09", "2009/11"])
def test_the_edm_namespace_may_be_of_any_year(year):
    assert list(read(document(THING.format("") + THINGS.format(""), edm=year)).entity_sets) == ["Things"]


def test_complex_types_nest():
    address = REFERENCE.entity_types["REFERENCE_SRV.Customer"].by_name["Address"].type
    assert isinstance(address, ComplexType)
    country = address.by_name["Country"].type
    assert isinstance(country, ComplexType)
    assert [prop.name for prop in country.properties] == ["Code", "Population"]


def test_a_complex_type_may_be_used_before_it_is_defined():
    body = """<ComplexType Name="Outer"><Property Name="In" Type="NS.Inner"/></ComplexType>
      <ComplexType Name="Inner"><Property Name="X" Type="Edm.Int32"/></ComplexType>"""
    model = read(document(body))
    assert model.complex_types["NS.Outer"].by_name["In"].type is model.complex_types["NS.Inner"]


def test_a_derived_type_inherits_key_properties_and_navigation():
    contact = REFERENCE.entity_types["REFERENCE_SRV.Contact"]
    assert contact.base == "REFERENCE_SRV.Partner"
    assert contact.key == ("PartnerId",)
    assert [prop.name for prop in contact.properties] == ["PartnerId", "Name", "Email"]
    assert [way.name for way in contact.navigation] == ["ToEmployee", "ToOrders"]
    assert REFERENCE.entity_types["REFERENCE_SRV.Partner"].abstract
    assert REFERENCE.relations["Contacts", "ToEmployee"].target.name == "Employees"


def test_a_derived_type_inherits_the_media_stream():
    body = """<EntityType Name="Image" BaseType="NS.File"/><EntityType Name="File" m:HasStream="true">
      <Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.Int32" Nullable="false"/></EntityType>"""
    model = read(document(body))
    assert model.entity_types["NS.Image"].has_stream
    assert model.entity_types["NS.Image"].key == ("Id",)


def test_a_composite_key_keeps_the_order_of_the_key_not_of_the_properties():
    body = """<EntityType Name="T"><Key><PropertyRef Name="B"/><PropertyRef Name="A"/></Key>
      <Property Name="A" Type="Edm.Int32" Nullable="false"/><Property Name="B" Type="Edm.Boolean" Nullable="false"/>
      </EntityType>"""
    assert read(document(body)).entity_types["NS.T"].key == ("B", "A")


def test_a_key_may_have_seventy_properties():
    names = [f"K{number}" for number in range(70)]
    key = "".join(f'<PropertyRef Name="{name}"/>' for name in names)
    properties = "".join(f'<Property Name="{name}" Type="Edm.String" Nullable="false"/>' for name in names)
    body = f'<EntityType Name="T"><Key>{key}</Key>{properties}</EntityType>'
    assert read(document(body)).entity_types["NS.T"].key == tuple(names)


def test_types_are_found_in_other_schemas_and_by_alias():
    other = f"""<Schema Namespace="Other.Types" Alias="O" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">
      {THING.format('<Property Name="Where" Type="O.Place"/>')}
      <ComplexType Name="Place"><Property Name="X" Type="Edm.Int32"/></ComplexType></Schema>"""
    body = '<EntityContainer Name="C"><EntitySet Name="Things" EntityType="O.Thing"/></EntityContainer>'
    model = read(document(body, around=other))
    thing = model.entity_sets["Things"].entity_type
    assert thing.qualified_name == "Other.Types.Thing"
    assert thing.by_name["Where"].type is model.complex_types["Other.Types.Place"]
    assert model.namespace == "NS"
    assert model.findings == ()


def test_the_service_goes_by_the_namespace_of_the_default_container():
    other = """<Schema Namespace="Second" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">
      <EntityContainer Name="D" m:IsDefaultEntityContainer="true"/></Schema>"""
    assert read(document(THING.format("") + THINGS.format(""), around=other)).namespace == "Second"


def test_several_containers_are_served_together():
    body = THING.format("") + THINGS.format("") + THINGS.replace("Things", "More").format("")
    assert list(read(document(body)).entity_sets) == ["Things", "More"]


ASSOCIATION = """<Association Name="A"><End Type="NS.Thing" Multiplicity="1" Role="One"/>
  <End Type="NS.Thing" Multiplicity="*" Role="Many"/>{}</Association>"""


@pytest.mark.parametrize(
    ("navigation", "kind", "pairs", "dependent"),
    [
        (("Orders", "ToItems"), Multiplicity.MANY, (("OrderId", "OrderId"),), False),
        (("OrderItems", "ToOrder"), Multiplicity.ONE, (("OrderId", "OrderId"),), True),
        (("Orders", "ToCustomer"), Multiplicity.ZERO_OR_ONE, (("CustomerId", "CustomerId"),), True),
        (("Customers", "ToProfile"), Multiplicity.ONE, (("CustomerId", "CustomerId"),), False),
        (("Employees", "ToManager"), Multiplicity.ZERO_OR_ONE, (("ManagerId", "EmployeeId"),), True),
        (("Employees", "ToSubordinates"), Multiplicity.MANY, (("EmployeeId", "ManagerId"),), False),
        (("Customers", "ToTags"), Multiplicity.MANY, (), False),
        (("Orders", "ToContact"), Multiplicity.ZERO_OR_ONE, (), False),
        (
            ("OrderItems", "ToScheduleLines"),
            Multiplicity.MANY,
            (("OrderId", "OrderId"), ("ItemNumber", "ItemNumber")),
            False,
        ),
    ],
)
def test_relations_say_how_many_and_what_ties_them(navigation, kind, pairs, dependent):
    relation = REFERENCE.relations[navigation]
    assert (relation.multiplicity, relation.pairs, relation.source_is_dependent) == (kind, pairs, dependent)


def test_an_end_of_an_association_set_without_role_is_that_of_its_type():
    body = (
        THING.format("")
        + THING.format("").replace('"Thing"', '"Other"')
        + """<Association Name="A"><End Type="NS.Thing" Multiplicity="1"/><End Type="NS.Other" Multiplicity="*"/></Association>"""
        + THINGS.format(
            """<EntitySet Name="Others" EntityType="NS.Other"/><AssociationSet Name="AS" Association="NS.A">
            <End EntitySet="Others"/><End EntitySet="Things"/></AssociationSet>"""
        )
    )
    assert read(document(body)).association_sets["AS"].sets == {"Other": "Others", "Thing": "Things"}


@pytest.mark.parametrize(
    ("name", "method", "returned", "collection", "entity_set"),
    [
        ("Ping", "GET", None, False, None),
        ("Restart", "POST", None, False, None),
        ("Add", "GET", "Edm.Decimal", False, None),
        ("FirstDays", "GET", "Edm.DateTime", True, None),
        ("AddressOf", "GET", "REFERENCE_SRV.Address", False, None),
        ("CorrectAddresses", "POST", "REFERENCE_SRV.Address", True, None),
        ("LargestOrder", "GET", "REFERENCE_SRV.Order", False, "Orders"),
        ("ReleaseOrders", "POST", "REFERENCE_SRV.Order", True, "Orders"),
    ],
)
def test_function_imports_return_every_kind_of_value(name, method, returned, collection, entity_set):
    function = REFERENCE.function_imports[name]
    assert (function.http_method, function.entity_set) == (method, entity_set)
    if function.returns is None:
        assert returned is None
    else:
        type_ = function.returns.type
        spelled = type_.qualified_name if isinstance(type_, ComplexType | EntityType) else type_.name
        assert (spelled, function.returns.collection) == (returned, collection)


def test_a_function_import_is_called_by_get_unless_it_says_otherwise():
    model = read(document(THINGS.format('<FunctionImport Name="F"/><FunctionImport Name="G" m:HttpMethod="post"/>')))
    assert {name: function.http_method for name, function in model.function_imports.items()} == {
        "F": "GET",
        "G": "POST",
    }


def test_parameters_have_facets_and_are_mandatory_unless_nullable():
    parameters = REFERENCE.function_imports["Add"].parameter_by_name
    assert isinstance(parameters["Left"].type, DecimalType)
    assert parameters["Left"].facets == Facets(nullable=False, precision=16, scale=3)
    assert parameters["Right"].facets == Facets(nullable=True, precision=16, scale=3)


def test_a_function_import_keeps_its_sap_annotations():
    assert REFERENCE.function_imports["ReleaseOrder"].sap == {"action-for": "REFERENCE_SRV.Order"}


def test_what_belongs_to_other_vocabularies_is_passed_over():
    body = (
        '<Documentation><Summary>Text</Summary></Documentation><Using Namespace="X" Alias="Y"/>'
        + THING.format(
            '<Documentation/><!-- remark --><?php echo?><x:Property xmlns:x="urn:x" Name="NotOurs"/>'
            '<Property Name="P" Type="Edm.String"><Documentation/><Annotation Term="T" String="S"/></Property>'
        )
        + THINGS.format("<Documentation/>")
        + '<Annotations Target="NS.Thing" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        '<Annotation Term="UI.LineItem"><Collection><Record/></Collection></Annotation></Annotations>'
    )
    around = '<Schema Namespace="V4" xmlns="http://docs.oasis-open.org/odata/ns/edm"/>'
    model = read(document(body, around=around))
    assert list(model.entity_types["NS.Thing"].by_name) == ["Id", "P"]
    assert model.findings == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "not well-formed XML"),
        (b"hello", "not well-formed XML (line 1)"),
        (b"<a><b></a>", "not well-formed XML (line 1): Opening and ending tag mismatch"),
        (b"\xff\xfe", "not well-formed XML"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "its root (line 1) is feed, not Edmx"),
        (b"<Edmx xmlns='http://docs.oasis-open.org/odata/ns/edmx' Version='4.0'/>", "OData V4"),
        (b"<Edmx xmlns='http://schemas.microsoft.com/ado/2007/06/edmx'><DataServices/></Edmx>", "no Schema"),
        (b"<!DOCTYPE Edmx><Edmx/>", "DOCTYPE"),
        (b"<!DOCTYPE Edmx SYSTEM 'http://localhost:1/x.dtd'><Edmx/>", "DOCTYPE"),
        (b"<!DOCTYPE Edmx [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><Edmx>&f;</Edmx>", "DOCTYPE"),
    ],
)
def test_what_is_no_metadata_is_refused_in_one_sentence(text, sentence):
    with pytest.raises(MetadataError) as refused:
        read(text)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


def test_entities_are_not_multiplied():
    lines = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))
    bomb = f"<!DOCTYPE Edmx [<!ENTITY e0 'ha'>{lines}]><Edmx Version='&e9;'/>".encode()
    with pytest.raises(MetadataError):
        read(bomb)
