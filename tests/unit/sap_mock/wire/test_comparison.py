"""What differs is shown with the way that leads to it; what is the same in other words is not shown."""

import pytest

from sap_mock.wire.comparison import Difference, Heard, differences
from sap_mock.wire.exchange import Response
from sap_mock.wire.rules import LAYOUT

BATCH = 'HTTP/1.1 200 OK\r\n\r\n{"d":{"ID":"%s"}}\r\n'


def told(expected, actual, without=()):
    return [
        (one.where, list(one.expected), list(one.actual))
        for one in differences(
            Heard(response=expected, origin="http://a"), Heard(response=actual, origin="http://b:1"), without
        )
    ]


def response(body="", status=200, **fields):
    named = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Response(status=status, fields=named, body=body.encode())


@pytest.mark.parametrize(
    ("expected", "actual", "difference"),
    [
        (response(status=201), response(status=400), ("status", ["201"], ["400"])),
        (response(a="1"), response(), ("field a", ["1"], [])),
        (response('{"d":{"ID":"1","V":1.0}}'), response('{"d":{"ID":"1","V":1.00}}'), ("body", ["d.V = 1.0"], ["d.V = 1.00"])),
        (response('{"a":[{"b":null}]}'), response('{"a":[{"b":[]}]}'), ("body", ["a[0].b = null"], ["a[0].b = []"])),
        (response('{"a":{}}'), response('{"a":true}'), ("body", ["a = {}"], ["a = true"])),
        (response("<a><b x='1'>t</b></a>"), response("<a><b x='2'>t</b></a>"), ("body", ["/a/b/@x = 1"], ["/a/b/@x = 2"])),
        (response("one\ntwo"), response("one\nthree"), ("body", ["two"], ["three"])),
        (response("{no json"), response("{no jso"), ("body", ["{no json"], ["{no jso"])),
        (response(BATCH % 1), response(BATCH % 2), ("body", ['d.ID = "1"'], ['d.ID = "2"'])),
        (response(), None, ("answer", ["200"], ["no answer"])),
        (Response(status=200, cut=True), response(), ("answer", ["cut"], ["whole"])),
    ],
)  # fmt: skip
def test_a_difference_says_where_it_is(expected, actual, difference):
    assert told(expected, actual) == [difference]


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (response('{"a": 1}'), response('{\n "a":1 }')),
        (response("<a xmlns='u'><b/></a>"), response("<?xml version='1.0'?><p:a xmlns:p='u'>\n<p:b></p:b></p:a>")),
        (response(location="http://a/x"), response(location="http://b:1/x")),
        (response(A="1", b="2"), response(B="2", a="1")),
        (None, None),
    ],
)
def test_the_same_in_other_words_is_no_difference(expected, actual):
    assert told(expected, actual) == []


def test_without_layout_bytes_are_compared():
    assert told(response('{"a":1}\r\n'), response('{"a": 1}\n'), [LAYOUT]) == [("body", ['{"a":1}␍'], ['{"a": 1}'])]


def test_the_order_of_members_counts():
    assert told(response('{"a":1,"b":2}'), response('{"b":2,"a":1}'))


def test_a_difference_can_be_kept_in_a_set():
    assert len({Difference(where="status"), Difference(where="status")}) == 1
