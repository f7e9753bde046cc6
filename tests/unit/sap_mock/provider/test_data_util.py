"""Entities held in memory are filtered, ordered and paged by the same rules as those in the store."""

from datetime import datetime
from decimal import Decimal

import pytest

from sap_mock.edm.facets import Facets
from sap_mock.edm.model import EntitySet, EntityType, Model, Property
from sap_mock.edm.primitives import TYPES
from sap_mock.odata.entity import Entity
from sap_mock.odata.uri.expression_binding import bind_filter, bind_orderby
from sap_mock.provider.data_util import evaluate, ordered, selected
from sap_mock.provider.request_context import RequestContext

_TYPE = EntityType(
    name="Thing",
    namespace="T",
    key=("Id",),
    properties=tuple(
        Property(name=name, type=TYPES[type_], facets=Facets(nullable=name != "Id"))
        for name, type_ in (
            ("Id", "Edm.Int32"),
            ("Name", "Edm.String"),
            ("Price", "Edm.Decimal"),
            ("Weight", "Edm.Double"),
            ("At", "Edm.DateTime"),
        )
    ),
)
_SET = EntitySet(name="Things", entity_type=_TYPE)
_MODEL = Model(
    namespace="T",
    entity_types={"T.Thing": _TYPE},
    complex_types={},
    associations={},
    entity_sets={"Things": _SET},
    association_sets={},
    function_imports={},
)


def _thing(id_, name=None, price=None, weight=None, at=None):
    return Entity(values={"Id": id_, "Name": name, "Price": price, "Weight": weight, "At": at})


_BOLT = _thing(1, "Bolt", Decimal("2.50"), 0.5, datetime(2024, 2, 29, 23, 59, 58))
_BLANK = _thing(2)


@pytest.mark.parametrize(
    ("text", "bolt", "blank"),
    [
        ("Name eq 'Bolt'", True, False),
        ("Name ne 'Bolt'", False, True),
        ("Name eq null", False, True),
        ("Name ne null", True, False),
        ("Price gt 2.4M", True, False),
        ("not (Price gt 2.4M)", False, True),
        ("Price lt 2.4M or Name eq null", False, True),
        ("Price add 0.5M eq 3", True, False),
        ("Price mul 2 sub 1 eq 4", True, False),
        ("Id div 2 eq 0", True, False),
        ("Id mod 2 eq 1", True, False),
        ("Price div 0 eq null", True, True),
        ("-Price lt 0", True, False),
        ("Weight eq 0.5D", True, False),
        ("Price gt Weight", True, False),
        ("substringof('ol',Name)", True, False),
        ("startswith(Name,'Bo') eq true", True, False),
        ("endswith(Name,'t')", True, False),
        ("length(Name) eq 4", True, False),
        ("indexof(Name,'l') eq 2", True, False),
        ("replace(Name,'B','C') eq 'Colt'", True, False),
        ("substring(Name,1) eq 'olt'", True, False),
        ("substring(Name,1,2) eq 'ol'", True, False),
        ("tolower(Name) eq 'bolt'", True, False),
        ("toupper(Name) eq 'BOLT'", True, False),
        ("concat(Name,'s') eq 'Bolts'", True, False),
        ("year(At) eq 2024 and month(At) eq 2 and day(At) eq 29", True, False),
        ("hour(At) eq 23 and minute(At) eq 59 and second(At) eq 58", True, False),
        ("round(Price) eq 3", True, False),
        ("floor(Price) eq 2", True, False),
        ("ceiling(Price) eq 3", True, False),
    ],
)
def test_a_filter_is_evaluated(text, bolt, blank):
    expression = bind_filter(text, _MODEL, _SET)

    assert (evaluate(expression, _BOLT) is True, evaluate(expression, _BLANK) is True) == (bolt, blank)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Price", [3, 1, 2]),
        ("Price desc", [2, 1, 3]),
        ("Name desc,Id desc", [2, 1, 3]),
        ("Name,Id", [3, 1, 2]),
    ],
)
def test_entities_are_ordered_with_null_first(text, ids):
    things = [_thing(1, "a", Decimal(9)), _thing(2, "a", Decimal(10)), _thing(3)]

    found = ordered(things, bind_orderby(text, _MODEL, _SET))

    assert [entity["Id"] for entity in found] == ids


def test_a_page_is_cut_after_filter_and_order_and_the_count_is_of_the_whole():
    things = [_thing(number, "x" if number % 2 else "y") for number in range(10)]
    context = RequestContext(
        entity_set=_SET,
        filter=bind_filter("Name eq 'x'", _MODEL, _SET),
        order=bind_orderby("Id desc", _MODEL, _SET),
        skip=1,
        top=2,
        wants_inlinecount=True,
    )

    found = selected(things, context)

    assert [entity["Id"] for entity in found] == [7, 5]
    assert context.response.inlinecount == 5
