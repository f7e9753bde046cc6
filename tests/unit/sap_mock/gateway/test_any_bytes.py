"""Whatever arrives, an answer leaves: SAP's envelope or ICF's plain refusal, never a traceback, never a short dump.

The only 500 that a caller can bring about is SAP's own: an initial date in a property that is not nullable.
"""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

ROOT = "/sap/opu/odata/sap/"
WRITES = ["POST", "PUT", "PATCH", "MERGE", "DELETE"]
METHODS = ["GET", "HEAD", "OPTIONS", "TRACE", *WRITES]
M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"

brief = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
words = st.text(max_size=30)
properties = st.sampled_from(
    ["SampleId", "Text", "ShortText", "RequiredText", "Flag", "ByteNumber", "Int32Number", "Int64Number", "Amount",
     "DoubleNumber", "SingleNumber", "Day", "Moment", "RequiredDay", "ZonedMoment", "TimeOfDay", "Identity", "Bytes",
     "FourBytes", "__metadata", "Nonsense"]
)  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | words
    | st.dates().map(str)
    | st.datetimes().map(lambda moment: moment.isoformat())
    | st.integers().map(lambda ticks: f"/Date({ticks})/")
    | st.decimals(allow_nan=True).map(str)
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3))
paths = st.sampled_from(
    ["Samples", "Samples('a')", "Samples('a')/Amount", "Samples('a')/Amount/$value", "Customers('a')/Address",
     "Customers('a')/Address/City/$value", "Customers('a')/ToOrders", "Customers('a')/$links/ToTags",
     "Orders('a')/ToItems", "Orders('a')/ToItems(OrderId='a',ItemNumber=1)", "Orders('a')/$links/ToContact",
     "OrderItems(OrderId='a',ItemNumber=1)/ToOrder", "Documents('a')/$value", "Documents", "Tags(1L)", "Switches",
     "Employees(guid'00000000-0000-0000-0000-000000000000')", "Add", "Ping", "AllAddresses", "FirstDays",
     "LargestOrder", "Orders('a')/ToItems/$count", "$metadata", "", "$batch", "Samples('a')/$links/ToNothing"]
)  # fmt: skip
options = st.sampled_from(
    ["$filter", "$orderby", "$top", "$skip", "$select", "$expand", "$inlinecount", "$format", "$skiptoken", "$search",
     "sap-language", "sap-client", "Left", "Year", "search"]
)  # fmt: skip
phrases = st.sampled_from(
    ["Amount gt 5M", "Text eq 'a'", "substringof('a',Text)", "(", ")", "not", " and ", "-", "null", "1", "1.5", "'",
     "datetime'2020-01-01T00:00:00'", "guid'1'", "X'0'", "year(Day) eq 1", "Amount div 0 eq 1", "ToItems/OrderId eq 1",
     "Address/City", "Day add 1", "length(Text)", "1e9999D", "99999999999999999999L", "Flag", "ToOrders", ",", "*", "/"]
)  # fmt: skip


def checked(response):
    """The answer, once it is sure that it is one."""
    kind = response.header("content-type") or ""
    assert response.status != 500 or b"has invalid value '00000000'" in response.body, response.body
    if response.status in (401, 403) and b"error" not in response.body[:200]:
        assert kind.startswith(("text/html", "text/plain"))
    elif response.status >= 400:
        if kind.startswith("application/json"):
            error = json.loads(response.body)["error"] if response.body else {"code": "HEAD", "message": {"value": "-"}}
            assert error["code"]
            assert error["message"]["value"]
        else:
            assert kind == "application/xml;charset=utf-8"
            assert not response.body or etree.fromstring(response.body).tag == f"{M}error"
    return response


@brief
@given(method=st.sampled_from(METHODS), path=paths, tail=words, body=st.binary(max_size=200))
def test_any_bytes_as_path_and_body_are_answered(caller, method, path, tail, body):
    checked(caller.ask(method, f"{ROOT}REFERENCE_SRV/{path}{tail}", body=body))


@brief
@given(path=st.text(max_size=60))
def test_any_path_below_the_root_is_answered(caller, path):
    checked(caller.ask("GET", f"/sap/opu/odata/{path}"))


@brief
@given(path=paths, query=st.text(max_size=80))
def test_any_query_is_answered(caller, path, query):
    checked(caller.ask("GET", f"{ROOT}REFERENCE_SRV/{path}", query=query))


@brief
@given(path=paths, pairs=st.lists(st.tuples(options, st.lists(phrases, max_size=5).map("".join) | words), max_size=3))
def test_any_mixture_of_options_is_answered(caller, path, pairs):
    query = "&".join(f"{name}={value}" for name, value in pairs)
    checked(caller.ask("GET", f"{ROOT}REFERENCE_SRV/{path}", query=query))


@brief
@given(
    method=st.sampled_from(METHODS),
    path=paths,
    fields=st.dictionaries(
        st.sampled_from(
            ["accept", "content-type", "if-match", "if-none-match", "x-http-method", "accept-language", "slug",
             "sap-client", "sap-language", "sap-statistics", "requestid", "content-length", "dataserviceversion"]
        ),
        st.text(max_size=30) | st.sampled_from(["*", "application/json", "MERGE", "PUT", 'W/"1"', "application/xml"]),
    ),
)  # fmt: skip
def test_any_header_fields_are_answered(caller, method, path, fields):
    checked(caller.ask(method, f"{ROOT}REFERENCE_SRV/{path}", headers=list(fields.items())))


@brief
@given(cookie=words, token=words, authorization=words, method=st.sampled_from(METHODS))
def test_any_credentials_are_answered(caller, cookie, token, authorization, method):
    caller_fields, caller.admission = caller.admission, []
    try:
        for logon in (authorization, f"Basic {authorization}"):
            fields = [("cookie", f"SAP_SESSIONID_MCK_001={cookie}"), ("x-csrf-token", token), ("authorization", logon)]
            answer = checked(caller.ask(method, f"{ROOT}ZINVOICE_SRV/Invoices", headers=fields))
            assert answer.status == 401
    finally:
        caller.admission = caller_fields


@brief
@given(
    method=st.sampled_from(["POST", "PUT", "PATCH"]),
    path=st.sampled_from(["Samples", "Samples('a')", "Customers", "Orders", "Orders('a')/ToItems", "Samples('a')/Day"]),
    document=st.dictionaries(properties | words, values, max_size=5) | values,
)
def test_any_json_is_answered(caller, method, path, document):
    headers = [("content-type", "application/json")]
    checked(caller.ask(method, f"{ROOT}REFERENCE_SRV/{path}", headers=headers, body=json.dumps(document).encode()))


@brief
@given(name=properties, text=st.text(max_size=20), null=st.booleans())
def test_any_atom_property_is_answered(caller, name, text, null):
    shown = "".join(character for character in text if character.isprintable())
    entry = etree.Element("{http://www.w3.org/2005/Atom}entry")
    content = etree.SubElement(entry, "{http://www.w3.org/2005/Atom}content", type="application/xml")
    members = etree.SubElement(content, f"{M}properties")
    prop = etree.SubElement(members, f"{{http://schemas.microsoft.com/ado/2007/08/dataservices}}{name}")
    prop.text = shown.encode("utf-8", "replace").decode()
    if null:
        prop.set(f"{M}null", "true")
    checked(caller.ask("POST", f"{ROOT}REFERENCE_SRV/Samples", body=etree.tostring(entry)))


lines = st.sampled_from(
    ["--b", "--b--", "--c", "--c--", "", "Content-Type: application/http", "Content-Transfer-Encoding:binary",
     "Content-Type: multipart/mixed; boundary=c", "GET Samples HTTP/1.1", "POST Samples HTTP/1.1", "{}", ":", "x",
     "GET $batch HTTP/1.1", "DELETE Samples('a') HTTP/1.1", "Content-Length: 99999", "Content-Length: -1",
     "Content-ID: 1", "POST $1/ToItems HTTP/1.1", "GET /sap/opu/odata/sap/NONE/X HTTP/1.1", "Content-Type: ;boundary"]
)  # fmt: skip
JOINTS = st.sampled_from(["\r\n", "\n", "\r"])


@brief
@given(parts=st.lists(lines, max_size=14), joint=JOINTS, tail=st.binary(max_size=10))
def test_any_batch_is_answered(caller, parts, joint, tail):
    body = joint.join(parts).encode() + tail
    headers = [("content-type", "multipart/mixed; boundary=b")]
    answer = checked(caller.ask("POST", f"{ROOT}REFERENCE_SRV/$batch", headers=headers, body=body))
    assert answer.status in (202, 400)
    assert b"CX_MGW_TECH_EXCEPTION" not in answer.body.replace(b"Default changeset", b"")


@brief
@given(content_type=st.text(max_size=40) | st.text(max_size=20).map(lambda b: f"multipart/mixed; boundary={b}"))
def test_any_batch_content_type_is_answered(caller, content_type):
    headers = [("content-type", content_type)]
    checked(caller.ask("POST", f"{ROOT}REFERENCE_SRV/$batch", headers=headers, body=b"--b--"))
