"""What one server assigned is said in the words of the other, and nothing else is."""

import pytest

from sap_mock.replay.assigned import Assigned
from sap_mock.wire.exchange import Request, Response

POST = Request(method="POST", target="/S/Entries", body=b'{"Text":"5100000001"}')


def created(key, **more):
    fields = (("location", f"http://h/S/Entries({key})"), *more.items())
    return Response(
        status=201, fields=fields, body=f'{{"d":{{"__metadata":{{"uri":"http://h/S/Entries({key})"}}}}}}'.encode()
    )


def learnt(recorded, heard, request=POST):
    assigned = Assigned()
    assigned.learn(request, recorded, heard)
    return assigned


@pytest.mark.parametrize(
    ("recorded", "heard", "said", "anew"),
    [
        ("'1000000001'", "'1000000007'", "/S/Entries('1000000001')/ToItems", "/S/Entries('1000000007')/ToItems"),
        ("'1000000001'", "'1000000007'", "/S/Entries('10000000012')", "/S/Entries('10000000012')"),
        ("Doc='18',Year='2026'", "Doc='21',Year='2026'", "/S/Entries(Doc='18',Year='2026')?$top=18", "/S/Entries(Doc='21',Year='2026')?$top=18"),
        ("12", "34", "/S/Entries(12)/$value?$skip=12", "/S/Entries(34)/$value?$skip=12"),
        ("'5100000001'", "'5100000002'", "/S/Entries('5100000001')", "/S/Entries('5100000001')"),
    ],
)  # fmt: skip
def test_a_key_that_the_server_assigned_is_said_anew(recorded, heard, said, anew):
    request = Request(method="GET", target=said)
    assert learnt(created(recorded), created(heard)).said_anew(request).target == anew


def test_only_what_a_post_brought_forth_is_assigned():
    get = Request(method="GET", target="/S/Entries")
    assert learnt(created("'1000000001'"), created("'1000000007'"), get).known == {}


def test_an_entity_tag_is_said_anew():
    known = learnt(created("'1'", etag='W/"a"'), created("'1'", etag='W/"b"'))
    request = Request(method="MERGE", target="/S/Entries('1')", fields=(("If-Match", 'W/"a"'),))
    assert known.said_anew(request).field("if-match") == 'W/"b"'


def test_two_values_that_changed_places_are_not_mixed_up():
    batch = "location: http://h/S/E('%s')\r\nlocation: http://h/S/E('%s')\r\n"
    pair = [Response(status=202, body=(batch % names).encode()) for names in (("10001", "10002"), ("10002", "10001"))]
    request = Request(method="POST", target="/S/$batch", body=b"GET E('10001')\r\nGET E('10002')")
    assert learnt(*pair).said_anew(request).body == b"GET E('10002')\r\nGET E('10001')"


def test_a_place_to_go_on_from_is_said_anew():
    pages = [
        Response(status=200, body=f'{{"__next":"http://h/S/E?$skiptoken={token}"}}'.encode())
        for token in ("abcdef", "ghijkl")
    ]
    known = learnt(*pages, Request(method="GET", target="/S/E"))
    assert known.said_anew(Request(method="GET", target="/S/E?$skiptoken=abcdef")).target == "/S/E?$skiptoken=ghijkl"
