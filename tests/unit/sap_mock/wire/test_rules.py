"""Each rule takes away what its name says and nothing else; what is normalised already stays as it is."""

import re
from pathlib import Path

import pytest

from sap_mock.wire.exchange import Response
from sap_mock.wire.rules import NAMES, RULES, normalised

ORIGIN = "https://sap.corp:44300"
DATE = ("date", "Tue, 24 Nov 2026 12:02:40 GMT")
TRANSACTION = "0123456789ABCDEF0123456789ABCDEF"

# rule, header fields, body → header fields, body
CASES = [
    ("length", {"content-length": "3"}, "abc", {}, "abc"),
    ("length", {"content-length": "4"}, "abc", {"content-length": "4"}, "abc"),
    ("length", {"content-length": "4"}, "", {}, ""),
    ("connection", {"server": "SAP NetWeaver", "sap-server": "true"}, "", {"sap-server": "true"}, ""),
    ("host", {"location": f"{ORIGIN}/a"}, f"{ORIGIN}1/a", {"location": "http://{host}/a"}, f"{ORIGIN}1/a"),
    ("cookie", {"set-cookie": "SAP_SESSIONID_A4H_001=x%3D; path=/; secure"}, "", {"set-cookie": "SAP_SESSIONID_{sid}_{client}={cookie}; path=/; secure"}, ""),
    ("cookie", {"set-cookie": "sap-usercontext=sap-client=001; path=/"}, "", {"set-cookie": "sap-usercontext={cookie}; path=/"}, ""),
    ("token", {"x-csrf-token": "abc=="}, "", {"x-csrf-token": "{token}"}, ""),
    ("token", {"x-csrf-token": "Required"}, "", {"x-csrf-token": "Required"}, ""),
    ("transaction", {}, f'{{"transactionid":"{TRANSACTION}","timestamp":"20261124120240.1234567"}}', {}, '{"transactionid":"{transaction}","timestamp":"{moment}"}'),
    ("transaction", {}, f"<transactionid>{TRANSACTION}</transactionid>", {}, "<transactionid>{transaction}</transactionid>"),
    ("transaction", {}, '{"transactionid":"none"}', {}, '{"transactionid":"none"}'),
    ("boundary", {"content-type": f"multipart/mixed; boundary={TRANSACTION}0"}, f"--{TRANSACTION}0--", {"content-type": "multipart/mixed; boundary={boundary}0"}, "--{boundary}0--"),
    ("boundary", {"content-type": 'multipart/mixed; boundary="b"'}, "--b\nbb b", {"content-type": 'multipart/mixed; boundary="{other-boundary}"'}, "--{other-boundary}\nbb b"),
    ("measured", {"sap-statistics": "total=3"}, "", {"sap-statistics": "{measured}"}, ""),
    ("etag", {"etag": "W/\"datetime'2026'\""}, r'{"etag":"W/\"1\"","b":"c"}', {"etag": "{etag}"}, '{"etag":"{etag}","b":"c"}'),
    ("etag", {}, '<entry m:etag="W/&quot;1&quot;"/>', {}, '<entry m:etag="{etag}"/>'),
    ("metadata-date", {"last-modified": "Thu, 01 Jan 2026 00:00:00 GMT"}, "sap-metadata-last-modified: Thu\r\n", {"last-modified": "{date}"}, "sap-metadata-last-modified: {date}\r\n"),
    ("moment", dict([DATE]), r'"\/Date(1795521760000)\/" "/Date(1795478400000)/" "/Date(0)/"', dict([DATE]), r'"\/Date({moment})\/" "/Date(1795478400000)/" "/Date(0)/"'),
    ("moment", dict([DATE]), "<u>2026-11-24T12:02:40.123Z</u><d>2026-11-24T00:00:00</d><d>2026-99-24T12:00:00</d>", dict([DATE]), "<u>{moment}</u><d>2026-11-24T00:00:00</d><d>2026-99-24T12:00:00</d>"),
    ("moment", {}, "/Date(1795521760000)/", {}, "/Date(1795521760000)/"),
]  # fmt: skip


def only(name):
    return [other for other in NAMES if other != name]


@pytest.mark.parametrize(("name", "fields", "body", "fields_after", "body_after"), CASES)
def test_a_rule_takes_away_one_thing(name, fields, body, fields_after, body_after):
    before = Response(status=200, fields=tuple(fields.items()), body=body.encode())
    after = Response(status=200, fields=tuple(fields_after.items()), body=body_after.encode())
    assert normalised(before, ORIGIN, only(name)) == after


@pytest.mark.parametrize(("name", "fields", "body"), [case[:3] for case in CASES])
def test_what_is_normalised_stays_as_it_is(name, fields, body):
    once = normalised(Response(status=200, fields=tuple(fields.items()), body=body.encode()), ORIGIN, only(name))
    assert normalised(once, ORIGIN, only(name)) == once


def test_every_rule_has_a_case():
    assert {case[0] for case in CASES} == {rule.name for rule in RULES}


def test_nothing_is_taken_away_with_every_rule_off():
    response = Response(status=200, fields=(("server", "x"), ("etag", "y")), body=b'{"etag":"z"}')
    assert normalised(response, ORIGIN, NAMES) == response


def test_the_page_names_every_rule():
    page = (Path(__file__).parents[4] / "docs" / "record-and-replay.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == NAMES
