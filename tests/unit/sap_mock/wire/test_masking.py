"""No secret and no person is left in a recording, the same value has the same mask, and the case still makes sense."""

import base64
import json

import pytest

from sap_mock.wire.exchange import Exchange, Request, Response
from sap_mock.wire.lengths import as_placeholders
from sap_mock.wire.masking import Masks


def masked(masks=None, target="/", fields=(), body="", answer=None, answer_fields=()):
    request = Request(method="POST", target=target, fields=tuple(fields), body=body.encode())
    response = None if answer is None else Response(status=200, fields=tuple(answer_fields), body=answer.encode())
    return (masks or Masks()).masked(Exchange(request=request, response=response))


def basic(user, password):
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        ("Authorization", basic("MUSTER", "geheim"), "Basic ***"),
        ("Authorization", "Bearer abc.def", "Bearer ***"),
        ("Authorization", "opaque", "***"),
        ("X-API-Key", "abc", "***"),
        ("X-Auth-Token", "abc", "***"),
        ("SAP-Connectivity-Authentication", "Bearer abc", "Bearer ***"),
        ("Cookie", "sap-usercontext=sap-client=001; SAP_SESSIONID_A4H_001=x%3D", "sap-usercontext=***; SAP_SESSIONID_A4H_001=***"),
        ("X-CSRF-Token", "abc==", "***"),
        ("X-CSRF-Token", "Fetch", "Fetch"),
        ("Content-Type", "application/json", "application/json"),
    ],
)  # fmt: skip
def test_a_secret_of_a_request_is_masked(name, value, left):
    assert masked(fields=[(name, value)]).request.field(name) == left


def test_a_secret_of_an_answer_is_masked():
    exchange = masked(
        answer="", answer_fields=[("set-cookie", "SAP_SESSIONID_A4H_001=x%3D; path=/; HttpOnly"), ("x-csrf-token", "t")]
    )
    assert exchange.response.field("set-cookie") == "SAP_SESSIONID_A4H_001=***; path=/; HttpOnly"
    assert exchange.response.field("x-csrf-token") == "***"


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ('{"Password":"geheim","A":"b"}', '{"Password":"***","A":"b"}'),
        ('{"CreatedByUser" : "MUSTER","By":"MUSTER"}', '{"CreatedByUser" : "PERSON1","By":"PERSON1"}'),
        ("<d:CreatedByUser>MUSTER</d:CreatedByUser>", "<d:CreatedByUser>PERSON1</d:CreatedByUser>"),
        ('{"Note":"ask max.muster@corp.de or MAX.MUSTER@corp.de"}', '{"Note":"ask person1@example.com or person1@example.com"}'),
        ('{"FullName":"O\'Hara","x":"MUSTERMANN"}', '{"FullName":"PERSON1","x":"MUSTERMANN"}'),
        ('{"Clerk":"Erika"}', '{"Clerk":"PERSON1"}'),
        ('{"Amount":"440.00"}', '{"Amount":"440.00"}'),
    ],
)  # fmt: skip
def test_a_person_and_a_secret_in_a_body_are_masked(body, left):
    assert masked(Masks(personal=["Clerk"]), body=body).request.body.decode() == left


@pytest.mark.parametrize(
    ("target", "left"),
    [
        ("/S?$filter=CreatedByUser%20eq%20'MUSTER'&x=1", "/S?$filter=CreatedByUser%20eq%20'PERSON1'&x=1"),
        ("/Users(UserName='MUSTER')", "/Users(UserName='PERSON1')"),
        ("/S?sap-user=MUSTER&sap-password=geheim", "/S?sap-user=***&sap-password=***"),
        ("/S?$filter=Mail%20eq%20'a.b%40corp.de'", "/S?$filter=Mail%20eq%20'person1%40example.com'"),
    ],
)
def test_a_person_in_an_address_is_masked(target, left):
    assert masked(target=target).request.target == left


def test_the_same_value_has_the_same_mask_in_all_exchanges_of_a_recording():
    masks = Masks()
    first = masked(masks, fields=[("Authorization", basic("MUSTER", "x"))], answer='{"d":{"Owner":"MUSTER"}}')
    second = masked(masks, body='{"CreatedBy":"OTHER"}', answer='{"d":{"ChangedBy":"MUSTER","Was":"OTHER"}}')

    assert json.loads(first.response.body) == {"d": {"Owner": "PERSON1"}}
    assert json.loads(second.response.body) == {"d": {"ChangedBy": "PERSON1", "Was": "PERSON2"}}


def test_masking_twice_masks_no_more():
    masks = Masks()
    once = masked(masks, body='{"CreatedBy":"MUSTER","Mail":"a@b.de"}', fields=[("Cookie", "a=b")])
    assert Masks().masked(once) == once


def test_the_lengths_in_a_batch_and_of_a_body_count_what_is_there_now():
    part = 'POST I HTTP/1.1\r\nContent-Length: 22\r\n\r\n{"CreatedBy":"MUSTER"}'
    body = f"--b\r\n\r\n{part}\r\n--b--\r\n"
    request = masked(body=body, fields=[("Content-Length", str(len(body)))]).request

    assert b'Content-Length: 23\r\n\r\n{"CreatedBy":"PERSON1"}' in request.body
    assert b"{length}" in as_placeholders(request.body)
    assert request.field("content-length") == str(len(request.body))


def test_a_host_is_called_by_another_name():
    exchange = masked(
        Masks(hosts=["sap.corp.de:44300"]),
        fields=[("Host", "sap.corp.de:44300")],
        answer='"https://SAP.corp.de:44300/x"',
    )
    assert exchange.request.field("host") == "sap.example.com"
    assert exchange.response.body == b'"https://sap.example.com/x"'


def test_bytes_that_are_no_text_are_left_alone():
    request = Request(method="PUT", target="/", body=b"\xff\x00MUSTER")
    assert Masks().masked(Exchange(request=request)).request.body == request.body
