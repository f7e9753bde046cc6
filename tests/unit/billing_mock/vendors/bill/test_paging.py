"""BILL's lists: what may be asked, what is refused, and that no record is lost between pages."""

import base64

import pytest

from billing_mock.vendors.bill.paging import Condition, QueryError, conditions, ordered, query, terms

FIELDS = frozenset({"id", "archived", "customerId", "createdTime", "updatedTime", "dueDate"})
RECORD = {
    "id": "00e1",
    "archived": False,
    "createdTime": "2025-09-01T00:00:00.000Z",
    "dueDate": "2025-12-31",
}


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        ('createdTime:gte:"2025-09-01T00:00:00.000Z",archived:eq:false', True),
        ("createdTime:gte:2025-09-01T00:00:00.000Z", True),  # unquoted is accepted too
        ('createdTime:gt:"2025-09-01T00:00:00.000Z"', False),
        ('createdTime:gte:"2025-09-01T02:00:00+02:00"', True),
        ('createdTime:lt:"2025-09-01T02:00:01+02:00"', True),
        ("createdTime:gte:2025-09-01", True),
        ("createdTime:gt:2025-09-01", False),
        ("createdTime:lte:2025-08-31", False),
        ("archived:eq:true", False),
        ("archived:ne:true", True),
        ('id:in:"00e1,00e2"', True),
        ('id:nin:"00e1,00e2"', False),
        ("id:sw:00e", True),
        ("id:eq:00e2", False),
        ("dueDate:lte:2025-12-31", True),
        ("", True),
    ],
)
def test_a_filter_finds_what_it_says(filters, holds):
    assert all(condition.holds(RECORD) for condition in conditions(filters, FIELDS)) is holds


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ("status:eq:OPEN", "field status is not supported"),
        ("createdTime:like:2025", "operator like is not supported"),
        ("createdTime:sw:2025", "operator sw is not supported"),
        ("archived:gt:true", "operator gt is not supported"),
        ("archived:eq:maybe", "is not a boolean"),
        ("createdTime:gte:2025-09-01T00:00:00.123456", "is not a date or time"),  # no zone, but microseconds
        ("createdTime:gte:yesterday", "is not a date or time"),
        ("createdTime", "cannot be read"),
        ('id:eq:"00e1', "cannot be read"),
    ],
)
def test_a_filter_that_bill_does_not_know_is_refused(filters, told):
    with pytest.raises(QueryError, match=told):
        conditions(filters, FIELDS)


@pytest.mark.parametrize("most", ["0", "101", "-1", "ten", "1.5", "", "\u0661"])
def test_max_is_from_1_to_100(most):
    with pytest.raises(QueryError, match="between 1 and 100"):
        query({"max": most}, most=20, holder=None)


def test_a_token_brings_its_list_along_and_refuses_another():
    first = query({"sort": "createdTime:desc", "filters": "archived:eq:false"}, most=20, holder=None)
    token = first.token(40, "S1")
    again = query({"page": token}, most=20, holder=None)
    assert (again.offset, again.sort, again.filters) == (40, "createdTime:desc", "archived:eq:false")
    with pytest.raises(QueryError, match="another list"):
        query({"page": token, "sort": "createdTime:asc"}, most=20, holder=None)
    with pytest.raises(QueryError, match="expired"):
        query({"page": token}, most=20, holder="S2")


def test_a_token_does_not_tell_the_session(bill):
    token = bill.read("/invoices")["nextPage"]
    assert bill.headers["sessionId"].encode() not in base64.urlsafe_b64decode(token + "===")


@pytest.mark.parametrize("token", ["x", "e30", "W10", "bnVsbA", "eyJvIjoteH0"])
def test_a_made_up_token_is_refused(token):
    with pytest.raises(QueryError, match="token is invalid"):
        query({"page": token}, most=20, holder=None)


def test_records_are_sorted_by_the_first_then_by_the_next():
    rows = [({"id": "b", "dueDate": "1"}, 0), ({"id": "a", "dueDate": "2"}, 1), ({"id": "c", "dueDate": "1"}, 2)]
    assert ordered(rows, terms("dueDate:asc,id:desc", FIELDS)) == [2, 0, 1]
    assert ordered(rows, terms("", FIELDS)) == [0, 1, 2]
    with pytest.raises(QueryError, match="sort: status"):
        terms("status:asc", FIELDS)


def test_a_condition_on_an_absent_member_does_not_hold():
    assert not Condition(field="customerId", op="eq", value="0cu1").holds({})


@pytest.mark.parametrize("most", [1, 7, 20, 100])
def test_a_walk_meets_every_record_once_and_ends(bill_of, most):
    bill = bill_of(invoices=43, bad_records=3)
    ids = [record.get("id") for record in bill.walk("/invoices", max=most) if isinstance(record, dict)]
    assert len(ids) == len(set(ids)) == 46


def test_the_way_back_is_the_way_there(bill):
    first = bill.read("/invoices", max=100)
    second = bill.read("/invoices", max=100, page=first["nextPage"])
    assert "prevPage" not in first
    assert bill.read("/invoices", max=100, page=second["prevPage"])["results"] == first["results"]


def test_a_list_sorted_by_its_last_change_goes_on_from_a_watermark(bill):
    listed = bill.walk("/invoices", sort="updatedTime:asc", max=100)
    times = [record["updatedTime"] for record in listed]
    assert times == sorted(times)
    later = bill.walk("/invoices", sort="updatedTime:asc", filters=f'updatedTime:gte:"{times[100]}"', max=100)
    assert later == listed[times.index(times[100]) :]


@pytest.mark.parametrize("op", ["gte", "gt", "lte", "lt", "eq", "ne"])
@pytest.mark.parametrize("sort", ["updatedTime:asc", "updatedTime", "updatedTime:desc", "createdTime:asc", ""])
def test_a_bound_on_the_time_leaves_the_same_records_in_the_same_order_whatever_the_sort(bill, op, sort):
    everything = bill.walk("/invoices", sort=sort, max=100)
    time = sorted(record["updatedTime"] for record in everything)[100]
    bound = Condition(field="updatedTime", op=op, value=time)
    found = bill.walk("/invoices", sort=sort, max=100, filters=f'updatedTime:{op}:"{time}",archived:eq:false')
    assert found == [record for record in everything if bound.holds(record) and not record["archived"]]


def test_archived_and_other_invoices_are_both_listed_and_can_be_told_apart(bill):
    everything = {record["id"] for record in bill.walk("/invoices", max=100)}
    archived = {record["id"] for record in bill.walk("/invoices", max=100, filters="archived:eq:true")}
    rest = {record["id"] for record in bill.walk("/invoices", max=100, filters="archived:eq:false")}
    assert archived
    assert archived | rest == everything
    assert not archived & rest


def test_archived_invoices_can_be_left_out_of_lists_that_do_not_ask_for_them(bill_of):
    bill = bill_of(invoices=250, bill_lists_archived=False)
    assert {record["archived"] for record in bill.walk("/invoices", max=100)} == {False}
    assert {record["archived"] for record in bill.walk("/invoices", filters="archived:eq:true")} == {True}
    assert bill.walk("/receivable-payments", max=100)
