"""Address + model → target: what every path means, which options it permits, and what is refused with which words."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest

from sap_mock.odata.errors import ODataError
from sap_mock.odata.uri.query_options import SYSTEM_OPTIONS
from sap_mock.odata.uri.target import TargetKind

RULES = "The URI is violating the construction rules defined in the Data Services specification"
LITERAL = "Malformed URI literal syntax"

# One address of every kind, and more where a kind has several
KINDS = [
    ("", TargetKind.SERVICE_DOCUMENT),
    ("$metadata", TargetKind.METADATA),
    ("$batch", TargetKind.BATCH),
    ("Orders", TargetKind.ENTITY_SET),
    ("Orders()", TargetKind.ENTITY_SET),
    ("REFERENCE_SRV_Entities.Orders", TargetKind.ENTITY_SET),
    ("Orders('1')/ToItems", TargetKind.ENTITY_SET),
    ("Orders('1')/ToItems()", TargetKind.ENTITY_SET),
    ("Orders('1')", TargetKind.ENTITY),
    ("Orders(OrderId='1')", TargetKind.ENTITY),
    ("Orders('1')/ToCustomer", TargetKind.ENTITY),
    ("Orders('1')/ToItems(OrderId='1',ItemNumber=2)", TargetKind.ENTITY),
    ("Orders('1')/ToItems(ItemNumber=2,OrderId='1')/ToScheduleLines", TargetKind.ENTITY_SET),
    ("Orders/$count", TargetKind.COUNT),
    ("Orders('1')/ToItems/$count", TargetKind.COUNT),
    ("Orders('1')/$count", TargetKind.ENTITY_COUNT),
    ("Orders('1')/ToCustomer/$count", TargetKind.ENTITY_COUNT),
    ("Orders('1')/Total", TargetKind.PROPERTY),
    ("Customers('1')/Address", TargetKind.PROPERTY),
    ("Customers('1')/Address/Country/Code", TargetKind.PROPERTY),
    ("Orders('1')/ToCustomer/Address/City", TargetKind.PROPERTY),
    ("Orders('1')/Total/$value", TargetKind.PROPERTY_VALUE),
    ("Customers('1')/Address/City/$value", TargetKind.PROPERTY_VALUE),
    ("Documents('1')/$value", TargetKind.MEDIA),
    ("Customers('1')/$links/ToOrders", TargetKind.LINKS),
    ("Customers('1')/$links/ToOrders()", TargetKind.LINKS),
    ("Customers('1')/$links/ToOrders('1')", TargetKind.LINK),
    ("Orders('1')/$links/ToCustomer", TargetKind.LINK),
    ("Customers('1')/$links/ToOrders/$count", TargetKind.LINKS_COUNT),
    ("OrdersBetween", TargetKind.FUNCTION_ENTITIES),
    ("ReleaseOrders()", TargetKind.FUNCTION_ENTITIES),
    ("LargestOrder", TargetKind.FUNCTION_ENTITY),
    ("Ping", TargetKind.FUNCTION_OTHER),
    ("AllAddresses", TargetKind.FUNCTION_OTHER),
    ("CountUp", TargetKind.FUNCTION_OTHER),
    ("CountUp/$value", TargetKind.FUNCTION_VALUE),
]
ARGUMENTS = {"OrdersBetween": "From=datetime'2020-01-01T00:00:00'"}


@pytest.mark.parametrize(("path", "kind"), KINDS)
def test_every_address_has_its_kind(bind, path, kind):
    assert bind(path, ARGUMENTS.get(path, "")).kind is kind


def test_every_kind_has_an_address_here():
    assert {kind for _, kind in KINDS} == set(TargetKind)


# Keys ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "key"), [
    ("Orders('O''Brien')", {"OrderId": "O'Brien"}),
    ("Tags(12L)", {"TagId": 12}),
    ("Tags(12)", {"TagId": 12}),
    ("Employees(guid'0050568d-393c-1ed4-9d97-e65f0f3fcc23')", {"EmployeeId": UUID("0050568d-393c-1ed4-9d97-e65f0f3fcc23")}),
    ("Switches(IsActive=true,Area='A')", {"Area": "A", "IsActive": True}),
    ("Switches(Area='A',IsActive=0)", {"Area": "A", "IsActive": False}),
    ("ScheduleLines(OrderId='1',ItemNumber=10,DeliveryDate=datetime'2020-02-29T00:00:00')",
     {"OrderId": "1", "ItemNumber": 10, "DeliveryDate": datetime.fromisoformat("2020-02-29")}),
])  # fmt: skip
def test_a_key_is_typed_and_in_the_order_of_the_model(bind, path, key):
    found = bind(path).steps[-1].key
    assert found == key
    assert list(found) == list(key)


@pytest.mark.parametrize(("path", "said"), [
    ("Orders(1)", LITERAL), ("Orders(abc)", LITERAL), ("Orders(null)", LITERAL), ("Orders('12345678901')", LITERAL),
    ("Tags('1')", LITERAL), ("Tags(1.5)", LITERAL), ("Tags(1.5M)", LITERAL), ("Employees('x')", LITERAL),
    ("ScheduleLines(OrderId='1',ItemNumber=10,DeliveryDate=datetime'2020-02-29')", LITERAL),
    ("Orders(Id='1')", "Invalid key name in key predicate. Expected name is 'OrderId'"),
    ("OrderItems(OrderId='1',Item=1)", "Invalid key name in key predicate. Expected name is 'ItemNumber'"),
    ("OrderItems('1')", "Invalid key predicate. The quantity of provided keys does not match the expected value"),
    ("OrderItems(OrderId='1',ItemNumber=1,X=1)", "Invalid key predicate. The quantity of provided keys does not match the expected value"),
    ("OrderItems('1',1)", "Invalid key name in key predicate. Expected name is 'OrderId'"),
])  # fmt: skip
def test_a_wrong_key_is_refused(bind, path, said):
    with pytest.raises(ODataError) as refused:
        bind(path)
    assert (refused.value.status, refused.value.text) == (400, said)


# Paths that lead nowhere --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "segment"), [
    ("Nope", "Nope"), ("orders", "orders"), ("Other.Orders", "Other.Orders"), ("Orders('1')/Nope", "Nope"),
    ("Orders('1')/ToCustomer/Nope", "Nope"), ("Orders/OrderId", "OrderId"), ("Orders/ToItems", "ToItems"),
    ("Customers('1')/Address/Nope", "Nope"), ("Customers('1')/Address/$value", "$value"),
    ("Orders('1')/$links/Total", "Total"), ("$nope", "$nope"), ("Orders/$value", "$value"), ("Orders('1')/ToItems/$value", "$value"),
])  # fmt: skip
def test_an_unknown_segment_is_404_and_named(bind, path, segment):
    with pytest.raises(ODataError) as refused:
        bind(path)
    assert (refused.value.status, refused.value.text) == (404, f"Resource not found for the segment '{segment}'.")


@pytest.mark.parametrize("path", [
    "$metadata/x", "$batch/x", "Orders/$count/x", "Orders('1')/Total/x", "Orders('1')/Total/$count", "Orders('1')/Total/$value/x",
    "Orders('1')/Total()", "Customers('1')/Address('1')", "Orders('1')/$value", "Documents('1')/$value/x", "Orders('1')/$links",
    "Orders('1')/$links/ToItems/x", "Orders('1')/ToCustomer('1')", "Orders('1')/ToCustomer()", "Orders('1')/$links/ToCustomer('1')",
    "Ping()", "LargestOrder()", "LargestOrder/Total", "AllAddresses/$count", "FirstDays/$value", "ReleaseOrders('1')", "Ping/$value",
])  # fmt: skip
def test_an_address_against_the_rules_is_400(bind, path):
    with pytest.raises(ODataError) as refused:
        bind(path)
    assert (refused.value.status, refused.value.text) == (400, RULES)


# Options ------------------------------------------------------------------------------------------------------------

GIVEN = {
    "$filter": "$filter=true", "$expand": "$expand=", "$select": "$select=", "$orderby": "$orderby=", "$skip": "$skip=1",
    "$top": "$top=1", "$skiptoken": "$skiptoken=x", "$inlinecount": "$inlinecount=none", "$format": "$format=json",
}  # fmt: skip
REPORTED = ["$filter", "$expand", "$select", "$orderby", "$skip", "$top", "$skiptoken", "$inlinecount", "$format"]
FIRST_OF_KIND = {kind: path for path, kind in reversed(KINDS)}


@pytest.mark.parametrize("kind", TargetKind, ids=lambda kind: kind.value[0])
@pytest.mark.parametrize("option", SYSTEM_OPTIONS)
def test_every_kind_permits_its_own_options_and_lists_all_others_when_it_refuses_one(bind, kind, option):
    path = FIRST_OF_KIND[kind]
    query = "&".join(filter(None, [GIVEN[option], ARGUMENTS.get(path, "")]))
    if option in kind.permitted:
        assert bind(path, query).options.given == (option,)
        return
    with pytest.raises(ODataError) as refused:
        bind(path, query)
    others = ",".join(name for name in REPORTED if name not in kind.permitted)
    assert refused.value.text == f"System query options '{others}' are not allowed in the requested URI"


def test_the_list_for_a_single_entity_is_the_captured_one(bind):
    """SAP Cloud SDK for Java, ODataResponseErrorParsingTest."""
    with pytest.raises(ODataError) as refused:
        bind("Orders('1')", "$top=1")
    assert refused.value.text == (
        "System query options '$orderby,$skip,$top,$skiptoken,$inlinecount' are not allowed in the requested URI"
    )


def test_filter_and_order_are_bound_on_the_set_that_is_answered(bind):
    target = bind("Orders('1')/ToItems", "$filter=Material eq 'x'&$orderby=ItemNumber desc")
    assert target.filter.left.name == "Material"
    assert [(one.expression.name, one.descending) for one in target.order] == [("ItemNumber", True)]
    assert bind("Customers('1')/$links/ToOrders", "$filter=Currency eq 'EUR'").filter.left.name == "Currency"


# $expand and $select ------------------------------------------------------------------------------------------------


def tree(expand):
    return {name: tree(below) for name, (_, below) in expand.relations.items()}


@pytest.mark.parametrize(("text", "expected"), [
    ("", {}),
    ("ToItems", {"ToItems": {}}),
    ("ToItems,ToCustomer", {"ToItems": {}, "ToCustomer": {}}),
    ("ToItems/ToScheduleLines", {"ToItems": {"ToScheduleLines": {}}}),
    ("ToItems,ToItems/ToScheduleLines", {"ToItems": {"ToScheduleLines": {}}}),
    ("ToItems/ToScheduleLines,ToItems/ToOrder/ToCustomer", {"ToItems": {"ToScheduleLines": {}, "ToOrder": {"ToCustomer": {}}}}),
    (" ToItems , ToCustomer ", {"ToItems": {}, "ToCustomer": {}}),
])  # fmt: skip
def test_expand_is_a_tree_of_ways(bind, text, expected):
    assert tree(bind("Orders", f"$expand={text}").expand) == expected


@pytest.mark.parametrize(("option", "text", "said"), [
    ("$expand", "Nope", "Property Nope not found in type Order"),
    ("$expand", "Total", "Property Total not found in type Order"),
    ("$expand", "ToItems/Nope", "Property Nope not found in type OrderItem"),
    ("$expand", "ToItems,", RULES), ("$expand", "ToItems//ToOrder", RULES), ("$expand", "/", RULES),
    ("$select", "Nope", "Property Nope not found in type Order"),
    ("$select", "ToItems/Nope", "Property Nope not found in type OrderItem"),
    ("$select", "ToCustomer/Address/Nope", "Property Nope not found in type Address"),
    ("$select", "Total/Nope", "Property Nope not found in type Edm.Decimal"),
    ("$select", "OrderId,", RULES), ("$select", ",OrderId", RULES),
])  # fmt: skip
def test_a_wrong_expand_or_select_is_refused(bind, option, text, said):
    with pytest.raises(ODataError) as refused:
        bind("Orders", f"{option}={text}")
    assert (refused.value.status, refused.value.text) == (400, said)


def kept(selection):
    return (selection.names and set(selection.names), {name: kept(below) for name, below in selection.below.items()})


@pytest.mark.parametrize(("text", "expected"), [
    ("", (None, {})),
    ("*", (None, {})),
    ("OrderId,Total", ({"OrderId", "Total"}, {})),
    ("OrderId, Total", ({"OrderId", "Total"}, {})),
    ("ToItems", (frozenset(), {"ToItems": (None, {})})),
    ("ToItems/*", (frozenset(), {"ToItems": (None, {})})),
    ("OrderId,ToItems/Material", ({"OrderId"}, {"ToItems": ({"Material"}, {})})),
    ("ToItems/Material,ToItems", (frozenset(), {"ToItems": (None, {})})),
    ("*,ToItems/Material", (None, {"ToItems": ({"Material"}, {})})),
    ("ToItems/ToScheduleLines/Quantity", (frozenset(), {"ToItems": (frozenset(), {"ToScheduleLines": ({"Quantity"}, {})})})),
    ("ToCustomer/Address/City", (frozenset(), {"ToCustomer": ({"Address"}, {})})),
    ("ToCustomer/Address/*", (frozenset(), {"ToCustomer": ({"Address"}, {})})),
])  # fmt: skip
def test_select_keeps_names_and_what_lies_below_ways(bind, text, expected):
    assert kept(bind("Orders", f"$select={text}").select) == expected


# Function imports ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "query", "arguments"), [
    ("Add", "Left=1.5M&Right=2", {"Left": Decimal("1.5"), "Right": Decimal(2)}),
    ("Add", "Left=1M", {"Left": Decimal(1)}),
    ("Add", "Left=1M&Right=null", {"Left": Decimal(1), "Right": None}),
    ("AddressOf", "CustomerId='1'&x=y", {"CustomerId": "1"}),
    ("FirstDays", "Year=2020", {"Year": 2020}),
    ("Ping", "sap-client=001", {}),
])  # fmt: skip
def test_the_parameters_of_a_function_are_typed(bind, path, query, arguments):
    assert bind(path, query).arguments == arguments


@pytest.mark.parametrize(("path", "query", "said"), [
    ("Add", "", "Invalid Function Import Parameter"), ("Add", "Right=1M", "Invalid Function Import Parameter"),
    ("Add", "Left=1.5", LITERAL), ("Add", "Left='1'", LITERAL), ("AddressOf", "CustomerId=1", LITERAL),
    ("AddressOf", "CustomerId='12345678901'", LITERAL), ("FirstDays", "Year=", LITERAL),
])  # fmt: skip
def test_a_wrong_parameter_is_refused(bind, path, query, said):
    with pytest.raises(ODataError) as refused:
        bind(path, query)
    assert (refused.value.status, refused.value.text) == (400, said)
