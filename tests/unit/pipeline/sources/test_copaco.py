"""What only Copaco does: periods instead of pages, a list of addresses, a stream that may break off."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pipeline_stands import Cut

from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.sources.copaco import Copaco, error_text, periods

DAY = date(2027, 1, 15)  # the stands' clock
HEAD = b'<?xml version="1.0"?><InvoiceResponse>'


def invoices(*ids):
    items = b"".join(b"<Invoice><Header><InvoiceID>%s</InvoiceID></Header></Invoice>" % id_.encode() for id_ in ids)
    return HEAD + items + b"</InvoiceResponse>"


class Vendor:
    """Answers every period with the next of its replies, or with the last one."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.asked = []

    def __call__(self, heard):
        parts = urlsplit(heard.path)
        assert (parts.path, heard.headers["accept"]) == ("/v3/invoices", "application/xml")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((query["startDate"], query["endDate"]))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply if isinstance(reply, tuple | Cut) else (200, {"Content-Type": "application/xml"}, reply)


@pytest.fixture
def source_of(answering, clock):
    def start(vendor, since=DAY - timedelta(days=10)):
        return Copaco(base_url=answering(vendor).url + "/v3", api_key="key-CANARY", since=since, clock=clock)

    return start


def ids(pages):
    return [record["Header"]["InvoiceID"] for page in pages for record in page.records]


def test_a_first_run_reads_from_the_day_that_was_set_to_a_year_ahead_in_periods(source_of):
    vendor = Vendor(invoices("a"), invoices("b"))
    assert ids(source_of(vendor, date(2026, 6, 1)).pages()) == ["a", "b"]
    assert vendor.asked == [("2026-06-01", "2027-06-02"), ("2027-06-02", "2028-01-17")]


def test_each_period_moves_the_mark_once_it_was_read_and_not_before(source_of):
    pages = list(source_of(Vendor(invoices("a"), invoices("b")), date(2026, 6, 1)).pages())
    assert [(len(page.records), page.mark) for page in pages] == [
        (1, None),
        (0, "2027-01-16"),
        (1, "2027-01-16"),
        (0, "2027-01-16"),
    ]


def test_a_later_run_begins_a_month_before_the_mark_but_not_before_the_beginning(source_of):
    vendor = Vendor(invoices())
    for day in (date(2015, 1, 1), date(2027, 1, 1)):
        source = source_of(vendor, day)
        list(source.pages({f"invoices of {source.base_url}": "2027-01-10"}))
    assert [start for start, _ in vendor.asked] == ["2026-12-10", "2027-12-11", "2027-01-01", "2028-01-02"]


def test_a_mark_of_another_address_is_worth_nothing(source_of):
    vendor = Vendor(invoices())
    list(source_of(vendor, date(2026, 6, 1)).pages({"invoices of https://sandbox.example/v3": "2027-01-10"}))
    assert vendor.asked[0][0] == "2026-06-01"


def test_no_mark_goes_beyond_tomorrow_however_far_ahead_was_read(source_of):
    assert max(page.mark or "" for page in source_of(Vendor(invoices())).pages()) == "2027-01-16"


def test_a_stream_that_breaks_off_is_read_again_and_what_came_is_not_lost(source_of, clock):
    whole = invoices("a", "b")
    broken = Cut(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(whole) + whole[:-40])
    assert set(ids(source_of(Vendor(broken, whole, invoices())).pages())) == {"a", "b"}
    assert len(clock.slept) == 1


@pytest.mark.parametrize(
    "body", [b"{}", b"", b"<!DOCTYPE x [<!ENTITY a 'b'>]><InvoiceResponse/>", b"<InvoiceResponse><Inv"]
)
def test_what_is_not_the_document_is_told_after_some_tries(source_of, body):
    vendor = Vendor(body)
    with pytest.raises(Unavailable, match="2027-01-05 to 2028-01-06 cannot be read"):
        list(source_of(vendor).pages())
    assert len(vendor.asked) == 4


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body/></html>",
        b"<!DOCTYPE html><html><head><meta charset=utf-8><title>Portal</title></head></html>",
        b"\n<!doctype html><html lang=en><br></html>",
        b"<Invoices/>",
    ],
)
def test_a_web_page_in_place_of_the_document_is_a_wrong_address_and_is_told_at_once(source_of, clock, body):
    vendor = Vendor(body)
    with pytest.raises(Misconfigured, match=r"gives no list of invoices: .*B2S_COPACO_URL"):
        list(source_of(vendor).pages())
    assert len(vendor.asked) == 1


def test_a_refused_address_is_told_apart_from_a_refused_key(source_of):
    with pytest.raises(Misconfigured, match="must be on the allowlist"):
        list(source_of(Vendor((403, {}, b"<Error><Message>Access denied.</Message></Error>"))).pages())
    with pytest.raises(Misconfigured, match="B2S_COPACO_API_KEY"):
        list(source_of(Vendor((401, {}, b"<Error><Message>Access denied.</Message></Error>"))).pages())


def test_what_the_vendor_calls_things_can_be_set(answering, clock):
    server = answering(lambda _: (200, {}, invoices()))
    names = ("Ocp-Key", "from", "until")
    source = Copaco(base_url=server.url, api_key="k", since=DAY, clock=clock, names=names)
    list(source.pages())
    assert server.heard[0].path == "/invoices?from=2027-01-15&until=2028-01-16"
    assert server.heard[0].headers["ocp-key"] == "k"


def test_a_version_that_is_no_more_is_told(source_of):
    with pytest.raises(Misconfigured, match="newer one"):
        list(source_of(Vendor((410, {}, b""))).pages())


def test_large_periods_come_in_pages_of_bounded_size(source_of):
    pages = list(source_of(Vendor(invoices(*map(str, range(1_200))), invoices())).pages())
    assert [len(page.records) for page in pages] == [500, 500, 200, 0, 0]


def test_a_single_customer_is_a_list_and_nothing_of_the_parties_is_kept(source_of):
    body = HEAD + (
        b"<Invoice><Sender><IBAN>NL1</IBAN></Sender><Receiver><Email>a@b</Email></Receiver>"
        b"<Customers><Customer><AccountID/></Customer></Customers></Invoice></InvoiceResponse>"
    )
    pages = list(source_of(Vendor(body)).pages())
    assert pages[0].records == ({"Customers": [{"AccountID": None}]},)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), [(date(2026, 1, 1), date(2026, 1, 1))]),
        (date(2026, 1, 2), date(2026, 1, 1), [(date(2026, 1, 1), date(2026, 1, 1))]),
        (date(2026, 1, 1), date(2026, 2, 1), [(date(2026, 1, 1), date(2026, 2, 1))]),
    ],
)
def test_periods_leave_no_day_out(begin, end, expected):
    assert list(periods(begin, end)) == expected


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"<Error><Message>m</Message></Error>", "m"),
        (b'{"Message":"m"}', "m"),
        (b"<html/>", ""),
        (b"", ""),
        (b"[]", ""),
    ],
)
def test_errors_are_read_in_both_formats(body, text):
    assert error_text(body) == text
