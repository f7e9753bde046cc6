"""What Fynn's list holds while others change it."""

import threading
from decimal import Decimal

import pytest

from billing_mock.books import Books
from billing_mock.dataset import Dataset
from billing_mock.options import Options
from billing_mock.vendors.fynn.accounting.postings import ROOM
from billing_mock.vendors.fynn.paging import Lists, OutdatedError


def test_a_posting_that_is_no_longer_there_is_not_mistaken_for_another():
    books = Books(Dataset(size=3))
    lists = Lists(books, Options())
    [key] = lists.keys({})[1:2]
    assert lists.show([key])
    books.change_total("7UDSYBJPGQU93N7M", Decimal(0))
    with pytest.raises(OutdatedError):
        lists.show([key])
    assert key not in lists.keys({})[:]


def test_a_list_is_counted_once_until_something_changes():
    books = Books(Dataset(size=20))
    lists = Lists(books, Options())
    first = lists.keys({})
    assert lists.keys({}) is first
    for rate in range(12):
        lists.keys({"taxRate": str(rate)})  # more lists than are kept
    assert lists.keys({}) is first
    lists.grow(2)
    assert len(lists.keys({})) == len(first) + 2
    assert {key % ROOM for key in lists.keys({})[:2]} == {16}  # the revenue of a first line


def test_pages_are_whole_while_amounts_change(fynn):
    change = {"source": "fynn", "id": "RE-7UDSYBJPGQU93N7M"}

    def change_often():
        client = fynn.client.application.test_client()
        for total in range(30):
            client.post("/_mock/mutate", json=change | {"totalAmount": total % 2})

    other = threading.Thread(target=change_often)
    other.start()
    for _ in range(15):
        assert len(fynn.read("?limit=100")["data"]) == 100
    other.join()


def test_pages_of_any_size_from_any_place_are_pieces_of_one_list():
    lists = Lists(Books(Dataset(size=40, bad=4)), Options())
    lists.grow(3)
    keys = lists.keys({})
    everything = list(keys[:])
    one_by_one = [key for place in range(len(keys)) for key in keys[place : place + 1]]
    assert one_by_one == everything
    assert len(set(everything)) == len(keys)
    for size in (2, 7, 100):
        assert [key for place in range(0, len(keys), size) for key in keys[place : place + size]] == everything
    assert list(keys[len(keys) :]) == list(keys[len(keys) + 5 : len(keys) + 9]) == []


@pytest.mark.parametrize("size", [300, 3000])
def test_once_counted_a_page_makes_its_own_documents_and_no_other(size, drawn):
    books = Books(Dataset(size=size))
    lists = Lists(books, Options())
    books.prepare()
    drawn.clear()
    keys = lists.keys({})[1000:1100]
    assert len(lists.show(keys)) == 100
    assert set(drawn) == {key // ROOM for key in keys}
