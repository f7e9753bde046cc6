"""Which properties tie two ends, where no constraint says it."""

from __future__ import annotations

import pytest

from sap_mock.edm import csdl_reader
from sap_mock.storage.ties import tied_properties

HEAD = """<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices>
<Schema Namespace="T" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">"""
TAIL = """<EntityContainer Name="C"><EntitySet Name="As" EntityType="T.A"/><EntitySet Name="Bs" EntityType="T.B"/>
</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"""


def entity_type(name: str, key: str, others: str, role: str, other: str) -> str:
    refs = "".join(f'<PropertyRef Name="{one}"/>' for one in key.split())
    properties = "".join(f'<Property Name="{one}" Type="Edm.String"/>' for one in f"{key} {others}".split())
    way = f'<NavigationProperty Name="To" Relationship="T.R" FromRole="{role}" ToRole="{other}"/>'
    return f'<EntityType Name="{name}"><Key>{refs}</Key>{properties}{way}</EntityType>'


# the ends (key of A, its other properties, multiplicity; the same of B) → pairs seen from A, pairs seen from B
ENDS = [
    (("Id", "", "1"), ("Id Item", "", "*"), (("Id", "Id"),), (("Id", "Id"),)),
    (("Id", "", "1"), ("Item", "Id", "*"), (("Id", "Id"),), (("Id", "Id"),)),
    (("Id", "", "0..1"), ("Id", "", "1"), (("Id", "Id"),), (("Id", "Id"),)),
    (("Id", "", "1"), ("Id", "", "*"), None, None),  # all keyed by an Id: not tied by it
    (("Id", "", "*"), ("Id Item", "", "*"), None, None),
    (("Id", "", "1"), ("Item", "", "*"), None, None),
    (("Id Year", "", "1"), ("Id Item", "", "*"), None, None),
    (
        ("Id Year", "", "1"),
        ("Id Item", "Year", "*"),
        (("Id", "Id"), ("Year", "Year")),
        (("Id", "Id"), ("Year", "Year")),
    ),
    (("Id", "", "1"), ("Id Language", "", "0..1"), (("Id", "Id"),), (("Id", "Id"),)),
]


@pytest.mark.parametrize(("one", "other", "from_one", "from_other"), ENDS)
def test_a_principals_key_found_in_the_dependent_ties_them_the_same_from_both_sides(one, other, from_one, from_other):
    document = (
        HEAD
        + entity_type("A", one[0], one[1], "a", "b")
        + entity_type("B", other[0], other[1], "b", "a")
        + f'<Association Name="R"><End Type="T.A" Multiplicity="{one[2]}" Role="a"/>'
        + f'<End Type="T.B" Multiplicity="{other[2]}" Role="b"/></Association>'
        + TAIL
    )
    model = csdl_reader.read(document.encode())
    assert tied_properties(model.relations["As", "To"]) == from_one
    assert tied_properties(model.relations["Bs", "To"]) == from_other


def test_a_constraint_says_it_whatever_the_names():
    document = (
        HEAD
        + entity_type("A", "Id", "", "a", "b")
        + entity_type("B", "Id", "Parent", "b", "a")
        + '<Association Name="R"><End Type="T.A" Multiplicity="1" Role="a"/><End Type="T.B" Multiplicity="*" Role="b"/>'
        + '<ReferentialConstraint><Principal Role="a"><PropertyRef Name="Id"/></Principal><Dependent Role="b">'
        + '<PropertyRef Name="Parent"/></Dependent></ReferentialConstraint></Association>'
        + TAIL
    )
    model = csdl_reader.read(document.encode())
    assert tied_properties(model.relations["As", "To"]) == (("Id", "Parent"),)
    assert tied_properties(model.relations["Bs", "To"]) == (("Parent", "Id"),)


def test_entities_of_one_type_are_tied_by_a_link():
    document = (
        HEAD
        + entity_type("A", "Id", "", "a", "b")
        + entity_type("B", "Id", "", "x", "y")
        + '<Association Name="R"><End Type="T.A" Multiplicity="0..1" Role="a"/><End Type="T.A" Multiplicity="*" Role="b"/>'
        + "</Association>"
        + TAIL
    )
    assert tied_properties(csdl_reader.read(document.encode()).relations["As", "To"]) is None
