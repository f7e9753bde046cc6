"""Creating, changing and deleting; ETags, links, media, functions and messages; all of it in Atom too."""

import json

import pytest
from lxml import etree

A = "{http://www.w3.org/2005/Atom}"
D = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
ATOM = {"Content-Type": "application/atom+xml"}
ENTRY = """<?xml version="1.0"?><entry xmlns="http://www.w3.org/2005/Atom"
 xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
 xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices">
 <content type="application/xml"><m:properties>%s</m:properties></content></entry>"""


def message(answer):
    return answer.json()["error"]["message"]["value"]


# Creating ----------------------------------------------------------------------------------------------------------


def test_a_created_entity_is_answered_with_201_its_address_and_itself(invoices):
    answer = invoices.ask("POST", "Invoices", {"ID": "a b", "Value": "1", "Currency": "EUR"})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{invoices.root}Invoices('a%20b')"
    assert answer.json()["d"]["Value"] == "1.000"
    assert answer.json()["d"] == invoices.read(answer.headers["location"])


def test_an_entity_is_created_below_a_navigation_with_the_keys_of_its_parent(reference):
    reference.create("Orders", OrderId="1")
    assert reference.create("Orders('1')/ToItems", ItemNumber=5)["OrderId"] == "1"
    assert [item["ItemNumber"] for item in reference.read("Orders('1')/ToItems")["results"]] == [5]


def test_a_deep_insert_comes_back_inline_at_every_level(reference):
    lines = [{"DeliveryDate": "/Date(0)/", "Quantity": "2"}]
    items = {"results": [{"ItemNumber": 1, "ToScheduleLines": lines}, {"ItemNumber": 2, "ToScheduleLines": []}]}
    order = reference.create("Orders", OrderId="1", ToItems=items)
    first, second = order["ToItems"]["results"]
    assert first["ToScheduleLines"]["results"][0]["Quantity"] == "2.000"
    assert second["ToScheduleLines"] == {"results": []}
    assert len(reference.read("OrderItems(OrderId='1',ItemNumber=1)/ToScheduleLines")["results"]) == 1


def test_a_deep_insert_that_the_data_provider_does_not_redefine_is_501(talking):
    answer = talking.ask("POST", "Customers", {"CustomerId": "C", "ToOrders": [{"OrderId": "1"}]})
    text = "Method 'CREATE_DEEP_ENTITY' not implemented in data provider class"
    assert (answer.status_code, message(answer)) == (501, text)
    assert talking.read("Customers")["results"] == []


def test_a_deep_insert_is_all_or_nothing(reference):
    twice = [{"ItemNumber": 1}, {"ItemNumber": 1}]
    assert reference.ask("POST", "Orders", {"OrderId": "1", "ToItems": twice}).status_code == 400
    answer = reference.ask("POST", "Orders", {"OrderId": "1", "ToItems": [{"ItemNumber": 1, "Color": "red"}]})
    assert message(answer) == "Property 'Color' is invalid"
    assert reference.read("Orders")["results"] == []


# Changing ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def booked(invoices):
    invoices.create("Invoices", ID="1", Status="OPEN", Value="440", Currency="EUR", Link="x")
    return invoices


@pytest.mark.parametrize(
    ("method", "fields", "kept"),
    [
        ("PUT", {}, False),
        ("MERGE", {}, True),
        ("PATCH", {}, True),
        ("POST", {"X-HTTP-Method": "MERGE"}, True),
        ("POST", {"X-HTTP-Method": "PATCH"}, True),
        ("POST", {"X-HTTP-Method": "PUT"}, False),
        ("POST", {"X-HTTP-Method": "merge"}, True),
    ],
)
def test_put_replaces_and_merge_keeps_what_was_not_sent(booked, method, fields, kept):
    answer = booked.ask(method, "Invoices('1')", {"Status": "PAID"}, fields)
    found = booked.read("Invoices('1')")
    assert (answer.status_code, answer.content) == (204, b"")
    assert found["Status"] == "PAID"
    assert (found["Value"], found["Currency"], found["Link"]) == (
        ("440.000", "EUR", "x") if kept else ("0.000", "", "")
    )


def test_a_merge_needs_the_method_that_reads(talking):
    talking.create("Tags", TagId="1")
    text = "Method 'TAGS_GET_ENTITY' not implemented in data provider class"
    for method in ("MERGE", "PATCH"):
        answer = talking.ask(method, "Tags(1L)", {"Label": "x"})
        assert (answer.status_code, message(answer)) == (501, text)
    assert talking.ask("PUT", "Tags(1L)", {"Label": "x"}).status_code == 204


def test_the_key_in_a_body_gives_way_to_the_address(booked):
    assert booked.ask("PATCH", "Invoices('1')", {"ID": "2", "Status": "PAID"}).status_code == 204
    assert [invoice["ID"] for invoice in booked.read("Invoices")["results"]] == ["1"]


def test_a_refused_change_changes_nothing(booked):
    before = booked.read("Invoices('1')")
    assert (
        booked.ask(
            "PATCH", "Invoices('1')", '{"Status":"PAID","Value":1}', {"Content-Type": "application/json"}
        ).status_code
        == 400
    )
    assert booked.read("Invoices('1')") == before


def test_delete_removes_also_when_it_comes_through_a_tunnel(booked):
    booked.create("Invoices", ID="2", Currency="EUR")
    assert booked.ask("DELETE", "Invoices('1')").status_code == 204
    assert booked.ask("POST", "Invoices('2')", headers={"X-HTTP-Method": "DELETE"}).status_code == 204
    assert booked.read("Invoices")["results"] == []


def test_a_tunnel_to_a_method_that_the_address_does_not_take_is_405(booked):
    assert booked.ask("POST", "Invoices", {}, {"X-HTTP-Method": "DELETE"}).status_code == 405


def test_if_match_means_nothing_where_the_type_has_no_etag(booked):
    assert "etag" not in booked.get("Invoices('1')").headers
    for tag in ("*", 'W/"whatever"'):
        assert booked.ask("PATCH", "Invoices('1')", {"Status": "PAID"}, {"If-Match": tag}).status_code == 204


# ETags -------------------------------------------------------------------------------------------------------------


def test_an_etag_is_weak_its_literal_is_encoded_and_it_changes_with_the_entity(reference):
    guid = "guid'00000000-0000-0000-0000-000000000001'"
    reference.create("Employees", EmployeeId=guid[5:-1], ChangedAt="2015-02-03T21:07:03.532842")
    answer = reference.get(f"Employees({guid})")
    tag = answer.headers["etag"]
    assert tag == "W/\"datetime'2015-02-03T21%3A07%3A03.532842'\"" == answer.json()["d"]["__metadata"]["etag"]
    changed = reference.ask("PATCH", f"Employees({guid})", {"ChangedAt": "/Date(0)/"}, {"If-Match": tag})
    assert changed.status_code == 204
    assert changed.headers["etag"] == reference.get(f"Employees({guid})").headers["etag"] != tag


@pytest.mark.parametrize(
    ("field", "status"), [('W/"1"', 304), ('"1"', 304), ("*", 304), ('W/"0", W/"1"', 304), ('W/"2"', 200)]
)
def test_a_known_etag_is_answered_with_304(reference, field, status):
    reference.create("Customers", CustomerId="C", Version=1)
    answer = reference.get("Customers('C')", If_None_Match=field)
    assert answer.status_code == status
    assert answer.headers["etag"] == 'W/"1"'
    assert (answer.content == b"") == (status == 304)
    assert ("content-length" in answer.headers) == (status == 200)


@pytest.mark.parametrize(
    ("field", "status"), [('W/"1"', 204), ("*", 204), ('W/"0",W/"1"', 204), ('W/"2"', 412), (None, 428)]
)
def test_a_change_needs_the_present_etag(reference, field, status):
    reference.create("Customers", CustomerId="C", Version=1)
    for method, body in (("PATCH", {"Name": "x"}), ("PUT", {"Version": 1}), ("DELETE", None)):
        assert reference.ask(method, "Customers('C')", body, {"If-Match": field}).status_code == status


def test_if_match_on_post_is_refused_also_where_there_is_an_etag(reference):
    answer = reference.ask("POST", "Customers", {"CustomerId": "C"}, {"If-Match": "*"})
    assert (answer.status_code, message(answer)) == (400, "eTag handling not supported for http method 'POST'")


# Properties, values, counts and links ------------------------------------------------------------------------------


def test_a_property_is_read_and_written_by_its_own_address(booked):
    assert booked.get("Invoices('1')/Status").content == b'{"d":{"Status":"OPEN"}}'
    assert booked.ask("PUT", "Invoices('1')/Status", {"Status": "PAID"}).status_code == 204
    assert booked.get("Invoices('1')/Status/$value").content == b"PAID"
    assert booked.ask("PUT", "Invoices('1')/Status/$value", "VOID", {"Content-Type": "text/plain"}).status_code == 204
    assert booked.read("Invoices('1')")["Status"] == "VOID"
    assert booked.read("Invoices('1')")["Link"] == "x"


def test_a_value_that_is_null_has_no_address(booked):
    assert booked.get("Invoices('1')/IssuedAt").content == b'{"d":{"IssuedAt":null}}'
    assert booked.get("Invoices('1')/IssuedAt/$value").status_code == 404


def test_a_complex_property_is_read_by_its_path(reference):
    reference.create("Customers", CustomerId="C", Address={"City": "Köln"})
    assert reference.read("Customers('C')/Address")["Address"]["City"] == "Köln"
    assert reference.read("Customers('C')/Address/City") == {"City": "Köln"}
    assert reference.get("Customers('C')/Address/City/$value").content.decode() == "Köln"


def test_counts_are_digits_and_honour_the_filter(booked):
    booked.create("Invoices", ID="2", Currency="USD")
    answer = booked.get("Invoices/$count")
    assert (answer.content, answer.headers["content-type"]) == (b"2", "text/plain;charset=utf-8")
    assert booked.get("Invoices/$count?$filter=Currency eq 'USD'").content == b"1"
    assert booked.get("Invoices('1')/$count").content == b"1"


def test_links_are_read_made_and_removed(reference):
    reference.create("Customers", CustomerId="C")
    reference.create("Tags", TagId="1")
    reference.create("Orders", OrderId="O")
    assert reference.get("Customers('C')/$links/ToTags").content == b'{"d":{"results":[]}}'
    assert (
        reference.ask("POST", "Customers('C')/$links/ToTags", {"uri": f"{reference.root}Tags(1L)"}).status_code == 204
    )
    assert reference.read("Customers('C')/$links/ToTags") == {"results": [{"uri": f"{reference.root}Tags(1L)"}]}
    assert [tag["TagId"] for tag in reference.read("Customers('C')/ToTags")["results"]] == ["1"]
    assert reference.ask("PUT", "Orders('O')/$links/ToCustomer", {"uri": "Customers('C')"}).status_code == 204
    assert reference.read("Orders('O')/$links/ToCustomer") == {"uri": f"{reference.root}Customers('C')"}
    assert reference.get("Customers('C')/$links/ToTags/$count").content == b"1"
    assert reference.ask("DELETE", "Customers('C')/$links/ToTags(1L)").status_code == 204
    assert reference.read("Customers('C')/$links/ToTags") == {"results": []}
    assert reference.get("Tags(1L)").status_code == 200


# Media -------------------------------------------------------------------------------------------------------------


def test_a_media_entity_is_created_read_replaced_and_emptied_by_its_stream(reference):
    answer = reference.ask("POST", "Documents", b"\x89PNG", {"Content-Type": "image/png", "Slug": "D"})
    assert (answer.status_code, answer.headers["location"]) == (201, f"{reference.root}Documents('D')")
    stream = reference.get("Documents('D')/$value")
    assert (stream.content, stream.headers["content-type"]) == (b"\x89PNG", "image/png")
    assert reference.ask("PUT", "Documents('D')/$value", b"text", {"Content-Type": "text/plain"}).status_code == 204
    assert reference.get("Documents('D')/$value").content == b"text"
    assert reference.ask("DELETE", "Documents('D')/$value").status_code == 204
    assert reference.get("Documents('D')/$value").content == b""


# Function imports --------------------------------------------------------------------------------------------------

FUNCTIONS = [
    # method, address, status, what stands under d
    ("GET", "Ping", 204, None),
    ("POST", "Restart", 204, None),
    ("GET", "Add?Left=1.5M&Right=2M", 200, {"Add": "3.5"}),
    ("GET", "Add?Left=1.5M", 200, {"Add": "1.5"}),
    ("GET", "Add?Left=1", 200, {"Add": "1"}),
    ("POST", "CountUp", 200, {"CountUp": "9007199254740993"}),
    ("GET", "FirstDays?Year=1970", 200, {"results": ["/Date(0)/", "/Date(2678400000)/"]}),
    ("POST", "DrawNumbers", 200, {"results": [3, 1, 2]}),
    ("POST", "CorrectAddresses", 200, {"results": []}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "address", "status", "expected"), FUNCTIONS, ids=[row[1] for row in FUNCTIONS])
def test_a_function_of_each_kind_gives_its_shape(talking, method, address, status, expected):
    answer = talking.ask(method, address)
    assert answer.status_code == status
    assert (answer.json()["d"] if answer.content else None) == expected


@pytest.mark.parametrize(
    ("method", "address"), [("GET", "AddressOf?CustomerId='C'"), ("POST", "CorrectAddress?CustomerId='C'")]
)
def test_a_complex_result_stands_under_the_functions_name(talking, method, address):
    ((name, value),) = talking.ask(method, address).json()["d"].items()
    assert name == address.partition("?")[0]
    assert (value["__metadata"]["type"], value["City"], value["Country"]["Code"]) == (
        "REFERENCE_SRV.Address",
        "Köln",
        "DE",
    )


def test_entities_that_a_function_returns_look_like_entities(talking):
    for number in (1, 2):
        talking.create("Orders", OrderId=str(number), Total=str(number), ToItems=[{"ItemNumber": 1}])
    largest = talking.read("LargestOrder?$expand=ToItems&$select=OrderId,ToItems/ItemNumber")
    assert largest["__metadata"]["uri"] == f"{talking.root}Orders('2')"
    assert (largest["OrderId"], len(largest["ToItems"]["results"])) == ("2", 1)
    assert "Total" not in largest
    assert talking.ask("POST", "ReleaseOrder?OrderId='2'").json()["d"]["OrderId"] == "2"
    between = talking.read("OrdersBetween?From=datetime'2020-01-01T00:00:00'")
    assert [order["OrderId"] for order in between["results"]] == ["1", "2"]
    assert len(talking.ask("POST", "ReleaseOrders").json()["d"]["results"]) == 2


def test_a_functions_value_may_be_asked_for_bare(talking):
    assert talking.get("Add/$value?Left=1.5M").content == b"1.5"


@pytest.mark.parametrize(("method", "address", "status"), [
    ("POST", "Ping", 405), ("GET", "Restart", 405), ("POST", "Add?Left=1M", 405), ("GET", "Add", 400),
    ("GET", "Add?Left='x'", 400), ("GET", "AddressOf?CustomerId='01234567890'", 400), ("GET", "Ping?$top=1", 400),
])  # fmt: skip
def test_a_function_called_wrongly_is_refused(talking, method, address, status):
    assert talking.ask(method, address).status_code == status


# Messages ----------------------------------------------------------------------------------------------------------


def test_messages_of_a_success_travel_in_one_ascii_header(talking):
    answer = talking.ask("POST", "Orders", {"OrderId": "WARN"})
    assert answer.status_code == 201
    assert answer.headers["sap-message"].isascii()
    assert json.loads(answer.headers["sap-message"]) == {
        "code": "ZTALK/010", "message": "Größe geschätzt", "severity": "warning", "target": "Total", "transition": False,
        "details": [{"code": "", "message": "And more", "severity": "info", "target": "", "transition": False}],
    }  # fmt: skip


def test_a_data_provider_sets_the_status_and_header_fields_of_its_answer(talking):
    answer = talking.ask("POST", "Orders", {"OrderId": "STATUS"})
    assert (answer.status_code, answer.headers["x-booked-by"]) == (202, "TALKING")
    assert answer.headers["location"].endswith("Orders('STATUS')")


def test_the_details_of_a_container_keep_their_order_severity_and_target(talking):
    inner = talking.ask("POST", "Orders", {"OrderId": "CONTAINER"}).json()["error"]["innererror"]
    shown = [(d["code"], d["severity"], d["propertyref"], d["target"]) for d in inner["errordetails"]]
    assert shown == [
        ("ZTALK/001", "error", "Total", "Total"),
        ("ZTALK/002", "warning", "", ""),
        ("/IWBEP/CX_MGW_BUSI_EXCEPTION", "error", "", ""),
    ]
    assert "MSGID='ZTALK',MSGNO='001',MESSAGE_V1='V1'" in inner["errordetails"][0]["longtext_url"]


# Atom --------------------------------------------------------------------------------------------------------------


def test_an_atom_entry_is_taken_and_reads_the_same_in_json(invoices):
    content = (
        "<d:ID>1</d:ID><d:IssuedAt>2023-10-12T00:00:00</d:IssuedAt><d:Value>440.5</d:Value><d:Currency>EUR</d:Currency>"
    )
    for fields in (ATOM, {"Content-Type": "application/atom+xml;type=entry"}, {}):
        answer = invoices.ask("POST", "Invoices", ENTRY % content, {**fields, "Accept": None})
        assert answer.status_code == 201, answer.text
        entry = etree.fromstring(answer.content)
        properties = entry.find(f"{A}content/{M}properties")
        assert [child.text for child in properties] == ["1", None, "2023-10-12T00:00:00", "440.500", "EUR", None]
        found = invoices.read("Invoices('1')")
        assert (found["IssuedAt"], found["Value"], found["Link"]) == ("/Date(1697068800000)/", "440.500", "")
        assert invoices.ask("PUT", "Invoices('1')", ENTRY % "<d:Status>X</d:Status>", ATOM).status_code == 204
        assert invoices.ask("DELETE", "Invoices('1')").status_code == 204


@pytest.mark.parametrize(("content", "text"), [
    ("<d:Color>x</d:Color>", "Property 'Color' is invalid"),
    ("<d:Value>1,5</d:Value>", "Property 'Value' at offset '4' has invalid value '1,5'"),
    ("<d:IssuedAt>2023-10-12</d:IssuedAt>", "Conversion error for property 'IssuedAt' at offset '4'"),
    ("<d:ID m:null='true'/>", "Property 'ID' at offset '4' has invalid value ''"),
    ("<d:ID>1</d:Id>", "Error while parsing an XML stream"),
])  # fmt: skip
def test_an_atom_entry_is_read_as_strictly_as_json(invoices, content, text):
    assert message(invoices.ask("POST", "Invoices", ENTRY % content, ATOM)) == text


def test_an_atom_feed_has_saps_elements_in_saps_order(reference):
    reference.create("Orders", OrderId="1", Total="5", OrderedOn="/Date(0)/")
    feed = etree.fromstring(reference.get("Orders?$inlinecount=allpages", Accept=None).content)
    entry = feed.find(f"{A}entry")
    names = [etree.QName(child).localname for child in feed]
    assert names == ["id", "title", "updated", "author", "link", "count", "entry"]
    assert feed.findtext(f"{A}id") == f"{reference.root}Orders"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}base") == reference.root
    assert feed.findtext(f"{M}count") == "1"
    assert [etree.QName(child).localname for child in entry] == [
        "id", "title", "updated", "category", "link", "link", "link", "link", "content",
    ]  # fmt: skip
    assert entry.findtext(f"{A}id") == f"{reference.root}Orders('1')"
    assert entry.find(f"{A}category").get("term") == "REFERENCE_SRV.Order"
    first = entry.find(f"{A}link")
    assert (first.get("href"), first.get("rel"), first.get("title")) == ("Orders('1')", "edit", "Order")
    properties = entry.find(f"{A}content/{M}properties")
    assert properties.findtext(f"{D}OrderedOn") == "1970-01-01T00:00:00"
    assert properties.findtext(f"{D}Total") == "5.000"


def test_an_atom_entry_of_a_closed_set_links_to_itself_and_not_to_edit(reference):
    reference.create("LogEntries", LogId="1")
    entry = etree.fromstring(reference.get("LogEntries(1L)", Accept=None).content)
    assert [link.get("rel") for link in entry.findall(f"{A}link")] == ["self"]


def test_null_media_etags_and_expanded_entities_have_their_place_in_atom(reference):
    reference.create("Customers", CustomerId="C", Version=1)
    reference.create("Orders", OrderId="1", CustomerId="C", ToItems=[{"ItemNumber": 1}])
    order = etree.fromstring(reference.get("Orders('1')?$expand=ToItems,ToContact,ToCustomer", Accept=None).content)
    inline = {link.get("title"): link.find(f"{M}inline") for link in order.findall(f"{A}link")[1:]}
    assert inline["ToItems"].find(f"{A}feed/{A}entry") is not None
    assert inline["ToCustomer"].find(f"{A}entry").get(f"{M}etag") == 'W/"1"'
    assert len(inline["ToContact"]) == 0
    ordered_on = order.find(f"{A}content/{M}properties/{D}OrderedOn")
    assert (ordered_on.get(f"{M}null"), ordered_on.text) == ("true", None)
    reference.ask("POST", "Documents", b"x", {"Content-Type": "image/png", "Slug": "D"})
    document = etree.fromstring(reference.get("Documents('D')", Accept=None).content)
    content = document.find(f"{A}content")
    assert (content.get("type"), content.get("src"), len(content)) == ("image/png", "Documents('D')/$value", 0)
    assert document.findtext(f"{M}properties/{D}DocumentId") == "D"


def test_the_service_document_lists_the_sets_in_both_formats(reference):
    names = reference.read("")["EntitySets"]
    app = "{http://www.w3.org/2007/app}"
    document = etree.fromstring(reference.get("", Accept=None).content)
    collections = document.findall(f"{app}workspace/{app}collection")
    assert [collection.get("href") for collection in collections] == names
    assert names[:3] == ["Samples", "Customers", "Profiles"]
    closed = collections[names.index("LogEntries")]
    assert closed.get("{http://www.sap.com/Protocols/SAPData}creatable") == "false"
    assert closed.findtext("{http://www.sap.com/Protocols/SAPData}member-title") == "LogEntry"
    assert [link.get("rel") for link in document.findall(f"{A}link")] == ["self", "latest-version"]


# Addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [
    "Invoices('1')", "Invoices(ID='1')", "Invoices%28%271%27%29", "Invoices%28ID%3D%271%27%29", "/Invoices('1')/"[1:],
    "Invoices('1')?$format=json", "Invoices('1')?%24format=json", "../ZINVOICE_SRV;v=1/Invoices('1')",
    "../ZINVOICE_SRV;o=LOCAL/Invoices('1')", "../zinvoice_srv/Invoices('1')", "Invoices('1')?unknown=1",
])  # fmt: skip
def test_an_address_is_understood_however_it_is_spelled(booked, address):
    assert booked.get(address).json()["d"]["ID"] == "1"


@pytest.mark.parametrize("query", ["$filter=Value%20ge%20440", "%24filter=Value+ge+440", "$filter=Value ge 440M",
                                   "$filter=substringof('PE',Status)", "$filter=startswith(Status,'OP') eq true",
                                   "$orderby=Value DESC&$top=1", "$skip=0&$top=99999", "$filter=IssuedAt eq null"])  # fmt: skip
def test_a_query_is_understood_however_it_is_encoded(booked, query):
    assert [invoice["ID"] for invoice in booked.read(f"Invoices?{query}")["results"]] == ["1"]


@pytest.mark.parametrize("token", ["x", "W10", "WyJhIiwgImIiXQ", "%FF"])
def test_a_skiptoken_that_nobody_gave_is_refused(booked, token):
    answer = booked.get(f"Invoices?$skiptoken={token}")
    assert (answer.status_code, message(answer)) == (400, "Invalid system query options value")


def test_top_zero_is_no_row(booked):
    assert booked.read("Invoices?$top=0")["results"] == []
