"""Which properties of a query deserve an index."""

from __future__ import annotations

from pathlib import Path

import pytest

from sap_mock.edm import csdl_reader
from sap_mock.odata.uri.expression_binding import bind_filter, bind_orderby
from sap_mock.storage.indexes import served

MODEL = csdl_reader.read((Path(__file__).parents[3] / "reference_service" / "metadata.xml").read_bytes())


@pytest.mark.parametrize(("entity_set", "condition", "orderby", "paths"), [
    ("Orders", "Currency eq 'EUR'", "", ["Currency"]),
    ("Orders", "'EUR' eq Currency", "", ["Currency"]),
    ("Orders", "Currency eq 'EUR' and Total gt 5 and OrderedOn le datetime'2020-01-01T00:00:00'", "", ["Currency", "Total", "OrderedOn"]),
    ("Orders", "startswith(Currency,'E')", "", ["Currency"]),
    ("Orders", "", "Total desc,Currency", ["Total"]),
    ("Orders", "Currency eq 'EUR'", "Total", ["Currency", "Total"]),
    ("Customers", "Address/City eq 'Köln'", "Address/Country/Code", ["Address/City", "Address/Country/Code"]),
    ("Orders", "Currency ne 'EUR'", "", []),
    ("Orders", "Currency eq 'EUR' or Total gt 5", "", []),
    ("Orders", "not (Currency eq 'EUR')", "", []),
    ("Orders", "endswith(Currency,'R') and substringof('U',Currency)", "", []),
    ("Orders", "tolower(Currency) eq 'eur'", "length(Currency)", []),
    ("Orders", "ToCustomer/Name eq 'x'", "ToCustomer/Name", []),
    ("Orders", "Currency eq CustomerId", "", []),
    ("Samples", "Bytes eq X'0A'", "Bytes", []),
    ("Orders", "", "", []),
])  # fmt: skip
def test_what_is_compared_in_a_conjunction_or_ordered_by_first(entity_set, condition, orderby, paths):
    sets = MODEL.entity_sets
    bound = bind_filter(condition, MODEL, sets[entity_set]) if condition else None
    order = bind_orderby(orderby, MODEL, sets[entity_set]) if orderby else ()
    assert list(served(bound, order, None)) == paths


@pytest.mark.parametrize(("way", "paths"), [
    (("Customers", "ToOrders"), ["CustomerId"]),
    (("Employees", "ToSubordinates"), ["ManagerId"]),
    (("Customers", "ToTags"), []),
])  # fmt: skip
def test_what_ties_to_the_entity_that_a_way_comes_from(way, paths):
    assert list(served(None, (), MODEL.relations[way])) == paths
