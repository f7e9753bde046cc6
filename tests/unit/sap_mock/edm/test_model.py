"""Where navigation properties lead, seen from an entity set."""

from __future__ import annotations

import pytest

from sap_mock.edm.csdl_reader import read
from sap_mock.edm.model import Multiplicity

HEAD = """<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices>
<Schema Namespace="NS" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">"""
FOOT = "</Schema></edmx:DataServices></edmx:Edmx>"
KEY = '<Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.Int32" Nullable="false"/>'
TYPES = f"""<EntityType Name="Parent">{KEY}
  <NavigationProperty Name="ToChildren" Relationship="NS.A" FromRole="P" ToRole="C"/></EntityType>
<EntityType Name="Child">{KEY}
  <NavigationProperty Name="ToParent" Relationship="NS.A" FromRole="C" ToRole="P"/></EntityType>
<EntityType Name="Heir" BaseType="NS.Child"/>
<Association Name="A"><End Type="NS.Parent" Multiplicity="0..1" Role="P"/>
  <End Type="NS.Child" Multiplicity="*" Role="C"/></Association>"""
PARENTS = '<EntitySet Name="Parents" EntityType="NS.Parent"/>'
OLD = '<EntitySet Name="OldParents" EntityType="NS.Parent"/>'
CHILDREN = '<EntitySet Name="Children" EntityType="NS.Child"/>'
OTHERS = '<EntitySet Name="Others" EntityType="NS.Child"/>'
HEIRS = '<EntitySet Name="Heirs" EntityType="NS.Heir"/>'


def tie(name: str, parents: str, children: str) -> str:
    return f"""<AssociationSet Name="{name}" Association="NS.A">
      <End EntitySet="{parents}" Role="P"/><End EntitySet="{children}" Role="C"/></AssociationSet>"""


@pytest.mark.parametrize(
    ("container", "way", "target"),
    [
        (PARENTS + CHILDREN + tie("T", "Parents", "Children"), ("Parents", "ToChildren"), ("Children", "T")),
        (PARENTS + OTHERS + CHILDREN + tie("T", "Parents", "Children"), ("Parents", "ToChildren"), ("Children", "T")),
        (
            PARENTS + OLD + CHILDREN + OTHERS + tie("T", "Parents", "Children") + tie("U", "OldParents", "Others"),
            ("OldParents", "ToChildren"),
            ("Others", "U"),
        ),
        (PARENTS + CHILDREN, ("Parents", "ToChildren"), ("Children", "A")),
        (PARENTS + CHILDREN, ("Children", "ToParent"), ("Parents", "A")),
        (PARENTS + HEIRS, ("Parents", "ToChildren"), ("Heirs", "A")),
        (PARENTS + HEIRS, ("Heirs", "ToParent"), ("Parents", "A")),
        (PARENTS, ("Parents", "ToChildren"), None),
    ],
)
def test_a_way_leads_where_the_association_set_says_else_to_the_first_set_of_the_type(container, way, target):
    model = read(f'{HEAD}{TYPES}<EntityContainer Name="C">{container}</EntityContainer>{FOOT}'.encode())
    relation = model.relations.get(way)
    assert (relation and (relation.target.name, relation.association_set)) == target


def test_a_way_knows_whether_it_leads_to_many():
    model = read(f'{HEAD}{TYPES}<EntityContainer Name="C">{PARENTS}{CHILDREN}</EntityContainer>{FOOT}'.encode())
    assert model.relations["Parents", "ToChildren"].to_many
    assert model.relations["Children", "ToParent"].multiplicity is Multiplicity.ZERO_OR_ONE


def test_an_association_has_no_end_of_another_role():
    model = read(f"{HEAD}{TYPES}{FOOT}".encode())
    with pytest.raises(KeyError):
        model.associations["NS.A"].end("X")


def test_a_way_knows_how_many_sources_a_target_may_have():
    model = read(f'{HEAD}{TYPES}<EntityContainer Name="C">{PARENTS}{CHILDREN}</EntityContainer>{FOOT}'.encode())
    assert model.relations["Parents", "ToChildren"].source_multiplicity is Multiplicity.ZERO_OR_ONE
    assert model.relations["Children", "ToParent"].source_multiplicity is Multiplicity.MANY


def test_a_set_knows_its_container():
    containers = (
        f'<EntityContainer Name="C">{PARENTS}</EntityContainer><EntityContainer Name="D">{CHILDREN}</EntityContainer>'
    )
    sets = read(f"{HEAD}{TYPES}{containers}{FOOT}".encode()).entity_sets
    assert {name: entity_set.container for name, entity_set in sets.items()} == {"Parents": "C", "Children": "D"}
