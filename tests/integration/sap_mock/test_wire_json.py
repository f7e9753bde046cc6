"""JSON on the wire: what is read, as strictly as a Gateway reads it, and what is written, byte by byte."""

import json

import pytest

from sap_mock.testing import started_gateway

SEED = (
    b'{"ID":"inv_7UDSYBJPGQU93N7M","Status":"PAID","IssuedAt":"2023-10-12","Value":440,"Currency":"USD",'
    b'"Link":"https://pay.postman.com/invoices/pay?invoice_public_id=inv_7UDSYBJPGQU93N7M"}'
)
JSON = {"Content-Type": "application/json"}

REFUSED = [
    # body, text
    ('{"Value":440}', "Failed to read property 'Value' at offset '9'"),
    ('{"Value":440.5}', "Failed to read property 'Value' at offset '9'"),
    ('{ "Value" : 440 }', "Failed to read property 'Value' at offset '12'"),
    ('{"Value":true}', "Failed to read property 'Value' at offset '9'"),
    ('{"Value":{}}', "Failed to read property 'Value' at offset '9'"),
    ('{"Status":"ü","Value":440}', "Failed to read property 'Value' at offset '23'"),  # bytes, not characters
    ('{"Status":7}', "Failed to read property 'Status' at offset '10'"),
    ('{"IssuedAt":20231012}', "Failed to read property 'IssuedAt' at offset '12'"),
    ('{"IssuedAt":"2023-10-12"}', "Conversion error for property 'IssuedAt' at offset '24'"),
    ('{"IssuedAt":"2021-11-29T00:00:00Z"}', "Conversion error for property 'IssuedAt' at offset '34'"),
    ('{"IssuedAt":"12.10.2023"}', "Conversion error for property 'IssuedAt' at offset '24'"),
    ('{"IssuedAt":"2023-02-30T00:00:00"}', "Conversion error for property 'IssuedAt' at offset '33'"),
    ('{"IssuedAt":""}', "Property 'IssuedAt' at offset '14' has invalid value ''"),
    ('{"Value":""}', "Property 'Value' at offset '11' has invalid value ''"),
    ('{"Value":"1,5"}', "Property 'Value' at offset '14' has invalid value '1,5'"),
    ('{"Value":"440-"}', "Property 'Value' at offset '15' has invalid value '440-'"),
    ('{"Value":"440M"}', "Property 'Value' at offset '15' has invalid value '440M'"),
    ('{"Value":"1.2345"}', "Property 'Value' at offset '17' has invalid value '1.2345'"),
    ('{"Value":"12345678901234"}', "Property 'Value' at offset '25' has invalid value '12345678901234'"),
    ('{"Currency":"DOLLAR"}', "Property 'Currency' at offset '20' has invalid value 'DOLLAR'"),
    ('{"ID":null}', "Property 'ID' at offset '10' has invalid value ''"),
    ('{"d":{"Value":440}}', "Failed to read property 'Value' at offset '14'"),
    ('{"Total":"1"}', "Property 'Total' is invalid"),
    ('{"value":"1"}', "Property 'value' is invalid"),
]  # fmt: skip

TAKEN = [
    # property, token as sent, token as shown
    ("Value", '"440"', '"440.000"'),
    ("Value", '"+440.5"', '"440.500"'),
    ("Value", '"-440.50"', '"-440.500"'),
    ("Value", '"1.5000"', '"1.500"'),
    ("Value", '"9999999999999.999"', '"9999999999999.999"'),
    ("Value", "null", '"0.000"'),
    ("IssuedAt", '"/Date(1697068800000)/"', '"\\/Date(1697068800000)\\/"'),
    ("IssuedAt", '"\\/Date(1697068800000)\\/"', '"\\/Date(1697068800000)\\/"'),
    ("IssuedAt", '"/Date(-1000)/"', '"\\/Date(-1000)\\/"'),
    ("IssuedAt", '"2023-10-12T00:00:00"', '"\\/Date(1697068800000)\\/"'),
    ("IssuedAt", '"2023-10-12T00:00:00.0000000"', '"\\/Date(1697068800000)\\/"'),
    ("IssuedAt", '"2023-10-12T00:00"', '"\\/Date(1697068800000)\\/"'),
    ("IssuedAt", "null", "null"),
    ("Status", '"Größe \\u2713 \\"x\\""', '"Größe ✓ \\"x\\""'),
    ("Status", '"trailing  "', '"trailing"'),
    ("Status", "null", '""'),
]

SHOWN = [
    # property of the reference service, token as sent, token as shown
    ("Flag", "true", "true"),
    ("Flag", '"true"', "true"),
    ("ByteNumber", "255", "255"),
    ("SByteNumber", "-128", "-128"),
    ("Int16Number", '"5"', "5"),
    ("Int32Number", "5", "5"),
    ("Int64Number", '"9007199254740993"', '"9007199254740993"'),
    ("Int64Number", "9007199254740993", '"9007199254740993"'),
    ("DoubleNumber", '"1.1E+02"', '"110.0"'),
    ("DoubleNumber", "1.5", '"1.5"'),
    ("SingleNumber", '"1.5"', '"1.5"'),
    ("Moment", '"2015-02-03T21:07:03.532"', '"\\/Date(1422997623532)\\/"'),
    ("ZonedMoment", '"/Date(1602813708000+0000)/"', '"\\/Date(1602813708000+0000)\\/"'),
    ("ZonedMoment", '"2020-10-16T04:01:48+02:00"', '"\\/Date(1602813708000+0000)\\/"'),
    ("TimeOfDay", '"PT13H00M00S"', '"PT13H00M00S"'),
    ("Identity", '"98BE94F7-0000-1111-2222-333344445555"', '"98be94f7-0000-1111-2222-333344445555"'),
    ("Bytes", '"SGVsbG8="', '"SGVsbG8="'),
]

REFUSED_KINDS = [
    ("Flag", '"X"', "Property 'Flag' at offset '{end}' has invalid value 'X'"),
    ("ByteNumber", "256", "Property 'ByteNumber' at offset '{end}' has invalid value '256'"),
    ("Int32Number", "1.5", "Property 'Int32Number' at offset '{end}' has invalid value '1.5'"),
    ("Int32Number", "true", "Failed to read property 'Int32Number' at offset '{start}'"),
    ("ShortText", '"123456"', "Property 'ShortText' at offset '{end}' has invalid value '123456'"),
    ("RequiredText", "null", "Property 'RequiredText' at offset '{end}' has invalid value ''"),
    ("Identity", '"no guid"', "Property 'Identity' at offset '{end}' has invalid value 'no guid'"),
    ("TimeOfDay", '"13:00"', "Conversion error for property 'TimeOfDay' at offset '{end}'"),
    ("ZonedMoment", '"today"', "Conversion error for property 'ZonedMoment' at offset '{end}'"),
    ("FourBytes", '"SGVsbG8="', "Property 'FourBytes' at offset '{end}' has invalid value 'SGVsbG8='"),
]


def said(answer):
    return answer.json()["error"]["message"]["value"]


@pytest.mark.parametrize(("body", "text"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_property_is_refused_with_the_offset_where_reading_stopped(invoices, body, text):
    answer = invoices.ask("POST", "Invoices", body, JSON)
    assert (answer.status_code, said(answer)) == (400, text)


@pytest.mark.parametrize(("name", "token", "text"), REFUSED_KINDS)
def test_every_type_refuses_what_it_cannot_hold(reference, name, token, text):
    body = f'{{"{name}":{token}}}'
    answer = reference.ask("POST", "Samples", body, JSON)
    assert said(answer) == text.format(start=len(name) + 4, end=len(name) + 4 + len(token))


def test_the_payload_of_the_first_script_is_refused_and_its_first_fault_named(invoices):
    answer = invoices.ask("POST", "Invoices", SEED, JSON)
    assert answer.status_code == 400
    assert said(answer) == "Conversion error for property 'IssuedAt' at offset '68'"
    assert invoices.read("Invoices")["results"] == []


def test_a_lenient_gateway_takes_it_and_warns():
    with started_gateway(["--database", "sqlite://", "--lenient"]) as gateway, gateway.session() as session:
        answer = session.post(f"{gateway.service('ZINVOICE_SRV')}Invoices", data=SEED, headers=JSON, timeout=30)
    message = json.loads(answer.headers["sap-message"])
    created = answer.json()["d"]
    assert (answer.status_code, created["Value"], created["IssuedAt"]) == (201, "440.000", "/Date(1697068800000)/")
    assert message["severity"] == "warning"
    assert "IssuedAt" in message["message"]
    assert "Value" in message["details"][0]["message"]


@pytest.mark.parametrize(("name", "sent", "shown"), TAKEN)
def test_a_value_is_taken_and_shown_in_saps_spelling(invoices, name, sent, shown):
    answer = invoices.ask("POST", "Invoices", f'{{"ID":"1","Currency":"EUR","{name}":{sent}}}', JSON)
    assert answer.status_code == 201, answer.text
    assert f'"{name}":{shown}' in answer.text
    assert f'"{name}":{shown}' in invoices.get("Invoices('1')").text


@pytest.mark.parametrize(("name", "sent", "shown"), SHOWN)
def test_every_type_has_its_json_spelling(reference, name, sent, shown):
    body = f'{{"SampleId":"1","RequiredDay":"/Date(0)/","{name}":{sent}}}'
    answer = reference.ask("POST", "Samples", body, JSON)
    assert answer.status_code == 201, answer.text
    assert f'"{name}":{shown}' in answer.text


def test_what_was_not_sent_is_initial(reference):
    created = reference.create("Samples", SampleId="1", RequiredDay="/Date(0)/")
    assert {name: created[name] for name in ("Text", "Flag", "Int32Number", "Int64Number", "Amount", "Day", "Bytes")} == {
        "Text": "", "Flag": False, "Int32Number": 0, "Int64Number": "0", "Amount": "0.000", "Day": None, "Bytes": "",
    }  # fmt: skip


def test_a_body_under_d_is_taken_too_and_what_ui5_adds_is_ignored(reference):
    order = {"OrderId": "1", "__metadata": {"type": "x", "uri": "y"}, "ToCustomer": {"__deferred": {"uri": "z"}}}
    assert reference.ask("POST", "Orders", {"d": order}).status_code == 201


def test_an_entry_is_compact_and_in_the_order_of_the_model(invoices):
    invoices.create("Invoices", Link="x", Currency="EUR", Value="1", ID="a'b/c")
    uri = f"{invoices.root}Invoices('a''b%2Fc')"
    assert (
        invoices.get("Invoices('a''b%2Fc')").content
        == (
            f'{{"d":{{"__metadata":{{"id":"{uri}","uri":"{uri}","type":"ZINVOICE_SRV.Invoice"}},'
            '"ID":"a\'b/c","Status":"","IssuedAt":null,"Value":"1.000","Currency":"EUR","Link":"x"}}'
        ).encode()
    )


def test_a_feed_counts_in_a_string_before_its_results(invoices):
    assert invoices.get("Invoices?$inlinecount=allpages").content == b'{"d":{"__count":"0","results":[]}}'
    assert invoices.get("Invoices").content == b'{"d":{"results":[]}}'
    for number in range(3):
        invoices.create("Invoices", ID=str(number), Currency="EUR")
    feed = invoices.read("Invoices?$inlinecount=allpages&$top=1")
    assert list(feed) == ["__count", "results"]
    assert (feed["__count"], len(feed["results"])) == ("3", 1)


def test_a_data_provider_that_pages_gives_the_address_of_the_next_page_behind_the_results(talking):
    for number in range(5):
        talking.create("Orders", OrderId=str(number))
    page = talking.read("Orders?$inlinecount=allpages")
    assert list(page) == ["__count", "results", "__next"]
    assert page["__count"] == "5"
    assert page["__next"].startswith(f"{talking.root}Orders?$inlinecount=allpages&$skiptoken=")
    rest = talking.read(page["__next"])
    assert [order["OrderId"] for order in page["results"] + rest["results"]] == list("01234")
    assert "__next" not in rest


def test_navigation_comes_last_and_deferred(reference):
    order = reference.create("Orders", OrderId="1")
    assert list(order)[-3:] == ["ToItems", "ToCustomer", "ToContact"]
    assert order["ToItems"] == {"__deferred": {"uri": f"{reference.root}Orders('1')/ToItems"}}


def test_select_keeps_what_it_names_and_the_metadata(reference):
    reference.create("Orders", OrderId="1", Total="5")
    assert list(reference.read("Orders('1')?$select=Total,OrderId")) == ["__metadata", "OrderId", "Total"]
    assert list(reference.read("Orders('1')?$select=ToItems")) == ["__metadata", "ToItems"]


def test_expand_shows_one_many_and_none_inline(reference):
    reference.create("Customers", CustomerId="C", Name="Ann")
    reference.create("Orders", OrderId="1", CustomerId="C", ToItems=[{"ItemNumber": 1}, {"ItemNumber": 2}])
    order = reference.read("Orders('1')?$expand=ToItems/ToOrder,ToCustomer,ToContact")
    assert [item["ItemNumber"] for item in order["ToItems"]["results"]] == [1, 2]
    assert order["ToItems"]["results"][0]["ToOrder"]["OrderId"] == "1"
    assert order["ToCustomer"]["Name"] == "Ann"
    assert order["ToContact"] is None
    narrow = reference.read("Orders('1')?$expand=ToItems&$select=OrderId,ToItems/ItemNumber")
    assert list(narrow) == ["__metadata", "OrderId", "ToItems"]
    assert list(narrow["ToItems"]["results"][0]) == ["__metadata", "ItemNumber"]
    reference.create("Orders", OrderId="2")
    assert reference.read("Orders('2')?$expand=ToItems")["ToItems"] == {"results": []}


def test_metadata_has_its_members_in_saps_order(reference):
    reference.create("Customers", CustomerId="C", Version=3)
    assert list(reference.read("Customers('C')")["__metadata"]) == ["id", "uri", "type", "etag"]
    reference.ask("POST", "Documents", b"x", {"Content-Type": "image/png", "Slug": "D"})
    metadata = reference.read("Documents('D')")["__metadata"]
    assert list(metadata) == ["id", "uri", "type", "content_type", "media_src", "edit_media"]
    assert (metadata["content_type"], metadata["media_src"]) == ("image/png", f"{reference.root}Documents('D')/$value")


def test_keys_are_printed_unnamed_alone_and_named_together(reference):
    reference.create("Orders", OrderId="1", ToItems=[{"ItemNumber": 7}])
    (item,) = reference.read("Orders('1')/ToItems")["results"]
    assert item["__metadata"]["uri"] == f"{reference.root}OrderItems(OrderId='1',ItemNumber=7)"


def test_addresses_follow_the_host_and_the_path_as_the_caller_wrote_them(invoices):
    invoices.create("Invoices", ID="1", Currency="EUR")
    answer = invoices.get("Invoices('1')", Host="SAP.EXAMPLE.COM:50000")
    assert answer.json()["d"]["__metadata"]["uri"].startswith("http://SAP.EXAMPLE.COM:50000/sap/opu/odata/sap/")
    lower = invoices.root.replace("ZINVOICE_SRV", "zinvoice_srv")
    assert invoices.read(f"{lower}Invoices('1')")["__metadata"]["uri"].startswith(lower)


def test_a_complex_property_is_shown_with_its_type(reference):
    address = reference.create("Customers", CustomerId="C", Address={"City": "Köln"})["Address"]
    assert address == {
        "__metadata": {"type": "REFERENCE_SRV.Address"}, "Street": "", "City": "Köln",
        "Country": {"__metadata": {"type": "REFERENCE_SRV.Country"}, "Code": "", "Population": "0"},
    }  # fmt: skip


def test_a_search_looks_at_every_text_of_a_searchable_set(reference):
    for number, email in (("1", "Anna@Example.com"), ("2", "bert@example.org"), ("3", "")):
        reference.create("Contacts", PartnerId=number, Email=email)

    def emails(options):
        return [contact["Email"] for contact in reference.read(f"Contacts?{options}")["results"]]

    assert emails("search=ANNA") == ["Anna@Example.com"]
    assert emails("search=example&$filter=endswith(Email,'org')") == ["bert@example.org"]
    assert reference.get("Contacts/$count?search=example").text == "2"
    assert emails("search=nobody") == []


def test_a_set_that_is_not_searchable_ignores_search(invoices):
    invoices.create("Invoices", ID="1", Currency="EUR")
    assert len(invoices.read("Invoices?search=nothing")["results"]) == 1
