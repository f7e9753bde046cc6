"""The query part: system options checked for their form, everything else kept."""

from __future__ import annotations

import pytest

from sap_mock.odata.errors import ODataError
from sap_mock.odata.uri.query_options import NONE, SYSTEM_OPTIONS, QueryOptions, parse

# query → what differs from no options at all
QUERIES = [
    ("", {}),
    ("&&", {}),
    ("$top=5&$skip=10", {"top": 5, "skip": 10, "given": ("$skip", "$top")}),
    ("$top=0", {"top": 0, "given": ("$top",)}),
    ("$top=4294967295", {"top": 4294967295, "given": ("$top",)}),
    ("$inlinecount=allpages", {"inlinecount": True, "given": ("$inlinecount",)}),
    ("$inlinecount=none", {"given": ("$inlinecount",)}),
    ("$filter=A%20eq%20%27x%27", {"filter": "A eq 'x'", "given": ("$filter",)}),
    ("$filter=A+eq+'x'", {"filter": "A eq 'x'", "given": ("$filter",)}),
    ("$filter=A eq 'a%2Bb%26c'", {"filter": "A eq 'a+b&c'", "given": ("$filter",)}),
    ("%24filter=A%20eq%201", {"filter": "A eq 1", "given": ("$filter",)}),
    ("$filter= A eq 1 ", {"filter": "A eq 1", "given": ("$filter",)}),
    ("$filter=A eq 'x=y'", {"filter": "A eq 'x=y'", "given": ("$filter",)}),
    ("$orderby=A desc&$expand=B/C&$select=D", {"orderby": "A desc", "expand": "B/C", "select": "D", "given": ("$orderby", "$expand", "$select")}),
    ("$format=json&$skiptoken=abc", {"format": "json", "skiptoken": "abc", "given": ("$format", "$skiptoken")}),
    ("sap-client=001&search=x&a=1&a=2", {"custom": {"sap-client": "001", "search": "x", "a": "2"}}),
    ("Q='a%20b'", {"custom": {"Q": "'a b'"}}),
    ("name", {"custom": {"name": ""}}),
    ("x=%FF", {"custom": {"x": "\ufffd"}}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_a_query_is_read_into_its_options(query, expected):
    assert parse(query) == QueryOptions(**expected)


def test_no_query_is_no_options():
    assert parse("") is NONE


@pytest.mark.parametrize(("query", "said"), [
    ("$top=-1", "Invalid system query options value"), ("$top=a", "Invalid system query options value"),
    ("$top=", "Invalid system query options value"), ("$top=1.5", "Invalid system query options value"),
    ("$top=99999999999", "Invalid system query options value"), ("$top=\u0663", "Invalid system query options value"),
    ("$skip=-5", "Invalid system query options value"), ("$inlinecount=yes", "Invalid system query options value"),
    ("$inlinecount=", "Invalid system query options value"), ("$search=x", "'$search' is not a valid system query option"),
    ("$count=true", "'$count' is not a valid system query option"), ("$Top=1", "'$Top' is not a valid system query option"),
    ("$=1", "'$' is not a valid system query option"),
    ("$top=1&$top=2", "The URI is violating the construction rules defined in the Data Services specification"),
    ("$top=1&%24top=1", "The URI is violating the construction rules defined in the Data Services specification"),
])  # fmt: skip
def test_a_wrong_option_is_refused(query, said):
    with pytest.raises(ODataError) as refused:
        parse(query)
    assert (refused.value.status, refused.value.text) == (400, said)


def test_every_system_option_is_known():
    values = {"$top": "1", "$skip": "1", "$inlinecount": "none"}
    for name in SYSTEM_OPTIONS:
        assert parse(f"{name}={values.get(name, 'x')}").given == (name,)
