"""What only Fynn does: pages that are places in a list that moves, and totals to count against."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.sources.fynn import Fynn, error_text


def ok(document):
    return (200, {}, json.dumps(document).encode())


def page(ids, *, total, last):
    data = [{"id": str(one)} if one is not None else "no record" for one in ids]
    return ok({"data": data, "meta": {"pagination": {"totalItems": total, "currentPage": 1, "lastPage": last}}})


class Vendor:
    """Plays pages in the order in which they are asked for."""

    def __init__(self, *pages):
        self.pages = list(pages)
        self.asked = []

    def __call__(self, heard):
        parts = urlsplit(heard.path)
        assert (parts.path, heard.headers["authorization"]) == ("/accounting/postings", "Bearer token-CANARY")
        self.asked.append({name: values[0] for name, values in parse_qs(parts.query).items()})
        return self.pages.pop(0)


@pytest.fixture
def read(answering, clock):
    def start(vendor):
        source = Fynn(base_url=answering(vendor).url, token="token-CANARY", clock=clock)
        return [record["id"] for one in source.pages() for record in one.records if isinstance(record, dict)]

    return start


def test_pages_are_as_large_as_allowed_and_counted_from_one(read):
    vendor = Vendor(page("ab", total=3, last=2), page("c", total=3, last=2))
    assert read(vendor) == ["a", "b", "c"]
    assert vendor.asked == [{"page": "1", "limit": "100"}, {"page": "2", "limit": "100"}]


def test_a_list_that_grows_in_front_is_walked_again_and_loses_nothing(read):
    vendor = Vendor(
        page("ab", total=3, last=2),
        page("bc", total=4, last=2),
        *[page("xa", total=4, last=2), page("bc", total=4, last=2)],
    )
    assert set(read(vendor)) == {"x", "a", "b", "c"}
    assert len(vendor.asked) == 4


def test_a_page_that_repeats_another_one_is_noticed_by_the_count(read):
    whole = [page("ab", total=4, last=2), page("cd", total=4, last=2)]
    assert set(read(Vendor(whole[0], page("ab", total=4, last=2), *whole))) == {"a", "b", "c", "d"}


def test_a_list_that_becomes_shorter_in_mid_walk_is_walked_again(read):
    gone = (404, {}, b"")
    assert set(read(Vendor(page("ab", total=3, last=2), gone, page("ab", total=2, last=1)))) == {"a", "b"}


def test_an_empty_page_ends_a_walk_whatever_the_last_page_is_said_to_be(read):
    assert read(Vendor(page("", total=0, last=0))) == []
    assert read(Vendor(page("a", total=1, last=1_000_000_000), page("", total=1, last=1_000_000_000))) == ["a"]


def test_what_is_counted_but_never_shown_is_told(read):
    with pytest.raises(Unavailable, match="counts 3 postings but shows only 2"):
        read(Vendor(*[page("ab", total=3, last=1)] * 4))


def test_a_list_that_never_rests_is_accepted_once_as_many_were_seen_as_are_counted(read):
    walks = [page(["a", str(number)], total=3, last=1) for number in range(4)]
    assert len(set(read(Vendor(*walks)))) == 5


def test_records_without_an_id_count_by_their_content(read):
    assert read(Vendor(page(["a", None], total=2, last=1))) == ["a"]


@pytest.mark.parametrize("body", [{}, [], {"data": []}, {"data": [], "meta": {"pagination": {"totalItems": "3"}}}])
def test_an_answer_without_its_numbers_is_no_fynn(read, body):
    with pytest.raises(Misconfigured, match=r"meta\.pagination"):
        read(Vendor(ok(body)))


def test_a_missing_permission_is_named(read):
    with pytest.raises(Misconfigured, match="accounting:accounts:read"):
        read(Vendor((403, {}, b'{"title":"An error occurred","detail":"Access Denied."}')))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"title": "t", "detail": "d", "violations": [{"propertyPath": "limit", "message": "m"}]}, "limit: m"),
        ({"title": "t", "detail": "d"}, "d"),
        ({"title": "t"}, "t"),
        ([], ""),
    ],
)
def test_errors_are_read_in_both_shapes(body, text):
    assert error_text(json.dumps(body).encode()) == text
