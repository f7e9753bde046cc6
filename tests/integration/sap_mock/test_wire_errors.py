"""The error catalogue of docs/fidelity.md, row by row: status, code, text; the same in JSON and in XML."""

import base64
import re

import pytest
from lxml import etree

M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
URI = "/IWCOR/CX_DS_URI_SYNTAX_ERROR"
EXPRESSION = "/IWCOR/CX_DS_EXPR_SYNTAX_ERROR"
FACET = "/IWCOR/CX_DS_EDM_FACET_ERROR/005056A509B11ED1BDCCCC5E8168819D"
PROPERTY = "/IWCOR/CX_DS_EP_PROPERTY_ERROR"
SYNTAX = "The Data Services Request could not be understood due to malformed syntax"
RULES = "The URI is violating the construction rules defined in the Data Services specification"
VALUE = "Invalid system query options value"
NOT_ALLOWED = "The specified HTTP method is not allowed for the resource identified by the Data Service Request URI"
JSON = {"Content-Type": "application/json"}

ADDRESSES = [
    # row, address, status, code, text
    ("4", "../ZCUSTOM_SRV/", 403, "/IWFND/MED/170", "No service found for namespace '', name 'ZCUSTOM_SRV', version '0001'"),
    ("4", "../ZINVOICE_SRV;v=2/", 403, "/IWFND/MED/170", "No service found for namespace '', name 'ZINVOICE_SRV', version '0002'"),
    ("4", "../../iwbep/NOTHING/", 403, "/IWFND/MED/170", "No service found for namespace '/IWBEP/', name 'NOTHING', version '0001'"),
    ("10", "Addresses2", 404, "005056A509B11EE1B9A8FEC11C21D78E", "Resource not found for the segment 'Addresses2'."),
    ("10", "Orders('1')/ToNothing", 404, "005056A509B11EE1B9A8FEC11C21D78E", "Resource not found for the segment 'ToNothing'."),
    ("11", "Orders('1')", 404, "/IWBEP/CM_MGW_RT/020", "Resource not found for segment 'Order'"),
    ("27", "$metadata?$format=json", 400, URI, VALUE),
    ("28", "Orders?$top=-1", 400, URI, VALUE),
    ("28", "Orders?$skip=two", 400, URI, VALUE),
    ("28", "Orders?$inlinecount=all", 400, URI, VALUE),
    ("28", "Orders?$format=pdf", 400, URI, VALUE),
    ("29", "Orders('1')?$top=1", 400, "005056A509B11EE1B9A8FEC11C23378E", "System query options '$orderby,$skip,$top,$skiptoken,$inlinecount' are not allowed in the requested URI"),
    ("30", "Orders?$nonsense=1", 400, URI, "'$nonsense' is not a valid system query option"),
    ("31", "Orders?$select=OrderId,", 400, URI, RULES),
    ("32", "Orders(1x)", 400, URI, "Malformed URI literal syntax"),
    ("32", "Orders('12345678901')", 400, URI, "Malformed URI literal syntax"),
    ("32", "OrderItems(OrderId='1',ItemNumber=1.5)", 400, URI, "Malformed URI literal syntax"),
    ("32", "Tags('1')", 400, URI, "Malformed URI literal syntax"),
    ("33", "Orders(Number='1')", 400, URI, "Invalid key name in key predicate. Expected name is 'OrderId'"),
    ("33", "OrderItems('1')", 400, URI, "Invalid key predicate. The quantity of provided keys does not match the expected value"),
    ("34", "Orders?$filter=Color eq 'x'", 400, "005056A509B11EE1B9A8FEA8DE87F78E", "Property Color not found in type Order"),
    ("34", "Orders?$select=Color", 400, "005056A509B11EE1B9A8FEA8DE87F78E", "Property Color not found in type Order"),
    ("34", "Orders?$orderby=Color", 400, "005056A509B11EE1B9A8FEA8DE87F78E", "Property Color not found in type Order"),
    ("35", "Orders?$filter=OrderedOn eq '2020-01-01'", 400, "005056A509B11EE1BB8AF4A65EC3CA20", "Invalid parametertype used at function 'eq' (Position: 11)"),
    ("36", "Orders?$orderby=Total foo", 400, EXPRESSION, "Invalid sortorder foo detected"),
    ("37", "FirstDays", 400, "005056A509B11EE1B9A8FEC11C21578E", "Invalid Function Import Parameter"),
    ("41", "Orders?sap-language=XY", 400, "/IWBEP/CM_MGW_RT/176", "'Language XY not in system'"),
    ("syntax", "Orders?$filter=Total eq", 400, EXPRESSION, "Invalid token detected at position 9"),
    ("function", "Orders?$filter=shout(Currency)", 400, EXPRESSION, "Unknown function 'shout' detected at position 1"),
    ("quote", "Orders('1", 400, "005056A509B11ED1B9BF94F386DD82E6", SYNTAX),
]  # fmt: skip

BODIES = [
    # row, method, address, header fields, body, status, code, text
    ("18", "POST", "Orders", JSON, b'{"Color":"red"}', 400, PROPERTY, "Property 'Color' is invalid"),
    ("19", "POST", "Orders", JSON, b'{"OrderId":"TASK202605260001"}', 400, FACET, "Property 'OrderId' at offset '29' has invalid value 'TASK202605260001'"),
    ("19", "POST", "Samples", JSON, b'{"Int32Number":"67.000"}', 400, FACET, "Property 'Int32Number' at offset '23' has invalid value '67.000'"),
    ("19", "POST", "Orders", JSON, b'{"Total":"1.111.000"}', 400, FACET, "Property 'Total' at offset '20' has invalid value '1.111.000'"),
    ("19", "POST", "Orders", JSON, b'{"OrderedOn":""}', 400, FACET, "Property 'OrderedOn' at offset '15' has invalid value ''"),
    ("20", "POST", "Orders", JSON, b'{"Total":1.5}', 400, PROPERTY, "Failed to read property 'Total' at offset '9'"),
    ("21", "POST", "Orders", JSON, b'{"OrderedOn":"2026-09-07"}', 400, PROPERTY, "Conversion error for property 'OrderedOn' at offset '25'"),
    ("22", "POST", "Orders", JSON, b'{"Total"', 400, "CX_SXML_PARSE_ERROR", "Error while parsing an XML stream"),
    ("22", "POST", "Orders", {}, b'{"OrderId":"1"}', 400, "CX_SXML_PARSE_ERROR", "Error while parsing an XML stream"),
    ("22", "POST", "Orders", {"Content-Type": "application/xml"}, b'{"OrderId":"1"}', 400, "CX_SXML_PARSE_ERROR", "Error while parsing an XML stream"),
    ("23", "POST", "Orders", JSON, b"[1]", 400, "005056A509B11ED1B9BF94F386DD82E6", SYNTAX),
    ("23", "POST", "$batch", {"Content-Type": "multipart/mixed; boundary=b"}, b"no batch", 400, "005056A509B11ED1B9BF94F386DD82E6", SYNTAX),
    ("25", "PUT", "Orders", JSON, b"{}", 405, "005056A509B11ED199D8826D151FC0FE", NOT_ALLOWED),
    ("25", "POST", "Orders('1')", JSON, b"{}", 405, "005056A509B11ED199D8826D151FC0FE", NOT_ALLOWED),
    ("25", "DELETE", "$metadata", {}, None, 405, "005056A509B11ED199D8826D151FC0FE", NOT_ALLOWED),
    ("25", "OPTIONS", "Orders", {}, None, 405, "005056A509B11ED199D8826D151FC0FE", NOT_ALLOWED),
    ("17", "POST", "Orders", {**JSON, "If-Match": "*"}, b'{"OrderId":"1"}', 400, "/IWFND/CM_MGW/537", "eTag handling not supported for http method 'POST'"),
    ("43", "POST", "Orders", JSON, b'{"OrderId":"\\ud800"}', 400, "CONVT_CODEPAGE", "Character set conversion is not possible"),
    ("44", "POST", "Samples", JSON, b'{"SampleId":"1"}', 500, FACET, "Property 'RequiredDay' has invalid value '00000000'"),
    ("46", "POST", "Orders", {"Content-Type": "text/csv"}, b"1;2", 415, "/IWCOR/CX_DS_UNSUPPORTED_MEDIA_TYPE", "The server is refusing to service the request because the entity of the request is in a format not supported by the requested resource for the requested method"),
]  # fmt: skip

REFUSED_ORDERS = [
    # row, ID of the order, status, code, text, codes of the details, whether SAP writes it to its error log
    ("13", "TEXT", 400, "/IWBEP/CM_MGW_RT/022", "Only a text", ["/IWBEP/CX_MGW_BUSI_EXCEPTION"], False),
    ("13", "T100", 400, "ZTALK/003", "Order T100 is closed", ["/IWBEP/CX_MGW_BUSI_EXCEPTION"], False),
    ("13", "CODE", 404, "ROBOT_NOT_FOUND", "Robot not found", ["/IWBEP/CX_MGW_BUSI_EXCEPTION"], False),
    ("13", "CONTAINER", 400, "ZTALK/002", "Order is closed", ["ZTALK/001", "ZTALK/002", "/IWBEP/CX_MGW_BUSI_EXCEPTION"], False),
    ("14", "TECHNICAL", 500, "ZTALK/004", "Update task is down", ["/IWBEP/CX_MGW_TECH_EXCEPTION"], True),
    ("14", "BARE", 500, "/IWBEP/CX_MGW_TECH_EXCEPTION", "An exception was raised", ["/IWBEP/CX_MGW_TECH_EXCEPTION"], True),
    ("9", "DUMP", 500, "/IWBEP/CX_MGW_TECH_EXCEPTION", "An exception was raised", ["/IWBEP/CX_MGW_TECH_EXCEPTION"], True),
]  # fmt: skip


def json_error(answer):
    assert answer.headers["content-type"] == "application/json;charset=utf-8"
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]["value"]


def xml_error(answer):
    assert answer.headers["content-type"] == "application/xml;charset=utf-8"
    root = etree.fromstring(answer.content)
    assert root.tag == f"{M}error"
    return answer.status_code, root.findtext(f"{M}code"), root.findtext(f"{M}message")


@pytest.mark.parametrize(("row", "address", "status", "code", "text"), ADDRESSES, ids=[r[1] for r in ADDRESSES])
def test_an_address_is_refused_as_the_catalogue_says(reference, row, address, status, code, text):
    assert json_error(reference.get(address)) == (status, code, text)
    if "$format=json" not in address:
        assert xml_error(reference.get(address, Accept="application/xml")) == (status, code, text)


@pytest.mark.parametrize(
    ("row", "method", "address", "fields", "body", "status", "code", "text"),
    BODIES,
    ids=[f"{r[1]} {r[2]} {r[0]} {number}" for number, r in enumerate(BODIES)],
)
def test_a_body_is_refused_as_the_catalogue_says(reference, row, method, address, fields, body, status, code, text):
    assert json_error(reference.ask(method, address, body, fields)) == (status, code, text)
    in_xml = reference.ask(method, address, body, {**fields, "Accept": "application/atom+xml"})
    assert xml_error(in_xml) == (status, code, text)


def test_a_refused_body_leaves_nothing_behind(reference):
    for _, method, address, fields, body, *_ in BODIES:
        reference.ask(method, address, body, fields)
    assert reference.read("Orders")["results"] == reference.read("Samples")["results"] == []


@pytest.mark.parametrize(
    ("row", "order_id", "status", "code", "text", "details", "logged"),
    REFUSED_ORDERS,
    ids=[r[1] for r in REFUSED_ORDERS],
)
def test_a_data_providers_exception_is_worded_as_the_catalogue_says(
    talking, row, order_id, status, code, text, details, logged
):
    answer = talking.ask("POST", "Orders", {"OrderId": order_id})
    inner = answer.json()["error"]["innererror"]

    assert json_error(answer) == (status, code, text)
    assert [detail["code"] for detail in inner["errordetails"]] == details
    assert bool(inner["timestamp"]) is bool(inner["Error_Resolution"]["SAP_Transaction"]) is logged
    assert talking.read("Orders")["results"] == []


def test_row_01_no_or_wrong_credentials_are_refused_with_a_page(anonymous, sap_gateway):
    root = sap_gateway.service("ZINVOICE_SRV")
    wrong = base64.b64encode(b"DEVELOPER:wrong").decode()
    for fields in ({}, {"Authorization": f"Basic {wrong}"}, {"Authorization": "Bearer x"}):
        answer = anonymous.get(root, headers={"Accept": "application/json", **fields}, timeout=30)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<title>Logon Error Message</title>" in answer.text


def test_row_02_a_write_without_a_token_is_refused_in_plain_text(invoices):
    answer = invoices.ask("POST", "Invoices", {"ID": "1"}, {"X-CSRF-Token": None})
    assert (answer.status_code, answer.content) == (403, b"CSRF token validation failed")


def test_row_11_the_refusal_names_the_entity_type_and_not_the_set(invoices):
    assert json_error(invoices.get("Invoices('x')"))[2] == "Resource not found for segment 'Invoice'"
    assert json_error(invoices.ask("DELETE", "Invoices('x')"))[:2] == (404, "/IWBEP/CM_MGW_RT/020")
    assert json_error(invoices.ask("PATCH", "Invoices('x')", {"Status": "PAID"}))[:2] == (404, "/IWBEP/CM_MGW_RT/020")
    assert json_error(invoices.ask("PUT", "Invoices('x')", {"Status": "PAID"}))[:2] == (404, "/IWBEP/CM_MGW_RT/020")


def test_row_12_a_method_that_is_not_redefined_is_501_under_its_name_of_sixteen_characters(talking):
    answer = talking.ask("DELETE", "Switches(Area='a',IsActive=true)")
    text = "Method 'SWITCHES_DELETE_ENTITY' not implemented in data provider class"
    assert json_error(answer) == (501, "/IWBEP/CM_MGW_RT/021", text)
    (detail,) = answer.json()["error"]["innererror"]["errordetails"]
    assert detail["code"] == "/IWBEP/CX_MGW_NOT_IMPL_EXC"
    assert "longtext_url" not in detail


def test_row_15_and_16_a_wrong_if_match_is_412_and_a_missing_one_428(reference):
    reference.create("Customers", CustomerId="1", Version=1)
    differs = (412, "/IWBEP/CM_MGW_RT/190", "State of the resource (entity) was already changed (If-Match)")
    required = (428, "/IWBEP/CM_MGW_RT/194", "Precondition required")
    for method, body in (("PUT", {"Version": 2}), ("PATCH", {"Version": 2}), ("DELETE", None)):
        assert json_error(reference.ask(method, "Customers('1')", body, {"If-Match": 'W/"7"'})) == differs
        assert json_error(reference.ask(method, "Customers('1')", body)) == required


def test_row_24_an_address_outside_any_service_is_404(reference_gateway, anonymous):
    anonymous.auth = (reference_gateway.user, reference_gateway.password)
    answer = anonymous.get(
        f"{reference_gateway.url}/sap/opu/odata/", headers={"Accept": "application/json"}, timeout=30
    )
    text = "The server has not found any resource matching the Data Services Request URI"
    assert json_error(answer) == (404, "005056A509B11ED199D8826D151F80FE", text)


def test_row_26_an_accept_that_nothing_meets_is_406(reference):
    code, text = (
        "005056A509B11ED19BEB6513AA349DA5",
        "The resource identified by the request is only capable of generating",
    )
    for address in ("Orders", "", "$metadata"):
        status, found, said = xml_error(reference.get(address, Accept="text/csv"))
        assert (status, found) == (406, code)
        assert said.startswith(text)
    assert json_error(reference.get("$metadata", Accept="application/json"))[:2] == (406, code)


def test_row_38_a_second_operation_in_a_changeset_is_refused_by_default(invoices):
    change = 'Content-Type: application/http\nContent-Transfer-Encoding: binary\n\nPOST Invoices HTTP/1.1\nContent-Type: application/json\nAccept: application/json\n\n{"ID":"%s","Currency":"EUR"}\n'
    body = (
        "--b\nContent-Type: multipart/mixed; boundary=c\n\n"
        + "".join(f"--c\n{change % n}" for n in "12")
        + "--c--\n--b--"
    )
    answer = invoices.batch(body)
    assert answer.status_code == 202
    assert "HTTP/1.1 400 Bad Request" in answer.text
    assert "Default changeset implementation allows only one operation" in answer.text
    assert invoices.read("Invoices")["results"] == []


def test_row_45_a_key_that_exists_is_the_data_providers_own_business(invoices):
    invoices.create("Invoices", ID="1", Currency="EUR")
    answer = invoices.ask("POST", "Invoices", {"ID": "1", "Currency": "EUR"})
    assert json_error(answer) == (400, "ZINVOICE/001", "Invoice 1 already exists")


def test_flags_of_the_model_are_hints_only(reference):
    assert reference.ask("POST", "LogEntries", {"LogId": "1", "Message": "x"}).status_code == 201
    assert len(reference.read("LogEntries?$filter=Message eq 'x'&$orderby=Message")["results"]) == 1


def test_function_imports_of_a_service_without_code_are_not_implemented(reference):
    text = "Method 'EXECUTE_ACTION' not implemented in data provider class"
    assert json_error(reference.get("Ping")) == (501, "/IWBEP/CM_MGW_RT/021", text)


def test_the_json_envelope_has_saps_members_in_saps_order(invoices):
    error = invoices.get("Invoices('x')").json()["error"]
    inner = error["innererror"]

    assert list(error) == ["code", "message", "innererror"]
    assert error["message"] == {"lang": "en", "value": "Resource not found for segment 'Invoice'"}
    assert list(inner) == [
        "application",
        "transactionid",
        "timestamp",
        "Error_Resolution",
        "longtext_url",
        "errordetails",
    ]
    assert inner["application"] == {
        "component_id": "", "service_namespace": "/SAP/", "service_id": "ZINVOICE_SRV", "service_version": "0001",
    }  # fmt: skip
    assert re.fullmatch("[0-9A-F]{32}", inner["transactionid"])
    assert (inner["timestamp"], list(inner["Error_Resolution"])) == ("", ["SAP_Transaction", "SAP_Note"])
    assert inner["longtext_url"].startswith(
        "/sap/opu/odata/iwbep/message_text/T100_longtexts(MSGID='%2FIWBEP%2FCM_MGW_RT',MSGNO='020',MESSAGE_V1='Invoice',MESSAGE_V2=''"
    )
    assert list(inner["errordetails"][0]) == [
        "ContentID", "code", "message", "longtext_url", "propertyref", "severity", "transition", "target",
    ]  # fmt: skip


def test_the_xml_envelope_has_saps_elements_in_saps_order(invoices):
    root = etree.fromstring(invoices.get("Invoices('x')", Accept=None).content)

    def names(path):
        return [etree.QName(child).localname for child in root.find(path)]

    assert names(".") == ["code", "message", "innererror"]
    assert root.find(f"{M}message").get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert names(f"{M}innererror") == [
        "application", "transactionid", "timestamp", "Error_Resolution", "longtext_url", "errordetails",
    ]  # fmt: skip
    assert names(f"{M}innererror/{M}errordetails/{M}errordetail") == [
        "ContentID", "code", "message", "longtext_url", "propertyref", "severity", "target", "transition",
    ]  # fmt: skip


def test_a_logged_error_has_a_timestamp_and_points_to_the_error_log(talking):
    inner = talking.ask("POST", "Orders", {"OrderId": "TECHNICAL"}).json()["error"]["innererror"]
    assert re.fullmatch(r"\d{14}\.\d{7}", inner["timestamp"])
    assert inner["Error_Resolution"]["SAP_Transaction"].startswith("For backend administrators: use ADT feed reader")


def test_an_error_without_details_has_an_empty_list_of_them(reference):
    assert reference.get("Nothing").json()["error"]["innererror"]["errordetails"] == []
    assert b"<errordetails/>" in reference.get("Nothing", Accept=None).content


def test_an_error_before_any_service_was_found_names_none(reference):
    assert "application" not in reference.get("../NOTHING_SRV/").json()["error"]["innererror"]


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("", None, "xml"),
        ("", "*/*", "xml"),
        ("", "application/json;odata=verbose", "json"),
        ("", "text/html,application/xml;q=0.9,application/json;q=0.8", "xml"),
        ("?$format=json", "application/xml", "json"),
        ("?$format=xml", "application/json", "xml"),
        ("?%24format=json", None, "json"),
        ("?$filter=Text eq '$format=json'", None, "xml"),
    ],
)
def test_an_error_speaks_the_format_that_was_asked_for(reference, query, accept, kind):
    answer = reference.get(f"Samples('x'){query}", Accept=accept)
    assert answer.headers["content-type"] == f"application/{kind};charset=utf-8"


def test_a_dump_tells_the_caller_nothing_of_its_cause(talking):
    assert "ZeroDivision" not in talking.ask("POST", "Orders", {"OrderId": "DUMP"}).text
