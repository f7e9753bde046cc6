"""Every oddity of a document is found, all of them at once, each with its line and its severity."""

from __future__ import annotations

import pytest

from sap_mock.edm import consistency
from sap_mock.edm.csdl_reader import read
from sap_mock.edm.oddities import Oddity, Severity

HEAD = """<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"
  xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><edmx:DataServices>
<Schema Namespace="NS" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">"""
FOOT = "</Schema></edmx:DataServices></edmx:Edmx>"
THING = """<EntityType Name="Thing"><Key><PropertyRef Name="Id"/></Key>
<Property Name="Id" Type="Edm.Int32" Nullable="false"/>{}</EntityType>"""
THINGS = '<EntityContainer Name="C"><EntitySet Name="Things" EntityType="NS.Thing"/>{}</EntityContainer>'
ASSOCIATION = """<Association Name="A"><End Type="NS.Thing" Multiplicity="1" Role="One"/>
<End Type="NS.Thing" Multiplicity="*" Role="Many"/>{}</Association>"""
WAY = '<NavigationProperty Name="W" Relationship="NS.A" FromRole="One" ToRole="Many"/>'


def with_property(attributes: str) -> str:
    return THING.format(f"<Property {attributes}/>") + THINGS.format("")


def with_member(member: str) -> str:
    return THING.format("") + ASSOCIATION.format("") + THINGS.format(member)


def with_constraint(principal: str, dependent: str) -> str:
    return (
        THING.format("")
        + ASSOCIATION.format(f"<ReferentialConstraint>{principal}{dependent}</ReferentialConstraint>")
        + THINGS.format("")
    )


ONE = '<Principal Role="One"><PropertyRef Name="Id"/></Principal>'
MANY = '<Dependent Role="Many"><PropertyRef Name="Id"/></Dependent>'
TWIN = '<EntityType Name="Twin" BaseType="NS.{}"/>'

# what is written → what is found: (oddity, place, target)
CASES = [
    (THING.format("") + '<EntityContainer Name="C"><EntitySet Name="S" EntityType="NS.No"/></EntityContainer>',
     [(Oddity.SET_WITHOUT_TYPE, "EntitySet S", "NS.No"), (Oddity.NO_SETS, "", "")]),
    (with_member('<EntitySet Name="S"/>'), [(Oddity.SET_WITHOUT_TYPE, "EntitySet S", "nothing")]),
    ('<EntityType Name="Thing"/>' + THINGS.format('<FunctionImport Name="F"/>'),
     [(Oddity.SET_WITHOUT_KEY, "EntitySet Things", "NS.Thing")]),
    (THING.format(""), [(Oddity.NO_SETS, "", "")]),
    (with_property('Type="Edm.Int32"'), [(Oddity.NAMELESS, "a Property of EntityType Thing", "Name")]),
    (with_property('Name="P"'), [(Oddity.NAMELESS, "property P of EntityType Thing", "Type")]),
    ("<EntityType/>" + with_member(""), [(Oddity.NAMELESS, "a EntityType of schema NS", "Name")]),
    (THING.format("") + with_member(""), [(Oddity.DEFINED_TWICE, "EntityType NS.Thing", "")]),
    (with_property('Name="Id" Type="Edm.Int32"'), [(Oddity.DEFINED_TWICE, "property Id of EntityType Thing", "")]),
    (with_member('<EntitySet Name="Things" EntityType="NS.Thing"/>'),
     [(Oddity.DEFINED_TWICE, "EntitySet Things", "")]),
    (with_member("") + THINGS.format(""), [(Oddity.DEFINED_TWICE, "EntitySet Things", "")]),
    (THING.format(WAY + WAY) + ASSOCIATION.format("") + THINGS.format(""),
     [(Oddity.DEFINED_TWICE, "navigation property W of EntityType Thing", "")]),
    (THING.format("") + '<EntityContainer Name="C"><EntitySet Name="S" EntityType="Thing"/></EntityContainer>',
     [(Oddity.UNQUALIFIED, "EntitySet S", "Thing")]),
    (with_property('Name="P" Type="Edm.Date"'),
     [(Oddity.UNKNOWN_PRIMITIVE, "property P of EntityType Thing", "Edm.Date")]),
    (with_member('<FunctionImport Name="F"><Parameter Name="P"/></FunctionImport>'),
     [(Oddity.UNKNOWN_PRIMITIVE, "parameter P of FunctionImport F", "no name")]),
    (with_property('Name="P" Type="NS.No"'), [(Oddity.UNKNOWN_TYPE, "property P of EntityType Thing", "NS.No")]),
    (with_property('Name="P" Type="NS.Thing"'), [(Oddity.UNKNOWN_TYPE, "property P of EntityType Thing", "NS.Thing")]),
    (with_property('Name="P" Type="Collection(Edm.Int32)"'),
     [(Oddity.UNKNOWN_TYPE, "property P of EntityType Thing", "Collection(Edm.Int32)")]),
    ('<ComplexType Name="T"><Property Name="P" Type="NS.T"/></ComplexType>' + with_member(""),
     [(Oddity.ENDLESS_TYPE, "property P of ComplexType T", "NS.T")]),
    ('<ComplexType Name="T"><Property Name="P" Type="NS.U"/></ComplexType>'
     '<ComplexType Name="U"><Property Name="Q" Type="NS.T"/></ComplexType>' + with_member(""),
     [(Oddity.ENDLESS_TYPE, "property Q of ComplexType U", "NS.T")]),
    (TWIN.format("No") + with_member(""), [(Oddity.UNKNOWN_BASE, "EntityType NS.Twin", "NS.No")]),
    (TWIN.format("Twin") + with_member(""), [(Oddity.ENDLESS_BASE, "EntityType NS.Twin", "NS.Twin")]),
    ('<EntityType Name="T"><Key><PropertyRef Name="No"/></Key></EntityType>' + with_member(""),
     [(Oddity.UNKNOWN_KEY, "EntityType T", "No")]),
    ('<EntityType Name="T"><Key><PropertyRef Name="P"/></Key><Property Name="P" Type="Edm.Int32"/></EntityType>'
     + with_member(""), [(Oddity.NULLABLE_KEY, "property P of EntityType T", "")]),
    (with_property('Name="P" Type="Edm.String" MaxLength="x"'),
     [(Oddity.ODD_FACET, "property P of EntityType Thing", 'MaxLength="x"')]),
    (with_property('Name="P" Type="Edm.Decimal" Precision="2" Scale="3"'),
     [(Oddity.SCALE_OVER_PRECISION, "property P of EntityType Thing", 'Precision="2" Scale="3"')]),
    (with_member("").replace('Multiplicity="*"', 'Multiplicity="many"'),
     [(Oddity.ODD_MULTIPLICITY, "Association A", "many")]),
    ('<Association Name="B"><End Type="NS.Thing" Multiplicity="1" Role="R"/></Association>' + with_member(""),
     [(Oddity.NOT_TWO_ENDS, "Association B", "1")]),
    (with_member("").replace('Role="Many"', 'Role="One"'), [(Oddity.NOT_TWO_ENDS, "Association A", "1")]),
    ('<Association Name="B"><End Type="NS.No" Multiplicity="1"/><End Type="NS.Thing" Multiplicity="1"/></Association>'
     + with_member(""), [(Oddity.END_WITHOUT_TYPE, "Association B", "NS.No")]),
    (with_constraint(ONE, ""), [(Oddity.ODD_CONSTRAINT, "Association A", "no Dependent")]),
    (with_constraint(ONE.replace("One", "Two"), MANY), [(Oddity.ODD_CONSTRAINT, "Association A", "the role Two")]),
    (with_constraint(ONE, MANY.replace('"Id"', '"No"')),
     [(Oddity.ODD_CONSTRAINT, "Association A", "the dependent's property No")]),
    (with_constraint(ONE, '<Dependent Role="Many"/>'),
     [(Oddity.ODD_CONSTRAINT, "Association A", "1 principal and 0 dependent properties")]),
    (THING.format(WAY.replace("NS.A", "NS.No")) + ASSOCIATION.format("") + THINGS.format(""),
     [(Oddity.WAY_WITHOUT_ASSOCIATION, "navigation property W of EntityType Thing", "NS.No")]),
    (THING.format(WAY.replace('ToRole="Many"', 'ToRole="Few"')) + ASSOCIATION.format("") + THINGS.format(""),
     [(Oddity.WAY_WITHOUT_ROLE, "navigation property W of EntityType Thing", "Few")]),
    (THING.format(WAY) + '<EntityType Name="Alone"><Key><PropertyRef Name="Id"/></Key>'
     '<Property Name="Id" Type="Edm.Int32" Nullable="false"/></EntityType>'
     + ASSOCIATION.format("").replace('"NS.Thing" Multiplicity="*"', '"NS.Alone" Multiplicity="*"') + THINGS.format(""),
     [(Oddity.WAY_TO_NO_SET, "navigation property W of EntityType Thing", "Things")]),
    (with_member('<AssociationSet Name="AS" Association="NS.No"/>'),
     [(Oddity.TIES_NO_ASSOCIATION, "AssociationSet AS", "NS.No")]),
    (with_member('<AssociationSet Name="AS" Association="NS.A"><End EntitySet="No" Role="One"/></AssociationSet>'),
     [(Oddity.TIES_NO_SET, "AssociationSet AS", "No")]),
    (with_member('<AssociationSet Name="AS" Association="NS.A"><End EntitySet="Things" Role="No"/></AssociationSet>'),
     [(Oddity.TIES_NO_ROLE, "AssociationSet AS", "No")]),
    (with_member('<AssociationSet Name="AS" Association="NS.A"><End EntitySet="Things"/></AssociationSet>'),
     [(Oddity.TIES_NO_ROLE, "AssociationSet AS", "nothing")]),
    (with_member('<FunctionImport Name="F" ReturnType="Collection(NS.No)"/>'),
     [(Oddity.RETURNS_NOTHING_KNOWN, "FunctionImport F", "Collection(NS.No)")]),
    (with_member('<FunctionImport Name="F" ReturnType="NS.Thing" EntitySet="No"/>'),
     [(Oddity.RETURNS_FROM_NO_SET, "FunctionImport F", "No")]),
    (with_member('<FunctionImport Name="F" ReturnType="NS.Thing"/>'),
     [(Oddity.RETURNS_FROM_NO_SET, "FunctionImport F", "no entity set")]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "found"), CASES)
def test_an_oddity_is_found_where_it_stands(body, found):
    findings = consistency.findings((HEAD + body + FOOT).encode())
    assert sorted((f.oddity.name, f.place, f.target) for f in findings) == sorted(
        (oddity.name, place, target) for oddity, place, target in found
    )
    assert all(f.line is not None for f in findings)


def test_every_kind_of_oddity_has_a_case():
    assert {oddity for _, found in CASES for oddity, _, _ in found} | {Oddity.UNREADABLE} == set(Oddity)


@pytest.mark.parametrize("oddity", Oddity)
def test_every_kind_of_oddity_says_what_and_what_to_do(oddity):
    what = oddity.text.format(place="PLACE", target="TARGET")
    assert "{" not in what
    assert oddity.remedy
    assert not what.endswith(".")


def test_all_oddities_are_reported_together_and_by_line():
    body = (
        '\n<EntityType Name="A" BaseType="NS.No"/>\n<EntityType Name="B"/>\n'
        + THING.format("")
        + THINGS.format('\n<EntitySet Name="Bs" EntityType="NS.B"/>\n<FunctionImport Name="F" ReturnType="NS.No"/>')
    )
    findings = consistency.findings((HEAD + body + FOOT).encode())
    assert [(f.line, f.severity) for f in findings] == [
        (4, Severity.WARNING),
        (8, Severity.ERROR),
        (9, Severity.WARNING),
    ]


def test_a_document_that_cannot_be_read_is_one_error():
    (finding,) = consistency.findings(b"<html/>")
    assert (finding.oddity, finding.severity, finding.line) == (Oddity.UNREADABLE, Severity.ERROR, None)
    assert str(finding).startswith("error: The document is no $metadata: its root (line 1) is html")


def test_a_finding_prints_as_one_line_with_place_and_remedy():
    (finding, *_) = consistency.findings(
        (HEAD + with_member('<EntitySet Name="S" EntityType="NS.No"/>') + FOOT).encode()
    )
    assert str(finding) == (
        "line 5: error: EntitySet S is of type NS.No, which no schema defines: "
        "define the entity type or remove the set; the set is not served"
    )


def test_a_function_without_entity_set_takes_the_first_of_its_type():
    model = read((HEAD + with_member('<FunctionImport Name="F" ReturnType="NS.Thing"/>') + FOOT).encode())
    assert model.function_imports["F"].entity_set == "Things"


def test_what_dangles_is_left_out_and_the_rest_is_served():
    body = THING.format(WAY.replace("NS.A", "NS.No") + '<Property Name="P" Type="NS.No"/>') + THINGS.format(
        '<EntitySet Name="No" EntityType="NS.No"/>'
    )
    model = read((HEAD + body + FOOT).encode())
    thing = model.entity_sets["Things"].entity_type
    assert (list(model.entity_sets), list(thing.by_name), thing.navigation) == (["Things"], ["Id"], ())
