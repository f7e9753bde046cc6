"""No secret is shown, and what is no secret is left as it was."""

import pytest

from sap_mock.wire import secrets

HEADERS = [
    ("authorization", "Basic REVWOkNBTkFSWQ==", "Basic ***"),
    ("Authorization", "CANARY", "***"),
    ("proxy-authorization", "Bearer CANARY", "Bearer ***"),
    ("cookie", "sap-usercontext=CANARY; SAP_SESSIONID_MCK_001=CANARY%3d", "sap-usercontext=***; SAP_SESSIONID_MCK_001=***"),
    ("set-cookie", "SAP_SESSIONID_MCK_001=CANARY; path=/", "SAP_SESSIONID_MCK_001=***; path=/"),
    ("cookie", "CANARY; a=CAN=ARY", "***; a=***"),
    ("x-csrf-token", "CANARY==", "***"),
    ("x-csrf-token", "Fetch", "Fetch"),
    ("x-csrf-token", "Required", "Required"),
    ("x-api-key", "CANARY", "***"),
    ("x-auth-token", "CANARY", "***"),
    ("sap-connectivity-authentication", "Bearer CANARY", "Bearer ***"),
    ("mysapsso2", "CANARY", "***"),
    ("x-tokeninfo", "CANARY", "***"),
    ("x-credentialset", "Some CANARY", "Some ***"),
    ("www-authenticate", 'Basic realm="SAP"', 'Basic realm="SAP"'),
    ("accept", "application/json", "application/json"),
    ("referer", "http://x/S?sap-password=CANARY&a=b", "http://x/S?sap-password=***&a=b"),
    ("x-note", "a; token=CANARY; b", "a; token=*** b"),
]  # fmt: skip
QUERIES = [
    ("", ""),
    ("sap-password=CANARY&sap-user=x", "sap-password=***&sap-user=x"),
    ("$top=5&Password=CANARY", "$top=5&Password=***"),
    ("access_token=CANARY", "access_token=***"),
    ("$top=5&token=CANARY", "$top=5&token=***"),
    ("$top=5&%61pikey=CANARY", "$top=5&%61pikey=***"),
    ("p%61ss%77ord=CANARY&a=b", "p%61ss%77ord=***&a=b"),
    ("api%5Fkey=CANARY", "api%5Fkey=***"),
    ("sap%2Dpassword='CANARY", "sap%2Dpassword=***"),
    ("$filter=ID eq '1' and Password eq 'CAN''ARY'", "$filter=ID eq '1' and Password eq '***'"),
    ("$filter=ID%20eq%20'1'%20and%20Pwd%20ne%20%27CANARY%27", "$filter=ID%20eq%20'1'%20and%20Pwd%20ne%20%27***%27"),
    ("$filter=ID%20eq%20'1'%20and%20p%61sswor%64%20eq%20'CANARY'", "$filter=ID%20eq%20'1'%20and%20p%61sswor%64%20eq%20'***'"),
    ("%24skiptoken=abc&!deltatoken='abc'", "%24skiptoken=abc&!deltatoken='abc'"),
    ("$skiptoken=abc&$filter=Key%20eq%20'1'", "$skiptoken=abc&$filter=Key%20eq%20'1'"),
]  # fmt: skip
PATHS = [
    ("/S/Sessions('kept')/Items", "/S/Sessions('kept')/Items"),
    ("/S/Sessions(token='CAN''ARY')/Items", "/S/Sessions(token='***')/Items"),
    ("/S/X(ID='1',Password='CAN,A)RY')", "/S/X(ID='1',Password='***')"),
    ("/S/X(SessionID=guid'CANARY',n=2)", "/S/X(SessionID=guid'***',n=2)"),
    ("/S/X(session_id=4711L,ApiKey=-0.815)/Items", "/S/X(session_id=***,ApiKey=***)/Items"),
    ("/S/X(%74oken='CANARY',p%61sswd=1)", "/S/X(%74oken='***',p%61sswd=***)"),
    ("/S/X%28token%3D%27CANARY%27%29", "/S/X%28token%3D%27***%27%29"),
    ("/S/X(TokenKey='kept',n=1)", "/S/X(TokenKey='kept',n=1)"),
]
BODIES = [
    ('{"ID":"1","Password":"CANARY","Value":"1"}', '{"ID":"1","Password":"***","Value":"1"}'),
    (r'{"api_key" : "CAN\"ARY"}', '{"api_key" : "***"}'),
    ('{"clientSecret":"CANARY', '{"clientSecret":"***'),
    ("<d:Password>CANARY</d:Password><d:ID>1</d:ID>", "<d:Password>***</d:Password><d:ID>1</d:ID>"),
    ('<Pwd m:type="x">CANARY</Pwd>', '<Pwd m:type="x">***</Pwd>'),
    ("GET Invoices HTTP/1.1\r\nCookie: a=CANARY\r\nAccept: */*\r\n", "GET Invoices HTTP/1.1\r\nCookie: a=***\r\nAccept: */*\r\n"),
    ("<d:Password><![CDATA[CAN<ARY]]></d:Password>", "<d:Password>***</d:Password>"),
    ('<m:properties><d:ApiKey m:type="Edm.String">CANARY</d:ApiKey></m:properties>', '<m:properties><d:ApiKey m:type="Edm.String">***</d:ApiKey></m:properties>'),
    ('<x id="1" password="CAN ARY" n="2"/>', '<x id="1" password="***" n="2"/>'),
    ("<x id='1' Pwd = 'CAN ARY' n='2'>kept</x>", "<x id='1' Pwd = '***' n='2'>kept</x>"),
    ('<x d:clientSecret="CANARY">kept</x>', '<x d:clientSecret="***">kept</x>'),
    ('<x\n  token="CANARY"/>', '<x\n  token="***"/>'),
    ('<x password="CAN', '<x password="***'),
    ('<Token/>kept<Password></Password><x secret="" n="kept"/>', '<Token/>kept<Password></Password><x secret="" n="kept"/>'),
    ('<Property Name="Password" MaxLength="40"/><PropertyRef Name="SessionID"/>', '<Property Name="Password" MaxLength="40"/><PropertyRef Name="SessionID"/>'),
    ("GET Invoices?%61pikey=CANARY&a=b HTTP/1.1\r\n", "GET Invoices?%61pikey=***&a=b HTTP/1.1\r\n"),
    ("p%61ssword=CANARY&a=b", "p%61ssword=***&a=b"),
    ("a=b&amp;apikey=CANARY", "a=b&amp;apikey=***"),
    ("GET I?$filter=Password%20eq%20'CANARY' HTTP/1.1", "GET I?$filter=Password%20eq%20'***' HTTP/1.1"),
    ("POST I HTTP/1.1\r\nx-csrf-token: Fetch\r\nAuthorization: Basic CANARY\r\n", "POST I HTTP/1.1\r\nx-csrf-token: Fetch\r\nAuthorization: Basic ***\r\n"),
    ('{"AuthorizationGroup":"kept","TokenType":"kept","PasswordHash":"CANARY"}', '{"AuthorizationGroup":"kept","TokenType":"kept","PasswordHash":"***"}'),
    ('{"accessToken":"CANARY","session_id":"CANARY"}', '{"accessToken":"***","session_id":"***"}'),
    ("sap-user=x&sap-password=CANARY", "sap-user=x&sap-password=***"),
    ("GET Invoices?sap-password=CANARY HTTP/1.1\r\nX-Auth-Token: CANARY\r\n", "GET Invoices?sap-password=*** HTTP/1.1\r\nX-Auth-Token: ***\r\n"),
    ('{"__next":"I?apikey=CANARY&a=b","Password": "CANARY"}', '{"__next":"I?apikey=***&a=b","Password": "***"}'),
    ('{"Note":"token=CANARY,b","Text":"(apikey=CANARY)"}', '{"Note":"token=***","Text":"(apikey=***"}'),
    (r'{"__next":"I?a=b\u0026apikey=CANARY","Text":"a\ntoken=CANARY"}', r'{"__next":"I?a=b\u0026apikey=***","Text":"a\ntoken=***"}'),
    ("GET I HTTP/1.1\r\nX-Tokeninfo: CANARY\r\nAccept: kept\r\n", "GET I HTTP/1.1\r\nX-Tokeninfo: ***\r\nAccept: kept\r\n"),
    ('{"Pwd":4711,"secret" : -8.15E+3,"token":true}', '{"Pwd":"***","secret" : "***","token":"***"}'),
    ('{"Pwd":null,"token":"","apikey":[1],"Price":4711}', '{"Pwd":null,"token":"","apikey":[1],"Price":4711}'),
    ('{"Pwd":47', '{"Pwd":"***"'),
    (r'{"pass\u0077ord":"CANARY","\u0050wd":1,"client\u005Fsecre\u0074":"CANARY"}', r'{"pass\u0077ord":"***","\u0050wd":"***","client\u005Fsecre\u0074":"***"}'),
    (r'{"\u0074\u006f\u006b\u0065\u006e":"CAN\u0041RY","\u006eote":"kept"}', r'{"\u0074\u006f\u006b\u0065\u006e":"***","\u006eote":"kept"}'),
    (r'{"Not\u00":"kept","\u00zz":"kept"}', r'{"Not\u00":"kept","\u00zz":"kept"}'),
    ("$filter=Token eq guid'CANARY' and N eq 1", "$filter=Token eq guid'***' and N eq 1"),
    ('{"__next":"Invoices?$skiptoken=kept"}', '{"__next":"Invoices?$skiptoken=kept"}'),
    ('{"TokenKey":"kept","ID":"Authorization: kept"}', '{"TokenKey":"kept","ID":"Authorization: kept"}'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "shown"), HEADERS)
def test_a_header_field_that_holds_a_secret_shows_its_name_only(name, value, shown):
    assert secrets.headers([(name, value)]) == [(name, shown)]


@pytest.mark.parametrize(("text", "shown"), QUERIES)
def test_an_option_of_an_address_shows_no_secret_however_its_name_is_spelled(text, shown):
    assert secrets.query(text) == shown


@pytest.mark.parametrize(("text", "shown"), PATHS)
def test_a_path_shows_no_key_that_is_named_as_a_secret(text, shown):
    assert secrets.path(text) == shown


@pytest.mark.parametrize(("text", "shown"), BODIES)
def test_a_body_shows_no_secret_of_a_member_an_attribute_an_element_an_option_or_a_header_of_a_part(text, shown):
    assert secrets.text(text) == shown
