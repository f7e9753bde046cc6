"""The path behind the service root, as syntax: segments, key predicates, quotes."""

from __future__ import annotations

import pytest

from sap_mock.odata.errors import ODataError
from sap_mock.odata.uri.resource_path import parse

# path → (segment, key parts as (name, literal))
PATHS = [
    ("", []),
    ("/", []),
    ("Orders", [("Orders", None)]),
    ("/Orders/", [("Orders", None)]),
    ("Orders()", [("Orders", ())]),
    ("Orders('1')", [("Orders", ((None, "'1'"),))]),
    ("Orders(OrderId='1')", [("Orders", (("OrderId", "'1'"),))]),
    ("Items(OrderId='1',ItemNumber=2)", [("Items", (("OrderId", "'1'"), ("ItemNumber", "2")))]),
    ("Items( OrderId = '1' , ItemNumber = 2 )", [("Items", (("OrderId", "'1'"), ("ItemNumber", "2")))]),
    ("Orders('a/b')/ToItems", [("Orders", ((None, "'a/b'"),)), ("ToItems", None)]),
    ("Orders('O''Brien')", [("Orders", ((None, "'O''Brien'"),))]),
    ("Orders('a,b=c')", [("Orders", ((None, "'a,b=c'"),))]),
    ("Orders(A='x,y',B='u=v')", [("Orders", (("A", "'x,y'"), ("B", "'u=v'")))]),
    ("Orders('(')", [("Orders", ((None, "'('"),))]),
    ("Tags(1L)/Label/$value", [("Tags", ((None, "1L"),)), ("Label", None), ("$value", None)]),
    (
        "Employees(guid'0050568d-393c-1ed4-9d97-e65f0f3fcc23')",
        [("Employees", ((None, "guid'0050568d-393c-1ed4-9d97-e65f0f3fcc23'"),))],
    ),
    ("Lines(D=datetime'2020-01-01T00:00:00',I=1)", [("Lines", (("D", "datetime'2020-01-01T00:00:00'"), ("I", "1")))]),
    ("A/$links/B('1')", [("A", None), ("$links", None), ("B", ((None, "'1'"),))]),
    ("Container2.Photos", [("Container2.Photos", None)]),
    ("Größen('见')", [("Größen", ((None, "'见'"),))]),
]


@pytest.mark.parametrize(("path", "expected"), PATHS)
def test_a_path_falls_into_segments_with_their_key_parts(path, expected):
    found = [(s.name, s.predicate and tuple((part.name, part.literal) for part in s.predicate)) for s in parse(path)]
    assert found == expected


@pytest.mark.parametrize(
    "path", ["Orders('1", "Orders(", "Orders('1'", "Orders('1')x", "('1')", "/('1')", "Orders//Items('1')", "A//B"]
)
def test_what_no_grammar_allows_is_refused(path):
    with pytest.raises(ODataError) as refused:
        parse(path)
    assert refused.value.status == 400
