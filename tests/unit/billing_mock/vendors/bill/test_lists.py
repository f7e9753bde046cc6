"""What BILL's lists hold, and how little a page asks of the books."""

from decimal import Decimal

import pytest

from billing_mock.books import Books
from billing_mock.dataset import Dataset
from billing_mock.vendors.bill.desk.lists import Lists
from billing_mock.vendors.bill.desk.members import COLLECTIONS
from billing_mock.vendors.bill.paging import Query
from billing_mock.written import Written

SEED_ID = "00e7UDSYBJPGQU93N7M"
SORTS = ["updatedTime:asc", "updatedTime:desc", "createdTime:asc"]


@pytest.mark.parametrize("size", [300, 3000])
@pytest.mark.parametrize("filters", ["archived:eq:false", 'updatedTime:gte:"2022-05-05",archived:eq:false', ""])
@pytest.mark.parametrize("sort", [*SORTS, ""])
def test_once_the_times_are_known_a_page_makes_its_own_documents_and_no_other(size, filters, sort, drawn):
    books = Books(Dataset(size=size))
    lists = Lists(books, Written(books.touch))
    books.prepare()
    drawn.clear()
    for offset in (0, 20):
        keys, has_more = lists.page("invoices", Query(most=20, offset=offset, sort=sort, filters=filters))
        assert (len(keys), has_more) == (20, True)
        assert len([lists.show("invoices", key) for key in keys]) == 20
        assert drawn == list(keys)
        drawn.clear()


@pytest.mark.parametrize("name", COLLECTIONS)
@pytest.mark.parametrize("sort", SORTS)
def test_what_the_lists_are_ordered_by_is_what_the_records_tell(bill, name, sort):
    field, _, direction = sort.partition(":")
    times = [record[field] for record in bill.walk(f"/{name}", sort=sort, max=100)]
    assert times == sorted(times, reverse=direction == "desc")
    assert len(times) == len(bill.walk(f"/{name}", max=100)) > 0


@pytest.mark.parametrize("sort", SORTS)
def test_what_callers_wrote_and_what_was_changed_is_found_where_it_stands_now(bill, sort):
    listed = bill.walk("/invoices", max=100)
    archived = [record["id"] for record in listed[10:12] if bill.ask("POST", f"/invoices/{record['id']}/archive")]
    made = bill.ask("POST", "/invoices", json={
        "customer": {"id": "0cu01USD000000000001"}, "invoiceLineItems": [{"price": 5, "quantity": 1}],
    }).json["id"]  # fmt: skip
    bill.client.post("/_mock/mutate", json={"source": "bill", "id": SEED_ID, "totalAmount": "441.10"})
    field, _, direction = sort.partition(":")
    now = bill.walk("/invoices", sort=sort, max=100)
    times = [record[field] for record in now]
    assert times == sorted(times, reverse=direction == "desc")
    assert {record["id"] for record in now} == {record["id"] for record in listed} | {made}
    assert next(record for record in now if record["id"] == SEED_ID)["totalAmount"] == Decimal("441.1")
    last = {record["id"] for record in bill.walk("/invoices", sort="updatedTime:desc", max=100)[:4]}
    assert last == {*archived, made, SEED_ID}
    found = [record["id"] for record in bill.walk("/invoices", sort=sort, filters="archived:eq:true", max=100)]
    assert found == [record["id"] for record in now if record["archived"]]
    assert set(archived) <= set(found)


def test_a_place_far_behind_the_end_is_an_empty_page():
    books = Books(Dataset(size=30))
    lists = Lists(books, Written(books.touch))
    keys, has_more = lists.page("invoices", Query(most=20, offset=10**30, sort="", filters=""))
    assert (list(keys), has_more) == ([], False)
