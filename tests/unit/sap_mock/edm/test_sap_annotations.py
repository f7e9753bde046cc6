"""What the service document repeats of an entity set's annotations."""

from __future__ import annotations

import pytest

from sap_mock.edm.model import EntitySet, EntityType
from sap_mock.edm.sap_annotations import entity_set_flags


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ({}, [("content-version", "1")]),
        ({"content-version": "2"}, [("content-version", "2")]),
        ({"creatable": "true", "searchable": "false"}, [("content-version", "1")]),
        (
            {"content-version": "1", "addressable": "false", "deletable": "false", "creatable": "false"},
            [("creatable", "false"), ("deletable", "false"), ("addressable", "false"), ("content-version", "1")],
        ),
        (
            {"requires-filter": "true", "pageable": "false", "searchable": "true"},
            [("searchable", "true"), ("pageable", "false"), ("requires-filter", "true"), ("content-version", "1")],
        ),
        ({"label": "Things", "creatabel": "false"}, [("content-version", "1")]),
    ],
)
def test_flags_other_than_their_default_are_printed_in_saps_order(written, printed):
    entity_set = EntitySet(name="S", entity_type=EntityType(name="T", namespace="N"), sap=written)
    assert list(entity_set_flags(entity_set).items()) == printed
