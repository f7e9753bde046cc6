"""No secret is shown, and what is no secret is left as it was."""

import pytest

from sap_mock.journal import masking

HEADERS = [
    ("authorization", "Basic REVWOkNBTkFSWQ==", "Basic ***"),
    ("Authorization", "CANARY", "***"),
    ("proxy-authorization", "Bearer CANARY", "Bearer ***"),
    ("cookie", "sap-usercontext=CANARY; SAP_SESSIONID_MCK_001=CANARY%3d", "sap-usercontext=***; SAP_SESSIONID_MCK_001=***"),
    ("set-cookie", "SAP_SESSIONID_MCK_001=CANARY; path=/", "SAP_SESSIONID_MCK_001=***; path=/"),
    ("x-csrf-token", "CANARY==", "***"),
    ("x-csrf-token", "Fetch", "Fetch"),
    ("x-csrf-token", "Required", "Required"),
    ("x-api-key", "CANARY", "***"),
    ("x-auth-token", "CANARY", "***"),
    ("sap-connectivity-authentication", "Bearer CANARY", "Bearer ***"),
    ("mysapsso2", "CANARY", "***"),
    ("www-authenticate", 'Basic realm="SAP"', 'Basic realm="SAP"'),
    ("accept", "application/json", "application/json"),
]  # fmt: skip
QUERIES = [
    ("", ""),
    ("sap-password=CANARY&sap-user=x", "sap-password=***&sap-user=x"),
    ("$top=5&Password=CANARY", "$top=5&Password=***"),
    ("access_token=CANARY", "access_token=***"),
    ("$top=5&token=CANARY", "$top=5&token=***"),
    ("$skiptoken=abc&$filter=Key%20eq%20'1'", "$skiptoken=abc&$filter=Key%20eq%20'1'"),
]
BODIES = [
    ('{"ID":"1","Password":"CANARY","Value":"1"}', '{"ID":"1","Password":"***","Value":"1"}'),
    (r'{"api_key" : "CAN\"ARY"}', '{"api_key" : "***"}'),
    ('{"clientSecret":"CANARY', '{"clientSecret":"***'),
    ("<d:Password>CANARY</d:Password><d:ID>1</d:ID>", "<d:Password>***</d:Password><d:ID>1</d:ID>"),
    ('<Pwd m:type="x">CANARY</Pwd>', '<Pwd m:type="x">***</Pwd>'),
    ("GET Invoices HTTP/1.1\r\nCookie: a=CANARY\r\nAccept: */*\r\n", "GET Invoices HTTP/1.1\r\nCookie: ***\r\nAccept: */*\r\n"),
    ('{"accessToken":"CANARY","session_id":"CANARY"}', '{"accessToken":"***","session_id":"***"}'),
    ("sap-user=x&sap-password=CANARY", "sap-user=x&sap-password=***"),
    ("GET Invoices?sap-password=CANARY HTTP/1.1\r\nX-Auth-Token: CANARY\r\n", "GET Invoices?sap-password=*** HTTP/1.1\r\nX-Auth-Token: ***\r\n"),
    ('{"__next":"Invoices?$skiptoken=kept"}', '{"__next":"Invoices?$skiptoken=kept"}'),
    ('{"TokenKey":"kept","ID":"Authorization: kept"}', '{"TokenKey":"kept","ID":"Authorization: kept"}'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "shown"), HEADERS)
def test_a_header_field_that_holds_a_secret_shows_its_name_only(name, value, shown):
    assert masking.headers([(name, value)]) == [(name, shown)]


@pytest.mark.parametrize(("text", "shown"), QUERIES)
def test_a_query_shows_no_password(text, shown):
    assert masking.query(text) == shown


@pytest.mark.parametrize(("text", "shown"), BODIES)
def test_a_body_shows_no_password_and_no_header_of_a_part(text, shown):
    assert masking.body(text) == shown
