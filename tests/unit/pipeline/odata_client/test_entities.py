"""The addresses under which documents are looked up and listed, by key or by filter."""

from pipeline.odata_client.entities import EntitySet

INVOICES = EntitySet(name="Invoices", key_property="ID")
ENTRIES = EntitySet(name="JournalEntries", key_property="ExternalID", by_filter=True, items="ToItems")


def test_a_document_is_looked_up_by_its_key():
    assert INVOICES.look("a'b/c") == "Invoices('a%27%27b%2Fc')"


def test_a_document_whose_key_sap_makes_is_looked_up_by_our_own_with_its_items():
    assert ENTRIES.look("fynn:posting:o'b") == (
        "JournalEntries?$filter=ExternalID%20eq%20'fynn%3Aposting%3Ao%27%27b'&$expand=ToItems&$format=json"
    )


def test_everything_is_listed_in_the_order_of_the_key():
    assert INVOICES.page(500) == "Invoices?$orderby=ID&$top=500&$skip=500&$inlinecount=allpages&$format=json"


def test_of_entries_only_those_that_bear_a_key_are_listed():
    assert ENTRIES.page(0).startswith(
        "JournalEntries?$filter=ExternalID%20ne%20''&$expand=ToItems&$orderby=ExternalID&"
    )
