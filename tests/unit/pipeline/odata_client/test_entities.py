"""The addresses under which documents are looked up and listed, by key or by filter."""

import pytest

from pipeline.odata_client.entities import EntitySet

INVOICES = EntitySet(name="Invoices", key_property="ID")
ENTRIES = EntitySet(name="JournalEntries", key_property="ExternalID", by_filter=True, items="ToItems")


def test_a_document_is_looked_up_by_its_key():
    assert INVOICES.look("a'b/c") == "Invoices('a%27%27b%2Fc')"


def test_a_document_whose_key_sap_makes_is_looked_up_by_our_own_with_its_items():
    assert ENTRIES.look("fynn:posting:o'b") == (
        "JournalEntries?$filter=ExternalID%20eq%20'fynn%3Aposting%3Ao%27%27b'&$expand=ToItems&$format=json"
    )


def test_everything_is_listed_in_the_order_of_the_key_behind_the_last_one():
    assert INVOICES.page("inv_9") == "Invoices?$filter=ID%20gt%20'inv_9'&$orderby=ID&$top=500&$format=json"


@pytest.mark.parametrize(("after", "beyond"), [("", "gt%20''"), ("k'1", "ge%20'k%27%271'")])
def test_a_key_that_several_entries_may_share_begins_the_next_page_once_more(after, beyond):
    assert ENTRIES.page(after) == (
        f"JournalEntries?$expand=ToItems&$filter=ExternalID%20{beyond}&$orderby=ExternalID&$top=500&$format=json"
    )
