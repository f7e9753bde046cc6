"""What only BILL does: sessions, two lists, marks, customers, and error codes that say more than the status."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.sources.bill import Bill, errors_of

LOGON = {"username": "u", "password": "word-CANARY", "organizationId": "008", "devKey": "key-CANARY"}
ENDED = (401, {}, b'[{"code":"BDC_1109","message":"Session is invalid.  Please log in."}]')
NOTHING = {"results": []}


def ok(document):
    return (200, {}, json.dumps(document).encode())


def invoice(number, time="2026-01-01T00:00:00.000Z", customer="0cu1"):
    return {"id": f"00e{number}", "customerId": customer, "updatedTime": time}


class Vendor:
    """Plays one list for not archived invoices, page by page; the other lists are empty, unless told otherwise."""

    def __init__(self, *pages, archived=NOTHING, memos=NOTHING, archived_memos=NOTHING, customers=None):
        self.pages = list(pages)
        self.others = {
            ("/v3/invoices", "true"): archived,
            ("/v3/credit-memos", "false"): memos,
            ("/v3/credit-memos", "true"): archived_memos,
        }
        self.customers = customers or {}
        self.log_ons = 0
        self.asked = []

    def __call__(self, heard):
        path = urlsplit(heard.path).path
        if path == "/v3/login":
            assert json.loads(heard.body) == LOGON
            self.log_ons += 1
            return ok({"sessionId": f"s{self.log_ons}"})
        if path.startswith("/v3/customers/"):
            self.asked.append(path)
            return self.customers.get(path.rpartition("/")[2], ok({"invoiceCurrency": "EUR"}))
        query = {name: values[0] for name, values in parse_qs(urlsplit(heard.path).query).items()}
        self.asked.append({"path": path, **query})
        if other := self.others.get((path, query["filters"].rpartition(":")[2])):
            return ok(other)
        page = self.pages.pop(0)
        return page if isinstance(page, tuple) else ok(page)

    def lists(self, path="/v3/invoices"):
        return [query for query in self.asked if isinstance(query, dict) and query["path"] == path]


@pytest.fixture
def read(answering, clock):
    def start(vendor, since=None):
        return list(Bill(base_url=answering(vendor).url, logon=LOGON, clock=clock).pages(since or {}))

    return start


def of(stream):
    """As the ledger knows it."""
    return f"{stream} of organization 008"


def ids(pages):
    return [record["id"] for page in pages for record in page.records]


def test_one_log_on_serves_the_whole_run(read):
    vendor = Vendor({"results": [invoice(1)], "nextPage": "a"}, {"results": [invoice(2)]})
    assert ids(read(vendor)) == ["00e1", "00e2"]
    assert vendor.log_ons == 1


def test_an_empty_page_with_a_next_one_is_not_the_end(read):
    assert ids(read(Vendor({"results": [], "nextPage": "a"}, {"results": [invoice(1)]}))) == ["00e1"]


def test_a_customer_whose_id_is_no_text_is_none(read):
    vendor = Vendor({"results": [invoice(1, customer="\ud800")]}, customers={"%3F": (404, {}, b"")})
    assert read(vendor)[0].records[0]["$customer"] is None


@pytest.mark.parametrize("page", [{"results": [], "nextPage": "\ud800"}, {"results": [], "nextPage": "\u20ac"}])
def test_a_page_token_that_no_address_can_carry_is_told(read, page):
    vendor = Vendor(*[page] * 9)
    with pytest.raises(Unavailable):
        read(vendor)


@pytest.mark.parametrize("session", ["\ud800", "€", "a\nb"])
def test_a_session_that_no_header_field_can_carry_is_told(answering, clock, session):
    server = answering(lambda heard: ok({"sessionId": session} if heard.path == "/v3/login" else NOTHING))
    with pytest.raises(Unavailable, match="gave a text that no request can carry"):
        list(Bill(base_url=server.url, logon=LOGON, clock=clock).pages())


def test_archived_invoices_are_asked_for_too(read):
    vendor = Vendor(NOTHING, archived={"results": [{**invoice(9), "archived": True}]})
    assert ids(read(vendor)) == ["00e9"]
    assert [query["filters"] for query in vendor.lists()] == ["archived:eq:false", "archived:eq:true"]


def test_pages_are_as_large_as_allowed_and_in_the_order_of_change(read):
    vendor = Vendor(NOTHING)
    read(vendor)
    assert {(query["max"], query["sort"]) for query in vendor.lists()} == {("100", "updatedTime:asc")}


def test_credit_memos_are_asked_for_too_and_marked_as_such(read):
    vendor = Vendor(NOTHING, memos={"results": [invoice(1)]}, archived_memos={"results": [invoice(2)]})
    pages = [page for page in read(vendor) if page.records]
    assert [(page.stream, page.records[0]["id"], page.records[0]["$kind"]) for page in pages] == [
        (of("credit memos"), "00e1", "credit memo"),
        (of("archived credit memos"), "00e2", "credit memo"),
    ]
    assert [query["filters"] for query in vendor.lists("/v3/credit-memos")] == [
        "archived:eq:false",
        "archived:eq:true",
    ]


class Moving:
    """A list by updatedTime whose tokens are offsets; while it is read, its first record is changed `times` times."""

    def __init__(self, count, size, times):
        self.records = [invoice(number, f"2026-01-01T00:{number:02d}:00.000Z") for number in range(count)]
        self.size = size
        self.times = times

    def __call__(self, heard):
        path, query = urlsplit(heard.path).path, parse_qs(urlsplit(heard.path).query)
        if path == "/v3/login":
            return ok({"sessionId": "s"})
        if path.startswith("/v3/customers/"):
            return ok({"invoiceCurrency": "EUR"})
        filters = query["filters"][0]
        if path != "/v3/invoices" or filters.endswith("true"):
            return ok(NOTHING)
        begin = filters.split('"')[1] if filters.startswith("updatedTime") else ""
        listed = [one for one in self.records if one["updatedTime"] >= begin]
        start = int(query.get("page", ["0"])[0])
        more = {"nextPage": str(start + self.size)} if start + self.size < len(listed) else {}
        told = ok({"results": listed[start : start + self.size], **more})
        if self.times:
            self.times -= 1
            changed = {**self.records.pop(0), "updatedTime": f"2026-01-02T00:{10 - self.times:02d}:00.000Z"}
            self.records.append(changed)
        return told


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_list_that_moves_while_it_is_read_hides_no_record(read, size):
    pages = read(Moving(9, size, times=4))
    told = [(record["id"], record["updatedTime"]) for page in pages for record in page.records]
    assert {id_ for id_, _ in told} == {f"00e{number}" for number in range(9)}
    assert len(told) == len(set(told))
    assert pages[-4].mark == max(time for _, time in told)


def test_many_records_of_one_time_are_followed_by_their_tokens(read):
    time = "2026-01-01T00:00:00.000Z"
    pages = [{"results": [invoice(2 * page, time), invoice(2 * page + 1, time)]} for page in range(3)]
    reading = [{**pages[0], "nextPage": "b"}, {**pages[1], "nextPage": "c"}, pages[2]]
    vendor = Vendor({**pages[0], "nextPage": "a"}, *reading, *reading)
    assert ids(read(vendor)) == [f"00e{number}" for number in range(6)]
    asked = [(query.get("page"), "updatedTime" in query["filters"]) for query in vendor.lists()]
    assert asked[:7] == [(None, False), *[(None, True), ("b", True), ("c", True)] * 2]


class Import(Moving):
    """A list whose records all have one time, of which one that was read is changed after each of these answers."""

    def __init__(self, count, size, changed_after):
        super().__init__(count, size, times=0)
        self.records = [invoice(number) for number in range(count)]
        self.changed_after = changed_after
        self.answers = 0

    def __call__(self, heard):
        told = super().__call__(heard)
        if urlsplit(heard.path).path == "/v3/invoices" and self.records:
            self.answers += 1
            if self.answers in self.changed_after:
                self.records.append({**self.records.pop(0), "updatedTime": f"2026-02-01T00:{self.answers:02d}:00.000Z"})
        return told


@pytest.mark.parametrize("changed_after", [{2}, {3}, {2, 5}, {2, 3, 6}, {4}])
def test_of_many_records_of_one_time_none_is_skipped_however_they_move_while_they_are_read(read, changed_after):
    pages = read(Import(9, 3, changed_after))
    assert set(ids(pages)) == {f"00e{number}" for number in range(9)}


def test_a_list_of_one_time_that_never_holds_still_is_told_and_its_mark_stays_there(answering, clock):
    source = Bill(base_url=answering(Import(60, 3, set(range(2, 100)))).url, logon=LOGON, clock=clock)
    found = []
    with pytest.raises(Unavailable, match="changes each time"):
        found += (page.mark for page in source.pages())
    assert {page for page in found if page} <= {"2026-01-01T00:00:00.000Z"}


def test_a_list_in_no_order_is_followed_by_its_tokens_alone(read):
    times = ["2026-01-03T00:00:00.000Z", "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"]
    first = {"results": [invoice(1, times[0]), invoice(2, times[1])], "nextPage": "a"}
    vendor = Vendor(first, {"results": [invoice(3, times[2])]})
    assert ids(read(vendor)) == ["00e1", "00e2", "00e3"]
    assert vendor.lists()[1]["page"] == "a"


def test_a_time_in_the_future_leaves_the_mark_at_this_hour(read, clock):
    clock.at = 1_767_225_600_000  # 2026-01-01T00:00:00Z
    (page, *_) = read(Vendor({"results": [invoice(1, "2026-01-02T00:00:00.000Z")]}))
    assert page.mark == "2026-01-01T00:00:00.000Z"


def test_a_session_that_ends_in_mid_walk_begins_the_walk_anew_after_one_log_on(read):
    first = {"results": [invoice(1)], "nextPage": "a"}
    vendor = Vendor(first, ENDED, first, {"results": [invoice(2)]})
    assert ids(read(vendor)) == ["00e1", "00e1", "00e2"]
    assert vendor.log_ons == 2
    assert "page" not in vendor.lists()[2]


def paged(*times):
    """A list of one invoice a page, changed at these times."""
    pages = [{"results": [invoice(number, time)], "nextPage": f"{number}"} for number, time in enumerate(times)]
    del pages[-1]["nextPage"]
    return pages


DAYS = [f"2026-01-0{day}T00:00:00.000Z" for day in range(1, 5)]


def test_a_session_is_renewed_as_often_as_each_comes_further(read):
    first, second, third, last = paged(*DAYS)
    vendor = Vendor(ENDED, first, ENDED, second, ENDED, third, ENDED, last)
    assert ids(read(vendor)) == ["00e0", "00e1", "00e2", "00e3"]
    assert vendor.log_ons == 5


def test_without_times_a_session_comes_further_where_it_reads_more_pages_than_any_before(read):
    first, second, third = paged(None, None, None)
    vendor = Vendor(ENDED, first, ENDED, first, second, ENDED, first, second, third)
    assert ids(read(vendor))[-3:] == ["00e0", "00e1", "00e2"]
    assert vendor.log_ons == 4


DATED, UNDATED = paged(DAYS[0], DAYS[1])[0], paged(None, None)[0]
NO_FURTHER = {
    "nothing": [ENDED, ENDED],
    "nothing any more": [ENDED, DATED, ENDED, ENDED],
    "the same page": [UNDATED, ENDED, UNDATED, ENDED],
    "the same time": [DATED, ENDED, DATED, ENDED, DATED, ENDED],
}


@pytest.mark.parametrize("told", NO_FURTHER.values(), ids=NO_FURTHER)
def test_sessions_that_come_no_further_are_given_up(read, told):
    with pytest.raises(Unavailable, match="ends every session"):
        read(Vendor(*told))


def test_a_refused_developer_key_is_no_ended_session(read):
    vendor = Vendor((401, {}, b'[{"code":"BDC_1102","message":"Developer key is invalid."}]'), NOTHING)
    with pytest.raises(Misconfigured, match=r"B2S_BILL_DEV_KEY.*Developer key is invalid"):
        read(vendor)
    assert vendor.log_ons == 1


def test_a_page_token_that_comes_again_ends_the_reading(read):
    with pytest.raises(Unavailable, match="again and again"):
        read(Vendor(*[{"results": [invoice(1)], "nextPage": "a"}] * 5))


def test_an_empty_page_may_lead_to_itself_a_few_times_but_not_for_ever(read):
    empty = {"results": [], "nextPage": "a"}
    whole = {"results": [invoice(1), invoice(2)]}
    vendor = Vendor({"results": [invoice(1)], "nextPage": "a"}, empty, {"results": [invoice(2)]}, whole)
    assert ids(read(vendor)) == ["00e1", "00e2"]
    with pytest.raises(Unavailable, match="again and again"):
        read(Vendor(*[empty] * 5))


def marks(pages):
    return [(page.stream, page.mark) for page in pages]


def test_the_mark_moves_with_each_page_of_a_list_in_order(read):
    pages = read(
        Vendor(
            {"results": [invoice(1, "2026-01-01T00:00:00.000Z")], "nextPage": "a"},
            {"results": [invoice(2, "2026-01-02T00:00:00.000Z")]},
        ),
        {of("invoices"): "2025-12-31T00:00:00.000Z"},
    )
    assert marks(pages) == [
        (of("invoices"), "2026-01-01T00:00:00.000Z"),
        (of("invoices"), "2026-01-02T00:00:00.000Z"),
        (of("archived invoices"), None),
        (of("credit memos"), None),
        (of("archived credit memos"), None),
    ]


def test_the_mark_of_a_list_in_no_order_stays_since_a_token_may_have_skipped_a_record(read):
    days = [f"2026-01-{day:02d}T00:00:00.000Z" for day in range(1, 8)]
    pages = read(
        Vendor(
            {"results": [invoice(1, days[5]), invoice(2, days[1])], "nextPage": "a"},
            {"results": [invoice(3, days[2]), invoice(4, days[3])], "nextPage": "b"},
            {"results": [invoice(5, days[4])]},
        ),
        {of("invoices"): days[0]},
    )
    assert marks(pages)[:3] == [(of("invoices"), mark) for mark in (days[0], days[0], days[0])]


def test_the_overlap_takes_no_mark_back(read):
    before = invoice(1, "2026-01-01T23:58:00.000Z")
    pages = read(
        Vendor({"results": [before], "nextPage": "a"}, {"results": []}), {of("invoices"): "2026-01-02T00:00:00.000Z"}
    )
    assert {page.mark for page in pages if page.stream == of("invoices")} == {"2026-01-02T00:00:00.000Z"}


def test_after_a_new_log_on_the_walk_goes_on_from_what_was_given(read):
    first = {"results": [invoice(1, "2026-01-01T00:00:00.000Z")], "nextPage": "a"}
    vendor = Vendor(first, ENDED, {"results": [invoice(2, "2026-01-02T00:00:00.000Z")]})
    assert ids(read(vendor)) == ["00e1", "00e2"]
    assert vendor.lists()[2]["filters"] == 'updatedTime:gte:"2025-12-31T23:55:00.000Z",archived:eq:false'


def test_a_later_run_asks_from_a_little_before_the_mark_and_keeps_it_when_nothing_came(read):
    vendor = Vendor(NOTHING)
    pages = read(vendor, {of("invoices"): "2026-01-02T00:00:00.000Z"})
    assert vendor.lists()[0]["filters"] == 'updatedTime:gte:"2026-01-01T23:55:00.000Z",archived:eq:false'
    assert vendor.lists()[1]["filters"] == "archived:eq:true"
    assert pages[0].mark == "2026-01-02T00:00:00.000Z"


def test_a_mark_of_another_organization_is_worth_nothing(read):
    vendor = Vendor(NOTHING)
    read(vendor, {"invoices of organization 009": "2026-01-02T00:00:00.000Z"})
    assert vendor.lists()[0]["filters"] == "archived:eq:false"


@pytest.mark.parametrize("time", [None, 5, "yesterday", "2026-01-01"])
def test_a_time_that_cannot_be_compared_moves_no_mark(read, time):
    assert read(Vendor({"results": [invoice(1, time)]}))[0].mark is None


def test_a_customer_is_asked_for_once_and_only_the_currency_is_kept(read):
    customers = {"0cu1": ok({"id": "0cu1", "email": "a@example.com", "invoiceCurrency": "JPY"})}
    vendor = Vendor({"results": [invoice(1), invoice(2)]}, customers=customers)
    pages = read(vendor)
    assert [record["$customer"] for record in pages[0].records] == [{"id": "0cu1", "invoiceCurrency": "JPY"}] * 2
    assert vendor.asked.count("/v3/customers/0cu1") == 1


def test_a_customer_that_is_unknown_or_a_record_without_one_stops_nobody(read):
    unknown = (404, {}, b'[{"message":"not found"}]')
    vendor = Vendor({"results": [invoice(1, customer="0cuX"), {"id": "00e2"}]}, customers={"0cuX": unknown})
    assert [record.get("$customer", "none asked") for record in read(vendor)[0].records] == [None, "none asked"]


@pytest.mark.parametrize(("status", "code"), [(429, "BDC_1322"), (422, "BDC_1322")])
def test_a_limit_is_known_by_its_code_whatever_the_status(read, clock, status, code):
    body = json.dumps([{"code": code, "message": "Max number of ... reached"}]).encode()
    assert read(Vendor((status, {"Retry-After": "4"}, body), NOTHING))
    assert clock.slept == [4000]


@pytest.mark.parametrize("status", [429, 422])
def test_an_hour_that_is_used_up_is_told_and_not_waited_for(read, clock, status):
    hourly = [{"code": "BDC_1144", "message": "Max number of allowed requests per hour reached: 20000."}]
    with pytest.raises(Unavailable, match="per hour reached: 20000"):
        read(Vendor((status, {}, json.dumps(hourly).encode())))
    assert clock.slept == []


def test_log_ons_that_are_used_up_for_this_hour_are_not_asked_for_again(answering, clock):
    hourly = b'[{"code":"BDC_1144","message":"Max number of allowed requests per hour reached: 200."}]'
    server = answering(lambda _: (429, {}, hourly))
    with pytest.raises(Unavailable, match="per hour reached: 200"):
        Bill(base_url=server.url, logon=LOGON, clock=clock).check()
    assert len(server.heard) == 1


def test_a_success_that_holds_bills_own_failure_is_asked_for_again_and_then_told(read, clock):
    body = {"response_status": 1, "response_data": {"error_code": "BDC_1001", "error_message": "System error."}}
    assert ids(read(Vendor(body, {"results": [invoice(1)]}))) == ["00e1"]
    assert len(clock.slept) == 1
    with pytest.raises(Unavailable, match="System error"):
        read(Vendor(*[body] * 4))


def test_a_success_that_holds_a_failure_is_a_failure(read):
    body = {"response_status": 1, "response_message": "Error", "response_data": {"error_message": "m"}}
    with pytest.raises(Misconfigured, match="m"):
        read(Vendor(body))


@pytest.mark.parametrize("body", [{}, {"results": {}}, [1]])
def test_invoices_without_a_list_are_no_bill(read, body):
    with pytest.raises(Misconfigured, match="without a list"):
        read(Vendor(body))


@pytest.mark.parametrize("body", [{}, {"sessionId": ""}, {"sessionId": None}, []])
def test_a_log_on_without_a_session_is_no_bill(answering, clock, body):
    source = Bill(base_url=answering(lambda _: ok(body)).url, logon=LOGON, clock=clock)
    with pytest.raises(Misconfigured, match="no sessionId"):
        source.check()


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ([{"code": "BDC_1101", "message": "m"}, {"message": "n"}], [("BDC_1101", "m"), ("", "n")]),
        ({"message": "m"}, [("", "m")]),
        ({"response_status": 1, "response_data": {"error_code": "c", "error_message": "m"}}, [("c", "m")]),
        ({"response_status": 0, "response_data": {}}, []),
        ({"results": []}, []),
        ([5, {"id": "00e"}], []),
        ("text", []),
    ],
)
def test_errors_are_read_in_every_shape(body, errors):
    assert errors_of(json.dumps(body).encode()) == errors


def test_no_secret_shows(answering, clock):
    source = Bill(base_url=answering(lambda _: ok({})).url, logon=LOGON, clock=clock)
    assert "CANARY" not in repr(source)
